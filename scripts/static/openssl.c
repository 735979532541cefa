// The algorithms of OpenSSL's default provider that TLS 1.2 and 1.3 need as a client, and no others.
//
// libcrypto.a reaches every algorithm it has through the table in its default provider, so that
// linking one links all: 0.25 MB of the zip. scripts/package takes the members that define what is
// defined here out of the archive, and puts this in. A wrong name here does not link; what a
// handshake would miss shows in scripts/test-package, which makes one with each key and cipher.
//
// Source: OpenSSL 3.0, providers/defltprov.c; the functions declared below are its internal ones.

#include <openssl/bio.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <stddef.h>

typedef struct prov_ctx_st Context;
Context *ossl_prov_ctx_new(void);
void ossl_prov_ctx_free(Context *context);
void ossl_prov_ctx_set0_libctx(Context *context, OSSL_LIB_CTX *library);
void ossl_prov_ctx_set0_handle(Context *context, const OSSL_CORE_HANDLE *handle);
void ossl_prov_ctx_set0_core_bio_method(Context *context, BIO_METHOD *method);
BIO_METHOD *ossl_prov_ctx_get0_core_bio_method(Context *context);
BIO_METHOD *ossl_bio_prov_init_bio_method(void);
int ossl_prov_bio_from_dispatch(const OSSL_DISPATCH *functions);
int ossl_prov_seeding_from_dispatch(const OSSL_DISPATCH *functions);
extern OSSL_FUNC_provider_get_capabilities_fn ossl_prov_get_capabilities;

#define FUNCTIONS(name) extern const OSSL_DISPATCH ossl_##name##_functions[]
#define ALGORITHM(names, name) {names, "provider=default", ossl_##name##_functions, NULL}
#define PUBLIC_KEY(names, name)                                                                    \
    {names, "provider=default,fips=yes,input=der,structure=SubjectPublicKeyInfo",                  \
     ossl_SubjectPublicKeyInfo_der_to_##name##_decoder_functions, NULL}
#define END {NULL, NULL, NULL, NULL}

#define RSA_NAMES "RSA:rsaEncryption:1.2.840.113549.1.1.1"
#define RSA_PSS_NAMES "RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10"
#define EC_NAMES "EC:id-ecPublicKey:1.2.840.10045.2.1"
#define X25519_NAMES "X25519:1.3.101.110"

// PostgreSQL's older passwords.
FUNCTIONS(md5);
FUNCTIONS(sha1);
FUNCTIONS(sha224);
FUNCTIONS(sha256);
FUNCTIONS(sha384);
FUNCTIONS(sha512);
static const OSSL_ALGORITHM digests[] = {
    ALGORITHM("MD5:SSL3-MD5:1.2.840.113549.2.5", md5),
    ALGORITHM("SHA1:SHA-1:SSL3-SHA1:1.3.14.3.2.26", sha1),
    ALGORITHM("SHA2-224:SHA-224:SHA224:2.16.840.1.101.3.4.2.4", sha224),
    ALGORITHM("SHA2-256:SHA-256:SHA256:2.16.840.1.101.3.4.2.1", sha256),
    ALGORITHM("SHA2-384:SHA-384:SHA384:2.16.840.1.101.3.4.2.2", sha384),
    ALGORITHM("SHA2-512:SHA-512:SHA512:2.16.840.1.101.3.4.2.3", sha512),
    END,
};

// ECB and CTR are for the random numbers.
FUNCTIONS(aes256gcm);
FUNCTIONS(aes128gcm);
FUNCTIONS(aes256cbc);
FUNCTIONS(aes128cbc);
FUNCTIONS(aes256ctr);
FUNCTIONS(aes256ecb);
FUNCTIONS(chacha20);
FUNCTIONS(chacha20_ossl_poly1305);
static const OSSL_ALGORITHM ciphers[] = {
    ALGORITHM("AES-256-GCM:id-aes256-GCM:2.16.840.1.101.3.4.1.46", aes256gcm),
    ALGORITHM("AES-128-GCM:id-aes128-GCM:2.16.840.1.101.3.4.1.6", aes128gcm),
    ALGORITHM("AES-256-CBC:AES256:2.16.840.1.101.3.4.1.42", aes256cbc),
    ALGORITHM("AES-128-CBC:AES128:2.16.840.1.101.3.4.1.2", aes128cbc),
    ALGORITHM("AES-256-CTR", aes256ctr),
    ALGORITHM("AES-256-ECB:2.16.840.1.101.3.4.1.41", aes256ecb),
    ALGORITHM("ChaCha20", chacha20),
    ALGORITHM("ChaCha20-Poly1305", chacha20_ossl_poly1305),
    END,
};

FUNCTIONS(hmac);
static const OSSL_ALGORITHM macs[] = {ALGORITHM("HMAC", hmac), END};

FUNCTIONS(kdf_hkdf);
FUNCTIONS(kdf_tls1_3_kdf);
FUNCTIONS(kdf_tls1_prf);
static const OSSL_ALGORITHM derivations[] = {
    ALGORITHM("HKDF", kdf_hkdf),
    ALGORITHM("TLS13-KDF", kdf_tls1_3_kdf),
    ALGORITHM("TLS1-PRF", kdf_tls1_prf),
    END,
};

FUNCTIONS(drbg_ctr);
FUNCTIONS(seed_src);
static const OSSL_ALGORITHM randoms[] = {
    ALGORITHM("CTR-DRBG", drbg_ctr), ALGORITHM("SEED-SRC", seed_src), END};

FUNCTIONS(ecdh_keyexch);
FUNCTIONS(x25519_keyexch);
static const OSSL_ALGORITHM exchanges[] = {
    ALGORITHM("ECDH", ecdh_keyexch), ALGORITHM(X25519_NAMES, x25519_keyexch), END};

FUNCTIONS(rsa_signature);
FUNCTIONS(ecdsa_signature);
FUNCTIONS(mac_legacy_hmac_signature);
static const OSSL_ALGORITHM signatures[] = {
    ALGORITHM(RSA_NAMES, rsa_signature),
    ALGORITHM("ECDSA", ecdsa_signature),
    // With its key below, the MAC of TLS 1.2's CBC ciphers.
    ALGORITHM("HMAC", mac_legacy_hmac_signature),
    END,
};

FUNCTIONS(rsa_asym_cipher);
static const OSSL_ALGORITHM encryptions[] = {ALGORITHM(RSA_NAMES, rsa_asym_cipher), END};

FUNCTIONS(rsa_keymgmt);
FUNCTIONS(rsapss_keymgmt);
FUNCTIONS(ec_keymgmt);
FUNCTIONS(x25519_keymgmt);
FUNCTIONS(mac_legacy_keymgmt);
static const OSSL_ALGORITHM keys[] = {
    ALGORITHM(RSA_NAMES, rsa_keymgmt),
    ALGORITHM(RSA_PSS_NAMES, rsapss_keymgmt),
    ALGORITHM(EC_NAMES, ec_keymgmt),
    ALGORITHM(X25519_NAMES, x25519_keymgmt),
    ALGORITHM("HMAC", mac_legacy_keymgmt),
    END,
};

FUNCTIONS(SubjectPublicKeyInfo_der_to_rsa_decoder);
FUNCTIONS(SubjectPublicKeyInfo_der_to_rsapss_decoder);
FUNCTIONS(SubjectPublicKeyInfo_der_to_ec_decoder);
static const OSSL_ALGORITHM decoders[] = {
    PUBLIC_KEY(RSA_NAMES, rsa),
    PUBLIC_KEY(RSA_PSS_NAMES, rsapss),
    PUBLIC_KEY(EC_NAMES, ec),
    END,
};

static const OSSL_ALGORITHM *algorithms(void *context, int operation, int *no_cache) {
    (void)context;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_DIGEST: return digests;
    case OSSL_OP_CIPHER: return ciphers;
    case OSSL_OP_MAC: return macs;
    case OSSL_OP_KDF: return derivations;
    case OSSL_OP_RAND: return randoms;
    case OSSL_OP_KEYMGMT: return keys;
    case OSSL_OP_KEYEXCH: return exchanges;
    case OSSL_OP_SIGNATURE: return signatures;
    case OSSL_OP_ASYM_CIPHER: return encryptions;
    case OSSL_OP_DECODER: return decoders;
    default: return NULL;
    }
}

