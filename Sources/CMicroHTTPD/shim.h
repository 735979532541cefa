#ifndef INLET_CMICROHTTPD_SHIM_H
#define INLET_CMICROHTTPD_SHIM_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

typedef void *(*cmicrohttpd_begin)(void *context, const char *target, struct MHD_Connection *);

/// What a daemon calls, all with the same context.
struct cmicrohttpd_callbacks {
    /// Called with the request target as sent; its result is `*state` in the others.
    cmicrohttpd_begin begin;
    MHD_AccessHandlerCallback access;
    MHD_RequestCompletedCallback completed;
    void *context;
};

/// Listens on 127.0.0.1 with a thread per connection and no time limit; NULL when it cannot.
static inline struct MHD_Daemon *cmicrohttpd_start(uint16_t port,
                                                   struct cmicrohttpd_callbacks callbacks) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL
            | MHD_USE_ITC,
        port, NULL, NULL, callbacks.access, callbacks.context,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_CONNECTION_LIMIT, 1000u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)256 * 1024,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_URI_LOG_CALLBACK, callbacks.begin, callbacks.context,
        MHD_OPTION_NOTIFY_COMPLETED, callbacks.completed, callbacks.context,
        MHD_OPTION_END);
}

/// A response of unknown length, made of what `read` gives; `end` frees the context.
static inline struct MHD_Response *cmicrohttpd_stream(size_t block,
                                                      MHD_ContentReaderCallback read,
                                                      MHD_ContentReaderFreeCallback end,
                                                      void *context) {
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, read, context, end);
}

/// The port it listens on, also when it was asked for 0.
static inline uint16_t cmicrohttpd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

/// The port that a connection came in on, 0 when unknown.
static inline uint16_t cmicrohttpd_local_port(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    if (!info || getsockname(info->connect_fd, (struct sockaddr *)&own, &size) != 0) return 0;
    return ntohs(own.sin_port);
}

/// Writes the peer's address as text, empty when unknown.
static inline void cmicrohttpd_peer(struct MHD_Connection *connection, char *text, size_t size) {
    text[0] = 0;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info && info->client_addr && info->client_addr->sa_family == AF_INET) {
        const struct sockaddr_in *peer = (const struct sockaddr_in *)info->client_addr;
        inet_ntop(AF_INET, &peer->sin_addr, text, (socklen_t)size);
    }
}

#endif
