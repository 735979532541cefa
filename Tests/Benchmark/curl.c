/// The least that a program can do for an event which makes its calls by libcurl: those of limit.c,
/// with the same prepared bytes.
///
///     curl PREPARED
#define _GNU_SOURCE
#include "sockets.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { maximum_requests = 64, id_length = 36 };

/// One handle with what it sends, and what it is answered.
struct call {
    CURL *handle;
    const char *body;
    size_t count, sent;
    char answer[1 << 17];
    size_t answered;
    char id[id_length + 1];
};

static void check(bool is_good, const char *what) {
    if (!is_good) fail(what);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct call *call = context;
    check(call->answered + size * count <= sizeof call->answer, "an answer is too long");
    memcpy(call->answer + call->answered, bytes, size * count);
    call->answered += size * count;
    return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    static const char name[] = "Lambda-Runtime-Aws-Request-Id: ";
    struct call *call = context;
    if (size * count > sizeof name + id_length && !strncasecmp(bytes, name, sizeof name - 1)) {
        memcpy(call->id, bytes + sizeof name - 1, id_length);
    }
    return size * count;
}

static size_t give_body(char *room, size_t size, size_t count, void *context) {
    struct call *call = context;
    size_t rest = call->count - call->sent;
    size_t part = rest < size * count ? rest : size * count;
    memcpy(room, call->body + call->sent, part);
    call->sent += part;
    return part;
}

static struct call *new_call(void) {
    struct call *call = calloc(1, sizeof *call);
    check(call && (call->handle = curl_easy_init()), "curl_easy_init");
    curl_easy_setopt(call->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(call->handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(call->handle, CURLOPT_USERAGENT, "inlet");
    curl_easy_setopt(call->handle, CURLOPT_PROXY, "");
    curl_easy_setopt(call->handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(call->handle, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(call->handle, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(call->handle, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(call->handle, CURLOPT_READDATA, call);
    curl_easy_setopt(call->handle, CURLOPT_PRIVATE, call);
    return call;
}

/// Has the call send a body by POST, with these headers beside libcurl's own.
static void set_post(struct call *call, const char *body, size_t count, struct curl_slist *headers) {
    call->body = body;
    call->count = count;
    curl_easy_setopt(call->handle, CURLOPT_POST, 1L);
    curl_easy_setopt(call->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    curl_easy_setopt(call->handle, CURLOPT_HTTPHEADER, headers);
}

/// A call for a prepared request: libcurl writes the host and what is the same in every request.
static struct call *prepared_call(char *request, size_t count) {
    struct call *call = new_call();
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    char *end = memmem(request, count, "\r\n\r\n", 4);
    check(end, "a request without an end of its headers");
    for (char *line = memmem(request, count, "\r\n", 2) + 2; line < end + 2;) {
        char *next = memmem(line, count, "\r\n", 2);
        *next = 0;
        if (strncmp(line, "Host:", 5) && strncmp(line, "User-Agent:", 11) &&
            strncmp(line, "Accept:", 7) && strncmp(line, "Content-Length:", 15)) {
            headers = curl_slist_append(headers, line);
        }
        line = next + 2;
    }
    curl_easy_setopt(call->handle, CURLOPT_URL, getenv("AWS_ENDPOINT_URL_SNS"));
    set_post(call, end + 4, count - (size_t)(end + 4 - request), headers);
    return call;
}

static void perform(struct call *call) {
    call->answered = call->sent = 0;
    if (curl_easy_perform(call->handle) != CURLE_OK) _exit(0);
}

/// Makes all calls at once.
static void perform_all(CURLM *multi, struct call *calls[], int count) {
    int running = 1, left;
    for (int place = 0; place < count; place++) {
        calls[place]->answered = calls[place]->sent = 0;
        check(!curl_multi_add_handle(multi, calls[place]->handle), "curl_multi_add_handle");
    }
    while (!curl_multi_perform(multi, &running) && running) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
        check(message->data.result == CURLE_OK, "a request to SNS");
        curl_multi_remove_handle(multi, message->easy_handle);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    check(!curl_global_init(CURL_GLOBAL_DEFAULT), "curl_global_init");
    register_extension(port("AWS_LAMBDA_RUNTIME_API"), "curl");
    char url[256], answers[256];
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    snprintf(url, sizeof url, "http://%s/2018-06-01/runtime/invocation/next", api);
    struct call *runtime = new_call(), *calls[maximum_requests];
    curl_easy_setopt(runtime->handle, CURLOPT_URL, url);

    struct stat status;
    int file = open(arguments[1], O_RDONLY | O_CLOEXEC), calls_count = 0;
    check(file >= 0 && !fstat(file, &status), arguments[1]);
    char *prepared = malloc((size_t)status.st_size), *reply = NULL;
    check(prepared && read(file, prepared, (size_t)status.st_size) == status.st_size, "read");
    close(file);
    uint32_t size, reply_size = 0;
    for (char *at = prepared; at < prepared + status.st_size; at += sizeof size + size) {
        memcpy(&size, at, sizeof size);
        if (!reply) {
            reply = at + sizeof size;
            reply_size = size;
        } else {
            check(calls_count < maximum_requests, "too many requests");
            calls[calls_count++] = prepared_call(at + sizeof size, size);
        }
    }
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURLM *multi = curl_multi_init();
    for (;;) {
        perform(runtime);
        check(runtime->id[0], "an event without an id");
        perform_all(multi, calls, calls_count);
        snprintf(answers, sizeof answers, "http://%s/2018-06-01/runtime/invocation/%s/response", api,
                 runtime->id);
        curl_easy_setopt(runtime->handle, CURLOPT_URL, answers);
        set_post(runtime, reply, reply_size, headers);
        perform(runtime);
        curl_easy_setopt(runtime->handle, CURLOPT_URL, url);
        curl_easy_setopt(runtime->handle, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(runtime->handle, CURLOPT_HTTPHEADER, NULL);
    }
}
