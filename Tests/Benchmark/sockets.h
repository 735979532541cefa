/// What the programs that are compared with Inlet share: the Runtime API over plain sockets.
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>
#include <stdint.h>

/// The path and the head of the call for an event.
#define NEXT_REQUEST                                                                               \
    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

/// Ends the program with the reason that errno has.
void fail(const char *what) __attribute__((noreturn));

/// The port in a setting such as `http://127.0.0.1:9001`.
uint16_t port(const char *name);

/// A connection to a port of 127.0.0.1.
int connected(uint16_t port);

void write_all(int descriptor, const char *bytes, size_t count);

/// A response in the buffer that it was read into.
struct response {
    const char *head, *body;
    size_t head_count, body_count;
};

/// Reads one response; a connection that is closed ends the program.
struct response read_response(int descriptor, char *buffer, size_t size);

/// As Inlet does it, unless it is told not to: SIGTERM then comes before SIGKILL.
void register_extension(uint16_t runtime, const char *name);

#endif
