// These functions resolve to libcrypto's own assembly without a provider look-up, which costs more
// than hashing a small message. Their streaming forms are marked deprecated in 3.0.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "CDigest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

int cdigest_sha256(const void *bytes, size_t count, unsigned char *digest) {
    SHA256_CTX context;
    return SHA256_Init(&context) && SHA256_Update(&context, bytes, count)
        && SHA256_Final(digest, &context);
}

int cdigest_sha1(const void *bytes, size_t count, unsigned char *digest) {
    SHA_CTX context;
    return SHA1_Init(&context) && SHA1_Update(&context, bytes, count)
        && SHA1_Final(digest, &context);
}

// HMAC by RFC 2104, with the block and the digest of each hash in bytes.
#define DIGEST_HMAC(name, CONTEXT, INIT, UPDATE, FINAL, BLOCK, LENGTH)                           \
    int name(const void *key, size_t key_count, const void *message, size_t count,  \
                           unsigned char *code) {                                                  \
        unsigned char pad[BLOCK] = {0};                                                            \
        unsigned char inner[LENGTH];                                                               \
        CONTEXT context;                                                                           \
        int done = 1;                                                                              \
        if (key_count > sizeof pad) {                                                              \
            done = INIT(&context) && UPDATE(&context, key, key_count) && FINAL(pad, &context);     \
        } else if (key_count > 0) {                                                                \
            memcpy(pad, key, key_count);                                                           \
        }                                                                                          \
        for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36;                                    \
        done = done && INIT(&context) && UPDATE(&context, pad, sizeof pad)                         \
            && UPDATE(&context, message, count) && FINAL(inner, &context);                         \
        for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36 ^ 0x5c;                             \
        done = done && INIT(&context) && UPDATE(&context, pad, sizeof pad)                         \
            && UPDATE(&context, inner, sizeof inner) && FINAL(code, &context);                     \
        OPENSSL_cleanse(pad, sizeof pad);                                                          \
        OPENSSL_cleanse(&context, sizeof context);                                                 \
        return done;                                                                               \
    }

DIGEST_HMAC(cdigest_hmac_sha256, SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final, 64, 32)
DIGEST_HMAC(cdigest_hmac_sha1, SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final, 64, 20)
DIGEST_HMAC(cdigest_hmac_sha512, SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final, 128, 64)
