#ifndef INLET_COPENSSL_SHIM_H
#define INLET_COPENSSL_SHIM_H

// The one-call digests below resolve to libcrypto's own assembly without a provider look-up, which
// costs more than hashing a small message. Their streaming forms are marked deprecated in 3.0.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static inline int copenssl_sha256(const void *bytes, size_t count, unsigned char *digest) {
    SHA256_CTX context;
    return SHA256_Init(&context) && SHA256_Update(&context, bytes, count)
        && SHA256_Final(digest, &context);
}

static inline int copenssl_sha1(const void *bytes, size_t count, unsigned char *digest) {
    SHA_CTX context;
    return SHA1_Init(&context) && SHA1_Update(&context, bytes, count)
        && SHA1_Final(digest, &context);
}

#endif
