#define _GNU_SOURCE
#include "stage.h"

#include "quota.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum role { runtime_listener, sns_listener, runtime_api, sns, timer };

/// A descriptor that the loop waits for, and what has been read of the request on its way.
struct connection {
    int descriptor;
    enum role role;
    /// NULL without TLS.
    SSL *tls;
    bool has_counted_handshake;
    char *bytes;
    size_t count, capacity;
    /// Bytes of the whole request; 0 until its head is complete.
    size_t needed;
    size_t head;
    struct connection *next;
};

/// An answer of SNS that waits for its time.
struct delayed {
    uint64_t due;
    struct connection *connection;
    struct delayed *next;
    size_t count;
    char bytes[];
};

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// MARK: - Processes

enum { maximum_processes = 64 };

/// Every process under way, for the end of the run.
static _Atomic pid_t processes[maximum_processes];

static void end_processes(void) {
    for (int place = 0; place < maximum_processes; place++) {
        pid_t pid = atomic_exchange(&processes[place], 0);
        if (pid <= 0) continue;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    quota_remove_all();
}

static void interrupted(int signal) {
    end_processes();
    _exit(128 + signal);
}

static void remember(pid_t pid) {
    static atomic_bool is_prepared;
    if (!atomic_exchange(&is_prepared, true)) {
        atexit(end_processes);
        signal(SIGINT, interrupted);
        signal(SIGTERM, interrupted);
        signal(SIGHUP, interrupted);
        signal(SIGPIPE, SIG_IGN);
    }
    for (int place = 0; place < maximum_processes; place++) {
        pid_t none = 0;
        if (atomic_compare_exchange_strong(&processes[place], &none, pid)) return;
    }
    die("more than %d processes", maximum_processes);
}

static void forget(pid_t pid) {
    for (int place = 0; place < maximum_processes; place++) {
        pid_t expected = pid;
        if (atomic_compare_exchange_strong(&processes[place], &expected, 0)) return;
    }
}

void die(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    va_end(values);
    exit(1);
}

/// What Lambda sets, and what Inlet needs; 800 characters of session token are usual.
static const char *const usual_settings[] = {
    "_HANDLER=ingest",
    "INLET_TOPIC_ARN=arn:aws:sns:eu-west-1:123456789012:inlet-Messages",
    "INLET_PARTNERS=[{\"name\":\"web-app\",\"webhook_token\":\"wk_live_51xQ\"}]",
    "INLET_LOG_LEVEL=ERROR",
    "INLET_METRICS=off",
    "AWS_REGION=eu-west-1",
    "AWS_DEFAULT_REGION=eu-west-1",
    "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_LAMBDA_FUNCTION_NAME=inlet-Ingest",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
    "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
    "AWS_LAMBDA_LOG_FORMAT=JSON",
    "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
    "LAMBDA_TASK_ROOT=/var/task",
    "LAMBDA_RUNTIME_DIR=/var/runtime",
    "LANG=en_US.UTF-8",
    "TZ=:UTC",
};

enum { maximum_settings = 48, token_length = 800 };

static void session_token(char *out, size_t size) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = (size_t)snprintf(out, size, "AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj");
    for (size_t digit = 0; digit < token_length && count + 3 < size; digit++) {
        out[count++] = alphabet[(digit * 29 + digit / 64) & 63];
    }
    out[count++] = '=';
    out[count] = 0;
}

/// Replaces the variable of the same name, or adds it.
static int set(const char **environment, int count, const char *setting) {
    size_t name = strcspn(setting, "=") + 1;
    for (int place = 0; place < count; place++) {
        if (strncmp(environment[place], setting, name)) continue;
        environment[place] = setting;
        return count;
    }
    if (count + 1 >= maximum_settings) die("too many settings");
    environment[count] = setting;
    return count + 1;
}

