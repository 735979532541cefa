/// The least that any program can do for an event: the same network calls, with prepared bytes.
///
///     limit PREPARED
///
/// PREPARED holds messages, each as a length of 32 bits and its bytes: first the reply to every
/// event, then the requests to SNS that every event makes, all written before any is read, over a
/// connection each that is kept.
#define _GNU_SOURCE
#include "sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { maximum_requests = 64, buffer_size = 1 << 20, id_length = 36 };

static char buffer[buffer_size];

int main(int count, char **arguments) {
    static const char next[] = NEXT_REQUEST;
    if (count != 2) return 2;
    uint16_t runtime_port = port("AWS_LAMBDA_RUNTIME_API");
    uint16_t sns_port = port("AWS_ENDPOINT_URL_SNS");
    register_extension(runtime_port, "limit");
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
        read_response(runtime, buffer, sizeof buffer);
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
        for (int place = 1; place < message_count; place++) {
            read_response(topics[place], buffer, sizeof buffer);
        }
        struct iovec parts[] = {{.iov_base = head, .iov_len = (size_t)head_length}, messages[0]};
        if (writev(runtime, parts, 2) < 0) fail("writev");
        read_response(runtime, buffer, sizeof buffer);
        write_all(runtime, next, sizeof next - 1);
    }
}
