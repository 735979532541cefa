/// A Lambda environment and an SNS for one program, which measure what it does.
#ifndef STAGE_H
#define STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What a function is given, and the status that its reply must have.
struct event {
    char *bytes;
    size_t count;
    int status;
};

/// A request or a reply as a program sent it.
struct message {
    char *bytes;
    size_t count;
};

enum {
    /// Requests to SNS that one recorded event may make.
    maximum_recorded = 64,
};

struct connection;
struct delayed;

/// One environment: the Runtime API, SNS, and the process that runs between them.
///
/// All of it is served by the thread that calls, one event at a time. Times are CLOCK_MONOTONIC
/// in nanoseconds.
struct stage {
    /// Between a request's last byte and SNS's answer.
    uint64_t delay;
    /// How long any step may take before the run is given up; valgrind needs more.
    uint64_t patience;
    /// The control group that the program enters, as `quota_open` returned it; 0 for none.
    int quota;
    /// Set by `stage_use_tls`.
    struct ssl_ctx_st *tls;
    /// Whether SNS closes a connection after each answer.
    bool is_closing;

    pid_t pid;
    /// Right before exec.
    uint64_t started;
    /// When the first call for an event had come.
    uint64_t first_next;
    /// When the answer to the last event had come.
    uint64_t answered;
    /// Requests to SNS, and entries in them.
    uint64_t requests, entries;
    /// Connections by TLS with a whole handshake, and those that resumed a session.
    uint64_t full_handshakes, resumed_handshakes;

    /// While set, what the program sends is kept in the two fields below.
    bool is_recording;
    struct message recorded[maximum_recorded];
    int recorded_count;
    struct message reply;

    int epoll, timer;
    uint16_t runtime_port, sns_port;
    struct connection *connections;
    /// Where the program waits for its next event.
    struct connection *waiting;
    struct delayed *delayed_first, *delayed_last;
    uint64_t number;
    int expected_status;
    bool is_waiting, is_answered;
};

/// Nanoseconds of CLOCK_MONOTONIC.
uint64_t now(void);

/// Ends the run with a message; every process that was started is ended.
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/// Listens on two ports of 127.0.0.1; no process is started.
void stage_open(struct stage *stage);

/// SNS speaks TLS from now on, with a certificate and its key in PEM files.
void stage_use_tls(struct stage *stage, const char *certificate, const char *key);

/// Starts a program as Lambda starts `bootstrap`, its standard output to nowhere.
///
/// `settings` are further variables of its environment, `NAME=value`, NULL at the end; of a
/// repeated name the last counts.
void stage_start(struct stage *stage, char *const command[], const char *const settings[]);

/// Serves until the program waits for its next event.
void stage_await_next(struct stage *stage);

/// Hands out one event, and serves until its answer has come; returns the time between.
uint64_t stage_event(struct stage *stage, const struct event *event);

/// Ends the program: by SIGTERM, and by SIGKILL when it takes long or `is_gentle` is false.
void stage_stop(struct stage *stage, bool is_gentle);

/// A line of /proc/PID/status in KiB, `VmRSS` for one.
long stage_memory(const struct stage *stage, const char *name);

/// Nanoseconds that the program's threads have had a processor, in the kernel too.
uint64_t stage_processor_time(const struct stage *stage);

/// How many descriptors the program has open.
int stage_descriptors(const struct stage *stage);

#endif