void stage_start(struct stage *stage, char *const command[], const char *const settings[]) {
    char token[token_length + 64], authority[64], endpoint[64], path[4096];
    session_token(token, sizeof token);
    snprintf(authority, sizeof authority, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:%u",
             stage->runtime_port);
    snprintf(endpoint, sizeof endpoint, "AWS_ENDPOINT_URL_SNS=%s://127.0.0.1:%u",
             stage->tls ? "https" : "http", stage->sns_port);
    snprintf(path, sizeof path, "PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    const char *environment[maximum_settings] = {token, authority, endpoint, path};
    int count = 4;
    for (size_t place = 0; place < sizeof usual_settings / sizeof *usual_settings; place++) {
        count = set(environment, count, usual_settings[place]);
    }
    for (; settings && *settings; settings++) count = set(environment, count, *settings);
    environment[count] = NULL;

    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0) die("/dev/null: %s", strerror(errno));
    stage->first_next = 0;
    stage->is_waiting = stage->is_answered = false;
    stage->waiting = NULL;
    volatile int problem = 0;
    // The child shares this memory until it has become the program: it notes the time itself.
    volatile uint64_t *started = &stage->started;
    pid_t pid = vfork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        if (!stage->quota || write(stage->quota, "0", 1) == 1) {
            *started = now();
            execvpe(command[0], command, (char *const *)environment);
        }
        problem = errno;
        _exit(127);
    }
    if (pid < 0) die("cannot start %s: %s", command[0], strerror(errno));
    close(nowhere);
    if (problem) die("cannot start %s: %s", command[0], strerror(problem));
    stage->pid = pid;
    remember(pid);
}

static void disconnect(struct stage *stage, struct connection *connection) {
    if (stage->waiting == connection) {
        stage->waiting = NULL;
        stage->is_waiting = false;
    }
    SSL_free(connection->tls);
    connection->tls = NULL;
    close(connection->descriptor);
    connection->descriptor = -1;
}

void stage_stop(struct stage *stage, bool is_gentle) {
    if (is_gentle) {
        kill(stage->pid, SIGTERM);
        uint64_t end = now() + stage->patience;
        while (waitpid(stage->pid, NULL, WNOHANG) == 0) {
            if (now() > end) die("the program does not end");
            usleep(2000);
        }
    } else {
        kill(stage->pid, SIGKILL);
        waitpid(stage->pid, NULL, 0);
    }
    forget(stage->pid);
    stage->pid = 0;
    while (stage->delayed_first) {
        struct delayed *answer = stage->delayed_first;
        stage->delayed_first = answer->next;
        free(answer);
    }
    stage->delayed_last = NULL;
    struct connection **place = &stage->connections;
    while (*place) {
        struct connection *connection = *place;
        if (connection->role != runtime_api && connection->role != sns) {
            place = &connection->next;
            continue;
        }
        *place = connection->next;
        if (connection->descriptor >= 0) disconnect(stage, connection);
        free(connection->bytes);
        free(connection);
    }
}

long stage_memory(const struct stage *stage, const char *name) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", stage->pid);
    FILE *file = fopen(path, "r");
    if (!file) die("%s: %s", path, strerror(errno));
    long size = -1;
    size_t length = strlen(name);
    while (fgets(line, sizeof line, file)) {
        if (!strncmp(line, name, length) && line[length] == ':') size = atol(line + length + 1);
    }
    fclose(file);
    if (size < 0) die("%s has no %s", path, name);
    return size;
}

uint64_t stage_processor_time(const struct stage *stage) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(stage->pid, &clock) || clock_gettime(clock, &time)) {
        die("the processor time is not known");
    }
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int stage_descriptors(const struct stage *stage) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", stage->pid);
    DIR *directory = opendir(path);
    if (!directory) die("%s: %s", path, strerror(errno));
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

// MARK: - Sockets

static struct connection *watch(struct stage *stage, int descriptor, enum role role) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) die("no memory");
    connection->descriptor = descriptor;
    connection->role = role;
    connection->next = stage->connections;
    stage->connections = connection;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(stage->epoll, EPOLL_CTL_ADD, descriptor, &event)) {
        die("epoll: %s", strerror(errno));
    }
    return connection;
}

