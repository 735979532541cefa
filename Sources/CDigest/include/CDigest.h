#ifndef INLET_CDIGEST_H
#define INLET_CDIGEST_H

#include <stddef.h>

/// Hashes and HMACs of whole messages, by OpenSSL's libcrypto.
///
/// Each writes the digest's bytes, 32 of SHA-256, 20 of SHA-1 and 64 of SHA-512, and returns 1; 0
/// when libcrypto fails.
int cdigest_sha256(const void *bytes, size_t count, unsigned char *digest);
int cdigest_sha1(const void *bytes, size_t count, unsigned char *digest);

int cdigest_hmac_sha256(const void *key, size_t key_count, const void *message, size_t count,
                        unsigned char *code);
int cdigest_hmac_sha1(const void *key, size_t key_count, const void *message, size_t count,
                      unsigned char *code);
int cdigest_hmac_sha512(const void *key, size_t key_count, const void *message, size_t count,
                        unsigned char *code);

#endif
