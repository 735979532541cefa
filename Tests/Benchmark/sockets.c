#define _GNU_SOURCE
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void fail(const char *what) {
    perror(what);
    _exit(1);
}

uint16_t port(const char *name) {
    const char *value = getenv(name);
    const char *colon = value ? strrchr(value, ':') : NULL;
    if (!colon) fail(name);
    return (uint16_t)atoi(colon + 1);
}

int connected(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) fail("connect");
    return descriptor;
}

void write_all(int descriptor, const char *bytes, size_t count) {
    while (count) {
        ssize_t sent = write(descriptor, bytes, count);
        if (sent < 0) fail("write");
        bytes += sent;
        count -= (size_t)sent;
    }
}

struct response read_response(int descriptor, char *buffer, size_t size) {
    size_t count = 0, needed = 0, head = 0;
    while (!needed || count < needed) {
        ssize_t got = read(descriptor, buffer + count, size - count);
        if (got <= 0) _exit(0);
        count += (size_t)got;
        if (needed) continue;
        char *end = memmem(buffer, count, "\r\n\r\n", 4);
        if (!end) continue;
        head = (size_t)(end - buffer) + 4;
        char *length = memmem(buffer, head, "Content-Length: ", 16);
        needed = head + (length ? (size_t)atoll(length + 16) : 0);
        if (needed > size) fail("a response is too long");
    }
    return (struct response){
        .head = buffer, .head_count = head, .body = buffer + head, .body_count = needed - head};
}

void register_extension(uint16_t runtime, const char *name) {
    static const char wait[] = "GET /2020-01-01/extension/event/next HTTP/1.1\r\n"
                               "Host: 127.0.0.1\r\nLambda-Extension-Identifier: 1\r\n\r\n";
    const char *shutdown = getenv("INLET_GRACEFUL_SHUTDOWN");
    if (shutdown && !strcmp(shutdown, "off")) return;
    char call[256], answer[1024];
    int count = snprintf(call, sizeof call,
                         "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                         "Lambda-Extension-Name: %s\r\nContent-Length: 13\r\n\r\n{\"events\":[]}",
                         name);
    int descriptor = connected(runtime);
    write_all(descriptor, call, (size_t)count);
    read_response(descriptor, answer, sizeof answer);
    write_all(descriptor, wait, sizeof wait - 1);
}