static uint16_t listen_locally(struct stage *stage, enum role role) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size)
        || listen(listener, 256)
        || getsockname(listener, (struct sockaddr *)&address, &size)) {
        die("cannot listen: %s", strerror(errno));
    }
    watch(stage, listener, role);
    return ntohs(address.sin_port);
}

void stage_open(struct stage *stage) {
    stage->epoll = epoll_create1(EPOLL_CLOEXEC);
    stage->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (stage->epoll < 0 || stage->timer < 0) die("epoll: %s", strerror(errno));
    watch(stage, stage->timer, timer);
    stage->runtime_port = listen_locally(stage, runtime_listener);
    stage->sns_port = listen_locally(stage, sns_listener);
    if (!stage->patience) stage->patience = 20000000000;
}

void stage_use_tls(struct stage *stage, const char *certificate, const char *key) {
    stage->tls = SSL_CTX_new(TLS_server_method());
    if (!stage->tls || SSL_CTX_use_certificate_chain_file(stage->tls, certificate) != 1
        || SSL_CTX_use_PrivateKey_file(stage->tls, key, SSL_FILETYPE_PEM) != 1) {
        die("TLS has no use for %s and %s", certificate, key);
    }
}

/// Lets a new connection do its handshake when it first reads.
static void begin_tls(struct stage *stage, struct connection *connection) {
    fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
    connection->tls = SSL_new(stage->tls);
    if (!connection->tls || SSL_set_fd(connection->tls, connection->descriptor) != 1) {
        die("TLS has no connection");
    }
    SSL_set_accept_state(connection->tls);
}

/// Reads what has come by TLS, as `recv` would.
static ssize_t read_tls(struct stage *stage, struct connection *connection, char *bytes,
                        size_t room) {
    ERR_clear_error();
    int got = SSL_read(connection->tls, bytes, (int)room);
    if (got <= 0 && SSL_get_error(connection->tls, got) == SSL_ERROR_WANT_READ) {
        errno = EAGAIN;
        return -1;
    }
    if (got <= 0) {
        // A program that is ended just closes; one that does not trust us says so.
        if (ERR_peek_error()) die("TLS: %s", ERR_reason_error_string(ERR_peek_error()));
        return 0;
    }
    if (!connection->has_counted_handshake) {
        connection->has_counted_handshake = true;
        bool is_resumed = SSL_session_reused(connection->tls);
        *(is_resumed ? &stage->resumed_handshakes : &stage->full_handshakes) += 1;
    }
    return got;
}

static void send_tls(struct stage *stage, struct connection *connection, const char *bytes,
                     size_t count) {
    while (connection->tls) {
        ERR_clear_error();
        int sent = SSL_write(connection->tls, bytes, (int)count);
        if (sent > 0) return;
        if (SSL_get_error(connection->tls, sent) != SSL_ERROR_WANT_WRITE) {
            return disconnect(stage, connection);
        }
        struct pollfd writable = {.fd = connection->descriptor, .events = POLLOUT};
        if (poll(&writable, 1, 20000) == 0) die("the program does not read");
    }
}

static void accept_all(struct stage *stage, struct connection *listener) {
    for (;;) {
        int descriptor = accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC);
        if (descriptor < 0) return;
        int on = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        // Sending blocks, for a while: the program always reads what it has asked for.
        struct timeval limit = {.tv_sec = 20};
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        bool is_sns = listener->role == sns_listener;
        struct connection *connection = watch(stage, descriptor, is_sns ? sns : runtime_api);
        if (is_sns && stage->tls) begin_tls(stage, connection);
    }
}

static void send_parts(struct stage *stage, struct connection *connection, struct iovec *parts,
                       int count) {
    if (connection->descriptor < 0) return;
    while (count) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
        ssize_t sent = sendmsg(connection->descriptor, &message, MSG_NOSIGNAL);
        if (sent < 0) return disconnect(stage, connection);
        while (count && (size_t)sent >= parts->iov_len) {
            sent -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= (size_t)sent;
        }
    }
}

