#define _GNU_SOURCE
#include "ccrash.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    id_size = 200,
    handler_stack_size = 64 << 10,
    /// Return addresses in a report.
    maximum_frames = 48,
    /// Words of the stack in which a frame is looked for where the registers have none.
    maximum_search = 1024,
    /// Seconds that each of sending and receiving may take: Lambda waits meanwhile.
    socket_timeout = 1,
};

static struct sockaddr_in runtime_api;

/// What the calling thread is handling; empty between events.
static _Thread_local char current_request[id_size + 1];
static _Thread_local char current_invocation[id_size + 1];
static _Thread_local bool is_prepared;
/// Before the first event a crash is a failure to start; between events it is nobody's.
static _Thread_local bool has_begun;
/// Where the calling thread's stack ends, so that a broken frame chain leads nowhere.
static _Thread_local uintptr_t stack_end;

/// Text under construction in a buffer of fixed size; what does not fit is left out.
struct text {
    size_t count;
    char bytes[8192];
};

static void append(struct text *text, const char *string) {
    for (; *string && text->count < sizeof text->bytes; string++) {
        text->bytes[text->count++] = *string;
    }
}

static void append_number(struct text *text, uintptr_t number, unsigned base) {
    char digits[24];
    int count = 0;
    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number && count < (int)sizeof digits);
    while (count-- && text->count < sizeof text->bytes) text->bytes[text->count++] = digits[count];
}

static const char *signal_name(int signal) {
    switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGTRAP: return "SIGTRAP";
    case SIGFPE: return "SIGFPE";
    case SIGABRT: return "SIGABRT";
    default: return "a signal";
    }
}

/// Where the first thread's stack began, by the C library.
extern void *__libc_stack_end;

/// Where the program was loaded; an address less this is what `addr2line` and `nm` use.
extern char __executable_start[];
/// Where its code ends.
extern char etext[];

static void append_frame(struct text *body, uintptr_t address, bool is_first) {
    append(body, is_first ? "\"bootstrap+0x" : ",\"bootstrap+0x");
    append_number(body, address - (uintptr_t)__executable_start, 16);
    append(body, "\"");
}

/// True for a saved frame pointer and a return address, on this stack, aligned.
static bool is_frame(uintptr_t frame, uintptr_t stack) {
    if (frame < stack || frame % sizeof(uintptr_t) != 0) return false;
    if (stack_end < 2 * sizeof(uintptr_t) || frame > stack_end - 2 * sizeof(uintptr_t)) return false;
    const uintptr_t *words = (const uintptr_t *)frame;
    return words[1] != 0 && words[0] > frame;
}

/// True for a frame that returns into the program's own code.
static bool is_own_frame(uintptr_t frame, uintptr_t stack) {
    if (!is_frame(frame, stack)) return false;
    uintptr_t address = ((const uintptr_t *)frame)[1];
    return address > (uintptr_t)__executable_start && address < (uintptr_t)etext;
}

/// The nearest frame of the program's own code: the C library's functions keep no frame pointer.
///
/// What lies on the stack from earlier calls can look like a frame. It hardly leads to another one,
/// which a frame does, but for the outermost function's: that is taken if there is no other.
static uintptr_t find_frame(uintptr_t stack) {
    uintptr_t outermost = 0;
    for (int index = 0; index < maximum_search; index++) {
        uintptr_t frame = stack + (uintptr_t)index * sizeof(uintptr_t);
        if (frame > stack_end - 2 * sizeof(uintptr_t)) break;
        if (!is_own_frame(frame, stack)) continue;
        uintptr_t caller = *(const uintptr_t *)frame;
        if (is_own_frame(caller, stack)) return frame;
        if (!outermost && is_frame(caller, stack)) outermost = frame;
    }
    return outermost;
}

/// Walks the frame pointers, which Swift code keeps, as far as they lead up the stack.
static void append_frames(struct text *body, const ucontext_t *context) {
#if defined(__x86_64__)
    uintptr_t address = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    uintptr_t frame = (uintptr_t)context->uc_mcontext.gregs[REG_RBP];
    uintptr_t stack = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    uintptr_t address = (uintptr_t)context->uc_mcontext.pc;
    uintptr_t frame = (uintptr_t)context->uc_mcontext.regs[29];
    uintptr_t stack = (uintptr_t)context->uc_mcontext.sp;
#else
#error "the frame layout of this processor is not known here"
#endif
    append_frame(body, address, true);
    if (stack % sizeof(uintptr_t) != 0 || stack > stack_end) return;
    if (!is_frame(frame, stack)) frame = find_frame(stack);
    for (int count = 1; count < maximum_frames && is_frame(frame, stack); count++) {
        const uintptr_t *words = (const uintptr_t *)frame;
        append_frame(body, words[1], false);
        frame = words[0];
    }
}

