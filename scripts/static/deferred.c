// What libcurl sets up at its start and for every handle, put off until something needs it.
//
// libcurl makes a c-ares channel for each handle: 17 pages of memory, three files and a read of
// /dev/urandom, four times before the first event, and never used where an address is a number,
// as the Runtime API's is. It also sets all of libssl up at its start, also where no event needs
// TLS. scripts/package renames these calls in libcurl's archive, and only there, to the functions
// below: NAME becomes deferred_NAME. A function that libcurl does not call costs nothing.

#include <ares.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/time.h>

// MARK: - c-ares

/// What libcurl takes for a channel. `channel` is made by the first look-up of a name.
struct deferred {
    ares_channel channel;
    struct ares_options options;
    int mask;
};

static struct deferred *of(ares_channel channel) { return (struct deferred *)channel; }

/// Options that own memory are not passed on: libcurl 7 and 8 set a callback and timeouts only.
int deferred_ares_init_options(ares_channel *result, const struct ares_options *options,
                               int mask) {
    struct deferred *deferred = calloc(1, sizeof *deferred);
    if (!deferred) return ARES_ENOMEM;
    if (options) deferred->options = *options;
    deferred->mask = options ? mask : 0;
    *result = (ares_channel)deferred;
    return ARES_SUCCESS;
}

static int set_up(struct deferred *deferred) {
    if (deferred->channel) return ARES_SUCCESS;
    return ares_init_options(&deferred->channel, &deferred->options, deferred->mask);
}

void deferred_ares_destroy(ares_channel channel) {
    struct deferred *deferred = of(channel);
    if (!deferred) return;
    if (deferred->channel) ares_destroy(deferred->channel);
    free(deferred);
}

void deferred_ares_cancel(ares_channel channel) {
    if (of(channel)->channel) ares_cancel(of(channel)->channel);
}

void deferred_ares_getaddrinfo(ares_channel channel, const char *node, const char *service,
                               const struct ares_addrinfo_hints *hints,
                               ares_addrinfo_callback callback, void *context) {
    int status = set_up(of(channel));
    if (status != ARES_SUCCESS) {
        callback(context, status, 0, NULL);
        return;
    }
    ares_getaddrinfo(of(channel)->channel, node, service, hints, callback, context);
}

int deferred_ares_getsock(ares_channel channel, ares_socket_t *sockets, int count) {
    return of(channel)->channel ? ares_getsock(of(channel)->channel, sockets, count) : 0;
}

struct timeval *deferred_ares_timeout(ares_channel channel, struct timeval *most,
                                      struct timeval *result) {
    return of(channel)->channel ? ares_timeout(of(channel)->channel, most, result) : most;
}

void deferred_ares_process_fd(ares_channel channel, ares_socket_t in, ares_socket_t out) {
    if (of(channel)->channel) ares_process_fd(of(channel)->channel, in, out);
}

/// Name servers and addresses of one's own: options of libcurl that nothing here sets.
int deferred_ares_set_servers_ports_csv(ares_channel channel, const char *servers) {
    (void)channel, (void)servers;
    return ARES_ENOTIMP;
}

void deferred_ares_set_local_ip4(ares_channel channel, unsigned int address) {
    (void)channel, (void)address;
}

void deferred_ares_set_local_ip6(ares_channel channel, const unsigned char *address) {
    (void)channel, (void)address;
}

void deferred_ares_set_local_dev(ares_channel channel, const char *device) {
    (void)channel, (void)device;
}

// MARK: - libssl

/// Without a configuration file, as libcurl is built here: what is asked for first decides.
int deferred_OPENSSL_init_ssl(uint64_t flags, const OPENSSL_INIT_SETTINGS *settings) {
    (void)flags, (void)settings;
    return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/// The first function of libssl that a connection calls.
SSL_CTX *deferred_SSL_CTX_new(const SSL_METHOD *method) {
    return OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) ? SSL_CTX_new(method) : NULL;
}