static void send_bytes(struct stage *stage, struct connection *connection, const char *bytes,
                       size_t count) {
    if (connection->tls) return send_tls(stage, connection, bytes, count);
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
    send_parts(stage, connection, &part, 1);
}

static void keep(struct message *message, const char *bytes, size_t count) {
    message->bytes = malloc(count + 1);
    if (!message->bytes) die("no memory");
    memcpy(message->bytes, bytes, count);
    message->count = count;
}

// MARK: - SNS

enum { maximum_entries = 10, identifier_size = 81 };

/// Finds the ids of a PublishBatch: each `&…member.N.Id=`; values have no `&`, it is encoded.
static int entry_ids(const char *body, size_t count, char ids[][identifier_size]) {
    static const char prefix[] = "PublishBatchRequestEntries.member.";
    const size_t length = sizeof prefix - 1;
    const char *at = body, *end = body + count;
    int found = 0;
    while ((at = memchr(at, '&', (size_t)(end - at)))) {
        at++;
        if ((size_t)(end - at) < length + 6 || memcmp(at, prefix, length)) continue;
        const char *field = at + length;
        while (field < end && *field >= '0' && *field <= '9') field++;
        if (end - field < 4 || memcmp(field, ".Id=", 4)) continue;
        field += 4;
        const char *stop = memchr(field, '&', (size_t)(end - field));
        size_t size = (size_t)((stop ? stop : end) - field);
        if (found == maximum_entries || size >= identifier_size) die("SNS got a bad batch");
        memcpy(ids[found], field, size);
        ids[found++][size] = 0;
    }
    return found;
}

#define SNS_XML "<?xml version=\"1.0\"?>\n<%sResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
#define SNS_END                                                                                   \
    "<ResponseMetadata><RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId>"               \
    "</ResponseMetadata></%sResponse>"

/// Writes SNS's answer to one request; returns its length.
static size_t publish_answer(struct stage *stage, const char *body, size_t count, char *out,
                             size_t size) {
    char ids[maximum_entries][identifier_size];
    char xml[8192];
    size_t length = 0;
    if (count > 19 && !memcmp(body, "Action=PublishBatch", 19)) {
        int entries = entry_ids(body, count, ids);
        if (!entries) die("SNS got an empty batch");
        stage->entries += (uint64_t)entries;
        length += (size_t)snprintf(xml, sizeof xml, SNS_XML "<PublishBatchResult><Successful>",
                                   "PublishBatch");
        for (int entry = 0; entry < entries; entry++) {
            length += (size_t)snprintf(
                xml + length, sizeof xml - length,
                "<member><MessageId>567910cd-659e-55d4-8ccb-5aaf1467%04x</MessageId>"
                "<Id>%s</Id></member>",
                (unsigned)entry, ids[entry]);
        }
        length += (size_t)snprintf(xml + length, sizeof xml - length,
                                   "</Successful><Failed/></PublishBatchResult>" SNS_END,
                                   "PublishBatch");
    } else if (count > 15 && !memcmp(body, "Action=Publish&", 15)) {
        stage->entries++;
        length = (size_t)snprintf(
            xml, sizeof xml,
            SNS_XML "<PublishResult><MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId>"
                    "</PublishResult>" SNS_END,
            "Publish", "Publish");
    } else {
        die("SNS got a request that publishes nothing");
    }
    stage->requests++;
    int written = snprintf(out, size,
                           "HTTP/1.1 200 OK\r\n"
                           "x-amzn-RequestId: d74b8436-ae13-5ab4-a9ff-ce54dfea72a0\r\n"
                           "Content-Type: text/xml\r\nContent-Length: %zu\r\n%s"
                           "Date: Mon, 05 Jan 2026 10:00:00 GMT\r\n\r\n%s",
                           length, stage->is_closing ? "Connection: close\r\n" : "", xml);
    return (size_t)written;
}