static void write_body(struct text *body, int signal, const siginfo_t *info,
                       const ucontext_t *context) {
    append(body, "{\"errorMessage\":\"The process crashed: ");
    append(body, signal_name(signal));
    if (signal == SIGSEGV || signal == SIGBUS) {
        append(body, " at address 0x");
        append_number(body, (uintptr_t)info->si_addr, 16);
    }
    append(body, "\",\"errorType\":\"Runtime.Crash\",\"stackTrace\":[");
    append_frames(body, context);
    append(body, "]}");
}

/// Request ids come from Lambda; a byte that could break a request line, a header or a JSON string is
/// left out.
static void append_id(struct text *text, const char *id) {
    for (; *id; id++) {
        char one[2] = {*id, 0};
        bool is_plain = *id > ' ' && *id < 127 && !strchr("/?#\"\\", *id);
        if (is_plain) append(text, one);
    }
}

/// The line of the log: the report as a member of it would be, with what other lines begin with.
static void write_line(struct text *line, const struct text *body) {
    append(line, "{\"level\":\"FATAL\",\"message\":\"crash\",");
    if (current_request[0]) {
        append(line, "\"lambdaRequestId\":\"");
        append_id(line, current_request);
        append(line, "\",");
    }
    // Without its opening brace.
    for (size_t at = 1; at < body->count && line->count < sizeof line->bytes - 1; at++) {
        line->bytes[line->count++] = body->bytes[at];
    }
    line->bytes[line->count++] = '\n';
}

static void write_head(struct text *head, size_t body_count) {
    if (current_request[0]) {
        append(head, "POST /2018-06-01/runtime/invocation/");
        append_id(head, current_request);
        append(head, "/error HTTP/1.1\r\n");
    } else {
        append(head, "POST /2018-06-01/runtime/init/error HTTP/1.1\r\n");
    }
    append(head, "Host: runtime\r\nConnection: close\r\nContent-Type: application/json\r\n"
                 "Lambda-Runtime-Function-Error-Type: Runtime.Crash\r\n");
    if (current_request[0] && current_invocation[0]) {
        append(head, "Lambda-Runtime-Invocation-Id: ");
        append_id(head, current_invocation);
        append(head, "\r\n");
    }
    append(head, "Content-Length: ");
    append_number(head, body_count, 10);
    append(head, "\r\n\r\n");
}

static bool write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written <= 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static void post(const struct text *head, const struct text *body) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    struct timeval timeout = {.tv_sec = socket_timeout};
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(descriptor, (const struct sockaddr *)&runtime_api, sizeof runtime_api) == 0 &&
        write_all(descriptor, head->bytes, head->count) &&
        write_all(descriptor, body->bytes, body->count)) {
        // Ending before the answer has come could take the report back.
        char answer[512];
        while (read(descriptor, answer, sizeof answer) > 0) {}
    }
    close(descriptor);
}

/// Only one crash is reported: another thread's, or one in the handler, ends the process at once.
static volatile sig_atomic_t has_crashed;

static void handle(int signal, siginfo_t *info, void *context) {
    if (!__sync_bool_compare_and_swap(&has_crashed, 0, 1)) _exit(128 + signal);
    struct text body = {0};
    struct text head = {0};
    struct text line = {0};
    write_body(&body, signal, info, context);
    // The log gets it first: it needs nothing but a descriptor.
    write_line(&line, &body);
    write_all(2, line.bytes, line.count);
    if (is_prepared && (current_request[0] || !has_begun)) {
        write_head(&head, body.count);
        post(&head, &body);
    }
    struct sigaction ordinary = {.sa_handler = SIG_DFL};
    sigaction(signal, &ordinary, NULL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(signal);
}

bool ccrash_install(uint32_t address, uint16_t port) {
    runtime_api.sin_family = AF_INET;
    runtime_api.sin_addr.s_addr = address;
    runtime_api.sin_port = htons(port);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
    for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
        if (sigaction(signals[index], &action, NULL) != 0) return false;
    }
    return true;
}

bool ccrash_prepare_thread(void) {
    if (gettid() == getpid()) {
        // For the first thread the call below would read /proc, which takes longer than the rest.
        stack_end = (uintptr_t)__libc_stack_end;
    } else {
        pthread_attr_t attributes;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
        void *start = NULL;
        size_t size = 0;
        pthread_attr_getstack(&attributes, &start, &size);
        pthread_attr_destroy(&attributes);
        stack_end = (uintptr_t)start + size;
    }
    void *memory = mmap(NULL, handler_stack_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    stack_t stack = {.ss_sp = memory, .ss_size = handler_stack_size};
    is_prepared = sigaltstack(&stack, NULL) == 0;
    return is_prepared;
}

static void copy(char *to, const char *from) {
    size_t count = from ? strnlen(from, id_size) : 0;
    if (count > 0) memcpy(to, from, count);
    to[count] = 0;
}

void ccrash_begin(const char *request_id, const char *invocation_id) {
    has_begun = true;
    copy(current_invocation, invocation_id);
    copy(current_request, request_id);
}

void ccrash_end(void) {
    current_request[0] = 0;
    current_invocation[0] = 0;
}
