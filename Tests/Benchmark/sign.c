// The functions that hash without a look-up by name; OpenSSL 3 calls them old.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sign.h"

#include "sockets.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define SIGNED_HEADERS "content-type;host;x-amz-date;x-amz-security-token"

enum { hash_size = SHA256_DIGEST_LENGTH, hex_size = 2 * hash_size + 1, block_size = SHA256_CBLOCK };

/// What does not change from one request to the next.
static struct {
    const char *key_id, *secret, *token, *region;
    char host[32];
    /// `20260105T100000Z`
    char moment[17];
    char date[9];
    char scope[128];
} signer;

/// A key of HMAC, after its first block of each hash.
static struct keyed {
    SHA256_CTX inner, outer;
} signing_key;

static struct keyed keyed(const void *key, size_t count) {
    unsigned char inner[block_size] = {0}, outer[block_size];
    memcpy(inner, key, count);
    for (int place = 0; place < block_size; place++) {
        outer[place] = inner[place] ^ 0x5C;
        inner[place] ^= 0x36;
    }
    struct keyed made;
    SHA256_Init(&made.inner);
    SHA256_Update(&made.inner, inner, block_size);
    SHA256_Init(&made.outer);
    SHA256_Update(&made.outer, outer, block_size);
    return made;
}

static void authenticate(struct keyed key, const char *text, unsigned char out[hash_size]) {
    SHA256_Update(&key.inner, text, strlen(text));
    SHA256_Final(out, &key.inner);
    SHA256_Update(&key.outer, out, hash_size);
    SHA256_Final(out, &key.outer);
}

static void write_hex(const unsigned char hash[hash_size], char out[hex_size]) {
    static const char digits[] = "0123456789abcdef";
    for (int place = 0; place < hash_size; place++) {
        out[2 * place] = digits[hash[place] >> 4];
        out[2 * place + 1] = digits[hash[place] & 15];
    }
    out[hex_size - 1] = 0;
}

static void hash_hex(const void *bytes, size_t count, char out[hex_size]) {
    unsigned char hash[hash_size];
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, count);
    SHA256_Final(hash, &context);
    write_hex(hash, out);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) fail(name);
    return value;
}

void prepare_signing(unsigned port) {
    signer.key_id = setting("AWS_ACCESS_KEY_ID");
    signer.secret = setting("AWS_SECRET_ACCESS_KEY");
    signer.token = setting("AWS_SESSION_TOKEN");
    signer.region = setting("AWS_REGION");
    if (strlen(signer.token) > head_capacity / 4) fail("a session token that is too long");
    snprintf(signer.host, sizeof signer.host, "127.0.0.1:%u", port);
}

/// The key for a day: the secret, then date, region, service and a last word.
static void derive_key(void) {
    char first[block_size];
    int count = snprintf(first, sizeof first, "AWS4%s", signer.secret);
    if (count >= block_size) fail("a secret that is too long");
    const char *const steps[] = {signer.date, signer.region, "sns", "aws4_request"};
    struct keyed key = keyed(first, (size_t)count);
    for (int step = 0; step < 4; step++) {
        unsigned char derived[hash_size];
        authenticate(key, steps[step], derived);
        key = keyed(derived, hash_size);
    }
    signing_key = key;
}

void sign_at(time_t seconds) {
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(signer.moment, sizeof signer.moment, "%Y%m%dT%H%M%SZ", &parts);
    if (!memcmp(signer.date, signer.moment, 8)) return;
    memcpy(signer.date, signer.moment, 8);
    snprintf(signer.scope, sizeof signer.scope, "%s/%s/sns/aws4_request", signer.date,
             signer.region);
    derive_key();
}

static void signature(struct slice body, char out[hex_size]) {
    char body_hash[hex_size], request_hash[hex_size];
    hash_hex(body.bytes, body.count, body_hash);
    char request[head_capacity];
    int count = snprintf(request, sizeof request,
                         "POST\n/\n\ncontent-type:" CONTENT_TYPE "\nhost:%s\nx-amz-date:%s\n"
                         "x-amz-security-token:%s\n\n" SIGNED_HEADERS "\n%s",
                         signer.host, signer.moment, signer.token, body_hash);
    hash_hex(request, (size_t)count, request_hash);
    char text[512];
    snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", signer.moment, signer.scope,
             request_hash);
    unsigned char mac[hash_size];
    authenticate(signing_key, text, mac);
    write_hex(mac, out);
}

size_t signed_head(struct slice body, struct slice trace, char head[head_capacity]) {
    char hex[hex_size];
    signature(body, hex);
    int count = snprintf(head, head_capacity,
                         "POST / HTTP/1.1\r\nHost: %s\r\nUser-Agent: inlet\r\nAccept: */*\r\n"
                         "Content-Type: " CONTENT_TYPE "\r\nX-Amz-Date: %s\r\n"
                         "X-Amz-Security-Token: %s\r\n"
                         "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, "
                         "SignedHeaders=" SIGNED_HEADERS ", Signature=%s\r\n"
                         "X-Amzn-Trace-Id: %.*s\r\nContent-Length: %zu\r\n\r\n",
                         signer.host, signer.moment, signer.token, signer.key_id, signer.scope,
                         hex, (int)trace.count, trace.bytes, body.count);
    if (count >= head_capacity) fail("a head that is too long");
    return (size_t)count;
}