static void set_timer(struct stage *stage) {
    uint64_t due = stage->delayed_first ? stage->delayed_first->due : 0;
    struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000)}};
    timerfd_settime(stage->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

static void send_due(struct stage *stage) {
    uint64_t ticks;
    if (read(stage->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) die("the timer failed");
    while (stage->delayed_first && stage->delayed_first->due <= now()) {
        struct delayed *answer = stage->delayed_first;
        stage->delayed_first = answer->next;
        if (!answer->next) stage->delayed_last = NULL;
        send_bytes(stage, answer->connection, answer->bytes, answer->count);
        free(answer);
    }
    set_timer(stage);
}

/// Closes a connection of SNS, after an answer that says so.
static void hang_up(struct stage *stage, struct connection *connection) {
    if (connection->tls) SSL_shutdown(connection->tls);
    if (connection->descriptor >= 0) disconnect(stage, connection);
}

static void answer_sns(struct stage *stage, struct connection *connection) {
    char out[9216];
    uint64_t arrival = now();
    size_t count =
        publish_answer(stage, connection->bytes + connection->head,
                       connection->needed - connection->head, out, sizeof out);
    if (stage->is_recording) {
        if (stage->recorded_count == maximum_recorded) die("too many requests to record");
        keep(&stage->recorded[stage->recorded_count++], connection->bytes, connection->needed);
    }
    if (!stage->delay) {
        send_bytes(stage, connection, out, count);
        if (stage->is_closing) hang_up(stage, connection);
        return;
    }
    struct delayed *answer = malloc(sizeof *answer + count);
    if (!answer) die("no memory");
    *answer = (struct delayed){
        .due = arrival + stage->delay, .connection = connection, .count = count};
    memcpy(answer->bytes, out, count);
    if (stage->delayed_last) {
        stage->delayed_last->next = answer;
        stage->delayed_last = answer;
    } else {
        stage->delayed_first = stage->delayed_last = answer;
        set_timer(stage);
    }
}

// MARK: - The Runtime API

static bool starts(const struct connection *connection, const char *text) {
    size_t length = strlen(text);
    return connection->count >= length && !memcmp(connection->bytes, text, length);
}

static void check_reply(struct stage *stage, const char *body, size_t count) {
    static const char name[] = "{\"statusCode\":";
    const size_t length = sizeof name - 1;
    int status = 0;
    if (count > length + 3 && !memcmp(body, name, length)) status = atoi(body + length);
    if (status != stage->expected_status) {
        die("expected status %d, got: %.*s", stage->expected_status,
            (int)(count < 300 ? count : 300), body);
    }
}

static void answer_runtime(struct stage *stage, struct connection *connection) {
    static const char accepted[] =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 GMT\r\n\r\n{\"status\":\"OK\"}\n";
    static const char registered[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Lambda-Extension-Identifier: 5bb0b1a2-6e1d-4f6c-9d55-1f7ad0c1a001\r\n"
        "Content-Length: 2\r\n\r\n{}";
    const char *body = connection->bytes + connection->head;
    size_t count = connection->needed - connection->head;
    if (starts(connection, "GET /2018-06-01/runtime/invocation/next ")) {
        if (!stage->first_next) stage->first_next = now();
        stage->waiting = connection;
        stage->is_waiting = true;
    } else if (starts(connection, "POST /2018-06-01/runtime/invocation/")) {
        stage->answered = now();
        stage->is_answered = true;
        check_reply(stage, body, count);
        if (stage->is_recording) keep(&stage->reply, body, count);
        send_bytes(stage, connection, accepted, sizeof accepted - 1);
    } else if (starts(connection, "POST /2020-01-01/extension/register ")) {
        send_bytes(stage, connection, registered, sizeof registered - 1);
    } else if (starts(connection, "GET /2020-01-01/extension/event/next ")) {
        // Never answered, as in Lambda.
    } else {
        die("the program says: %.*s", (int)(connection->needed < 2000 ? connection->needed : 2000),
            connection->bytes);
    }
}

// MARK: - The loop

/// Finds where the head ends and how long the body is, once the head is complete.
static void read_head(struct connection *connection) {
    char *end = memmem(connection->bytes, connection->count, "\r\n\r\n", 4);
    if (!end) return;
    connection->head = (size_t)(end - connection->bytes) + 4;
    connection->needed = connection->head;
    const char *line = connection->bytes;
    while ((line = memchr(line, '\n', (size_t)(end - line)))) {
        line++;
        if (end - line > 15 && !strncasecmp(line, "content-length:", 15)) {
            connection->needed += (size_t)atoll(line + 15);
            return;
        }
    }
}

static void receive(struct stage *stage, struct connection *connection) {
    if (connection->descriptor < 0) return;
    size_t room = connection->needed > connection->count ? connection->needed + 1 : 65536;
    if (connection->capacity - connection->count < 65536 || connection->capacity < room) {
        connection->capacity = connection->count + room + 65536;
        connection->bytes = realloc(connection->bytes, connection->capacity);
        if (!connection->bytes) die("no memory");
    }
    char *bytes = connection->bytes + connection->count;
    room = connection->capacity - connection->count;
    ssize_t got = connection->tls ? read_tls(stage, connection, bytes, room)
                                  : recv(connection->descriptor, bytes, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return disconnect(stage, connection);
    connection->count += (size_t)got;
    if (!connection->needed) read_head(connection);
    if (!connection->needed || connection->count < connection->needed) return;
    if (connection->count > connection->needed) die("a request came before its turn");
    if (connection->role == sns) {
        answer_sns(stage, connection);
    } else {
        answer_runtime(stage, connection);
    }
    connection->count = connection->needed = 0;
}

static void serve_until(struct stage *stage, const bool *is_done, const char *step) {
    uint64_t end = now() + stage->patience;
    struct epoll_event events[32];
    while (!*is_done) {
        int count = epoll_wait(stage->epoll, events, 32, 1000);
        if (count < 0 && errno != EINTR) die("epoll: %s", strerror(errno));
        for (int place = 0; place < count; place++) {
            struct connection *connection = events[place].data.ptr;
            switch (connection->role) {
            case runtime_listener:
            case sns_listener: accept_all(stage, connection); break;
            case timer: send_due(stage); break;
            case runtime_api:
            case sns: receive(stage, connection); break;
            }
        }
        if (count > 0) continue;
        if (waitpid(stage->pid, NULL, WNOHANG) == stage->pid) {
            forget(stage->pid);
            die("the program has ended while it was to %s", step);
        }
        if (now() > end) die("the program takes too long to %s", step);
    }
}

void stage_await_next(struct stage *stage) {
    serve_until(stage, &stage->is_waiting, "ask for an event");
}

uint64_t stage_event(struct stage *stage, const struct event *event) {
    stage_await_next(stage);
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    char head[1024];
    int count = snprintf(
        head, sizeof head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-%012llx\r\n"
        "Lambda-Runtime-Deadline-Ms: %lld\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: "
        "arn:aws:lambda:eu-west-1:123456789012:function:inlet-Ingest\r\n"
        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;"
        "Parent=9a9197af755a6419;Sampled=0\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 GMT\r\nContent-Length: %zu\r\n\r\n",
        (unsigned long long)++stage->number, (long long)(wall.tv_sec + 120) * 1000, event->count);
    struct iovec parts[] = {
        {.iov_base = head, .iov_len = (size_t)count},
        {.iov_base = event->bytes, .iov_len = event->count},
    };
    struct connection *waiting = stage->waiting;
    stage->waiting = NULL;
    stage->is_waiting = stage->is_answered = false;
    stage->expected_status = event->status;
    uint64_t start = now();
    send_parts(stage, waiting, parts, 2);
    serve_until(stage, &stage->is_answered, "answer an event");
    return stage->answered - start;
}
