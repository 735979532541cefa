/// The least that any program can do for an event: the same network calls, with prepared bytes.
///
///     limit PREPARED
///
/// PREPARED holds messages, each as a length of 32 bits and its bytes: first the reply to every
/// event, then the requests to SNS that every event makes, all written before any is read, over a
/// connection each that is kept.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { maximum_requests = 64, buffer_size = 1 << 20, id_length = 36 };

static char buffer[buffer_size];

static void fail(const char *what) {
    perror(what);
    _exit(1);
}

static uint16_t port(const char *name) {
    const char *value = getenv(name);
    const char *colon = value ? strrchr(value, ':') : NULL;
    if (!colon) fail(name);
    return (uint16_t)atoi(colon + 1);
}

static int connected(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) fail("connect");
    return descriptor;
}

static void write_all(int descriptor, const char *bytes, size_t count) {
    while (count) {
        ssize_t sent = write(descriptor, bytes, count);
        if (sent < 0) fail("write");
        bytes += sent;
        count -= (size_t)sent;
    }
}

/// Reads one response into the buffer.
static void read_response(int descriptor) {
    size_t count = 0, needed = 0;
    while (!needed || count < needed) {
        ssize_t got = read(descriptor, buffer + count, sizeof buffer - count);
        if (got <= 0) _exit(0);
        count += (size_t)got;
        if (needed) continue;
        char *end = memmem(buffer, count, "\r\n\r\n", 4);
        if (!end) continue;
        char *length = memmem(buffer, (size_t)(end - buffer), "Content-Length: ", 16);
        needed = (size_t)(end - buffer) + 4 + (length ? (size_t)atoll(length + 16) : 0);
        if (needed > sizeof buffer) fail("a response is too long");
    }
}

/// As Inlet does it, unless it is told not to: SIGTERM then comes before SIGKILL.
static void register_extension(uint16_t runtime) {
    static const char call[] =
        "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Lambda-Extension-Name: limit\r\nContent-Length: 13\r\n\r\n{\"events\":[]}";
    static const char wait[] = "GET /2020-01-01/extension/event/next HTTP/1.1\r\n"
                               "Host: 127.0.0.1\r\nLambda-Extension-Identifier: 1\r\n\r\n";
    int descriptor = connected(runtime);
    write_all(descriptor, call, sizeof call - 1);
    read_response(descriptor);
    write_all(descriptor, wait, sizeof wait - 1);
}

int main(int count, char **arguments) {
    static const char next[] =
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    if (count != 2) return 2;
    const char *shutdown = getenv("INLET_GRACEFUL_SHUTDOWN");
    uint16_t runtime_port = port("AWS_LAMBDA_RUNTIME_API");
    uint16_t sns_port = port("AWS_ENDPOINT_URL_SNS");
    if (!shutdown || strcmp(shutdown, "off")) register_extension(runtime_port);
    int runtime = connected(runtime_port);
    write_all(runtime, next, sizeof next - 1);

    struct stat status;
    int file = open(arguments[1], O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status)) fail(arguments[1]);
    char *prepared = malloc((size_t)status.st_size);
    if (!prepared || read(file, prepared, (size_t)status.st_size) != status.st_size) fail("read");
    close(file);
    struct iovec messages[1 + maximum_requests];
    int message_count = 0;
    for (char *at = prepared; at < prepared + status.st_size;) {
        uint32_t size;
        memcpy(&size, at, sizeof size);
        if (message_count > maximum_requests) fail("too many messages");
        messages[message_count++] = (struct iovec){.iov_base = at + sizeof size, .iov_len = size};
        at += sizeof size + size;
    }
    int topics[1 + maximum_requests] = {0};
    for (;;) {
        read_response(runtime);
        char *id = memmem(buffer, 4096, "Request-Id: ", 12);
        if (!id) fail("an event without an id");
        char head[256];
        int head_length = snprintf(
            head, sizeof head,
            "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
            id_length, id + 12, messages[0].iov_len);
        for (int place = 1; place < message_count; place++) {
            if (!topics[place]) topics[place] = connected(sns_port);
            write_all(topics[place], messages[place].iov_base, messages[place].iov_len);
        }
        for (int place = 1; place < message_count; place++) read_response(topics[place]);
        struct iovec parts[] = {{.iov_base = head, .iov_len = (size_t)head_length}, messages[0]};
        if (writev(runtime, parts, 2) < 0) fail("writev");
        read_response(runtime);
        write_all(runtime, next, sizeof next - 1);
    }
}