static void teardown(void *context) {
    BIO_meth_free(ossl_prov_ctx_get0_core_bio_method(context));
    ossl_prov_ctx_free(context);
}

static const OSSL_DISPATCH provider[] = {
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))algorithms},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))ossl_prov_get_capabilities},
    {0, NULL},
};

int ossl_default_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                               const OSSL_DISPATCH **functions, void **context) {
    if (!ossl_prov_bio_from_dispatch(core) || !ossl_prov_seeding_from_dispatch(core)) return 0;
    OSSL_FUNC_core_get_libctx_fn *library = NULL;
    for (; core->function_id != 0; core++) {
        if (core->function_id == OSSL_FUNC_CORE_GET_LIBCTX) {
            library = OSSL_FUNC_core_get_libctx(core);
        }
    }
    if (library == NULL) return 0;
    Context *made = ossl_prov_ctx_new();
    BIO_METHOD *method = ossl_bio_prov_init_bio_method();
    if (made == NULL || method == NULL) {
        ossl_prov_ctx_free(made);
        BIO_meth_free(method);
        return 0;
    }
    ossl_prov_ctx_set0_libctx(made, (OSSL_LIB_CTX *)library(handle));
    ossl_prov_ctx_set0_handle(made, handle);
    ossl_prov_ctx_set0_core_bio_method(made, method);
    *functions = provider;
    *context = made;
    return 1;
}

// The "base" provider holds encoders of keys; nothing loads it.
int ossl_base_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                            const OSSL_DISPATCH **functions, void **context) {
    (void)handle, (void)core, (void)functions, (void)context;
    return 0;
}

// Look-ups by name that are older than providers: certificates' signatures name their digest so.
void openssl_add_all_ciphers_int(void) {}
void openssl_add_all_digests_int(void) {
    EVP_add_digest(EVP_sha1());
    EVP_add_digest(EVP_sha224());
    EVP_add_digest(EVP_sha256());
    EVP_add_digest(EVP_sha384());
    EVP_add_digest(EVP_sha512());
}

// The texts of errors: whoever reads one here gets its number. 1 is success.
int ossl_err_load_crypto_strings(void) { return 1; }
int ossl_err_load_SSL_strings(void) { return 1; }
