/// The whole job in plain C: what Inlet does with a track or a batch, and nothing that it need not.
///
///     plain
///
/// It finds the body of a REST API's event, finds the calls in it, checks and stamps each, and
/// publishes it with the bytes that Inlet would send. It does not validate JSON or UTF-8, knows no
/// partner (any token is fine), takes times with `Z` only and bodies as text only, and answers 400
/// for the whole event if one call is not valid. `/health` it answers as Inlet does.
#define _GNU_SOURCE
#include "scan.h"
#include "sign.h"
#include "sockets.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    buffer_size = 1 << 20,
    /// Requests under way, on a connection each.
    maximum_requests = 64,
    /// SNS's limits of one request.
    maximum_entries = 10,
    maximum_message_bytes = 262144,
    /// Top-level members of a call that are none of the known ones.
    maximum_others = 32,
    /// Of an event's name, a messageId and a requestId.
    maximum_name = 256,
    /// Bytes of an entry beside its message: names of fields and seven attributes.
    entry_overhead = 8192,
    time_size = 25,
};

// MARK: - Text

/// A text that grows within room that its maker has made sure of.
struct text {
    char *bytes;
    size_t count;
};

static void add(struct text *text, struct slice slice) {
    memcpy(text->bytes + text->count, slice.bytes, slice.count);
    text->count += slice.count;
}

/// Adds a constant.
#define ADD(text, constant) add(text, (struct slice){constant, sizeof constant - 1})

/// What a byte is in a form, and its length; filled before the first call.
static struct {
    char bytes[4];
    unsigned char count;
} form_bytes[256];

static void prepare_form_bytes(void) {
    for (int byte = 0; byte < 256; byte++) {
        bool is_kept = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
            || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.'
            || byte == '~';
        char code[4] = {(char)(byte == ' ' ? '+' : byte)};
        if (!is_kept && byte != ' ') {
            snprintf(code, sizeof code, "%%%02X", (unsigned)byte & 0xFF);
        }
        memcpy(form_bytes[byte].bytes, code, sizeof code);
        form_bytes[byte].count = (unsigned char)strnlen(code, 3);
    }
}

/// Adds a value as a form has it; up to three bytes for each, and one that is written over.
static void add_encoded(struct text *text, struct slice value) {
    char *out = text->bytes + text->count;
    for (size_t place = 0; place < value.count; place++) {
        unsigned char byte = (unsigned char)value.bytes[place];
        memcpy(out, form_bytes[byte].bytes, 4);
        out += form_bytes[byte].count;
    }
    text->count = (size_t)(out - text->bytes);
}

static struct slice without_quotes(struct slice string) {
    return (struct slice){.bytes = string.bytes + 1, .count = string.count - 2};
}

static bool is_string(struct slice value) { return value.count > 2 && *value.bytes == '"'; }

// MARK: - Times

static int digits(const char *at, int count) {
    int number = 0;
    while (count--) number = number * 10 + *at++ - '0';
    return number;
}

/// Milliseconds since 1970 of a quoted time such as `2026-01-05T10:00:00.000Z`; false for others.
static bool read_time(struct slice value, int64_t *time) {
    if (value.count != time_size + 1 || value.bytes[time_size - 1] != 'Z') return false;
    const char *at = value.bytes + 1;
    struct tm parts = {.tm_year = digits(at, 4) - 1900,
                       .tm_mon = digits(at + 5, 2) - 1,
                       .tm_mday = digits(at + 8, 2),
                       .tm_hour = digits(at + 11, 2),
                       .tm_min = digits(at + 14, 2),
                       .tm_sec = digits(at + 17, 2)};
    *time = (int64_t)timegm(&parts) * 1000 + digits(at + 20, 3);
    return true;
}

static struct slice write_time(int64_t time, char out[static time_size + 2]) {
    time_t seconds = (time_t)(time / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t count = strftime(out, time_size + 2, "\"%Y-%m-%dT%H:%M:%S", &parts);
    int rest = snprintf(out + count, time_size + 2 - count, ".%03dZ\"", (int)(time % 1000));
    return (struct slice){.bytes = out, .count = count + (size_t)rest};
}

// MARK: - Calls

/// The members that a message has, in its order. The last is removed.
#define FIELDS(FIELD)                                                                              \
    FIELD(type) FIELD(messageId) FIELD(userId) FIELD(anonymousId) FIELD(event) FIELD(name)         \
    FIELD(category) FIELD(groupId) FIELD(previousId) FIELD(properties) FIELD(traits)               \
    FIELD(context) FIELD(integrations) FIELD(timestamp) FIELD(originalTimestamp) FIELD(sentAt)     \
    FIELD(receivedAt) FIELD(writeKey)

enum field {
#define FIELD(name) field_##name,
    FIELDS(FIELD)
#undef FIELD
    field_count,
};

static const struct slice field_names[] = {
#define FIELD(name) {#name, sizeof #name - 1},
    FIELDS(FIELD)
#undef FIELD
};

/// Each field as a form has it, with the comma before and the colon after.
static const struct slice field_keys[] = {
#define FIELD(name) {"%2C%22" #name "%22%3A", sizeof "%2C%22" #name "%22%3A" - 1},
    FIELDS(FIELD)
#undef FIELD
};

/// A call: values as they came, and empty where there is none.
struct call {
    struct slice values[field_count];
    struct member others[maximum_others];
    int other_count;
    /// Bytes of all values and of the others' names.
    size_t size;
    char timestamp[time_size + 2];
};

static int field_of(struct slice name) {
    for (int field = 0; field < field_count; field++) {
        if (name.count == field_names[field].count
            && !memcmp(name.bytes, field_names[field].bytes, name.count)) {
            return field;
        }
    }
    return -1;
}

/// Reads a call's members; false if it is no object or has too many.
static bool read_call(struct slice text, struct call *call) {
    if (text.count < 2 || *text.bytes != '{') return false;
    memset(call->values, 0, sizeof call->values);
    call->other_count = 0;
    call->size = 0;
    struct cursor cursor = inside(text);
    struct member member;
    while (next_member(&cursor, &member)) {
        int field = field_of(member.name);
        call->size += member.name.count + member.value.count;
        if (field >= 0) {
            call->values[field] = member.value;
        } else {
            if (call->other_count == maximum_others) return false;
            call->others[call->other_count++] = member;
        }
    }
    return cursor.at;
}

static bool has_known_type(const struct call *call) {
    static const char *const types[] = {"track", "identify", "page",  "screen",
                                        "group", "alias",    "delete"};
    if (!is_string(call->values[field_type])) return false;
    struct slice type = without_quotes(call->values[field_type]);
    for (size_t place = 0; place < sizeof types / sizeof *types; place++) {
        if (is_equal(type, types[place])) return true;
    }
    return false;
}

/// The rules that matter: a known type, a name for a track, somebody whose call it is, an id.
static bool is_valid(const struct call *call) {
    const struct slice *values = call->values;
    bool is_track = is_equal(values[field_type], "\"track\"");
    return has_known_type(call) && (!is_track || is_string(values[field_event]))
        && (is_string(values[field_userId]) || is_string(values[field_anonymousId]))
        && is_string(values[field_messageId]) && values[field_messageId].count <= maximum_name
        && call->size <= maximum_message_bytes - 512;
}

/// When an event came, as number and as the text that messages have.
struct arrival {
    int64_t time;
    struct slice text;
};

/// Corrects the timestamp by the difference of the sender's clock, and notes the arrival.
static void stamp(struct call *call, const struct arrival *arrival, struct slice sent_at) {
    struct slice *values = call->values;
    if (!values[field_sentAt].count) values[field_sentAt] = sent_at;
    values[field_receivedAt] = arrival->text;
    int64_t time, sent;
    struct slice original = values[field_timestamp];
    if (!original.count) {
        values[field_timestamp] = arrival->text;
    } else if (read_time(original, &time) && read_time(values[field_sentAt], &sent)) {
        values[field_originalTimestamp] = original;
        values[field_timestamp] = write_time(time + arrival->time - sent, call->timestamp);
    }
}

// MARK: - The form

/// The parts of an entry between its values, which each place in a request has of its own.
///
/// Two of them have numbers that depend on whether the event's name is among the attributes.
struct entry_parts {
    struct slice message, type, event, messageId[2], requestId[2];
};

/// Writes an attribute up to its value, and the value if it is constant.
static void add_attribute(struct text *text, const char *prefix, int number, const char *name,
                          const char *value) {
    text->count += (size_t)sprintf(
        text->bytes + text->count,
        "&%sMessageAttributes.entry.%d.Name=%s&%sMessageAttributes.entry.%d.Value.DataType=String"
        "&%sMessageAttributes.entry.%d.Value.StringValue=%s",
        prefix, number, name, prefix, number, prefix, number, value);
}

static struct slice rest_of(struct text *text, size_t *start) {
    struct slice part = {.bytes = text->bytes + *start, .count = text->count - *start};
    *start = text->count;
    return part;
}

static struct entry_parts make_parts(const char *prefix) {
    struct text text = {.bytes = malloc(entry_overhead)};
    if (!text.bytes) fail("malloc");
    struct entry_parts parts;
    size_t start = 0;
    text.count += (size_t)sprintf(text.bytes, "&%sMessage=%%7B%%22type%%22%%3A", prefix);
    parts.message = rest_of(&text, &start);
    add_attribute(&text, prefix, 1, "type", "");
    parts.type = rest_of(&text, &start);
    add_attribute(&text, prefix, 2, "event", "");
    parts.event = rest_of(&text, &start);
    for (int has_event = 0; has_event < 2; has_event++) {
        add_attribute(&text, prefix, 2 + has_event, "partner", "web-app");
        add_attribute(&text, prefix, 3 + has_event, "sender", "segment-api");
        add_attribute(&text, prefix, 4 + has_event, "auth", "key");
        add_attribute(&text, prefix, 5 + has_event, "messageId", "");
        parts.messageId[has_event] = rest_of(&text, &start);
        add_attribute(&text, prefix, 6 + has_event, "requestId", "");
        parts.requestId[has_event] = rest_of(&text, &start);
    }
    return parts;
}

/// The parts at a place in a batch, or those of a request of one message for a place of -1.
static const struct entry_parts *parts_at(int place) {
    static struct entry_parts made[1 + maximum_entries];
    struct entry_parts *parts = &made[place + 1];
    if (!parts->message.count) {
        char prefix[64] = "";
        if (place >= 0) {
            snprintf(prefix, sizeof prefix, "PublishBatchRequestEntries.member.%d.", place + 1);
        }
        *parts = make_parts(prefix);
    }
    return parts;
}

static void add_message(struct text *form, const struct call *call) {
    add_encoded(form, call->values[field_type]);
    for (int field = field_type + 1; field < field_writeKey; field++) {
        struct slice value = call->values[field];
        bool is_empty = value.count == 2 && *value.bytes == '"';
        if (!value.count || is_empty) continue;
        add(form, field_keys[field]);
        add_encoded(form, value);
    }
    for (int other = 0; other < call->other_count; other++) {
        ADD(form, "%2C%22");
        add_encoded(form, call->others[other].name);
        ADD(form, "%22%3A");
        add_encoded(form, call->others[other].value);
    }
    ADD(form, "%7D");
}

/// Whether SNS delivers the event's name as an attribute, as far as that is seen without decoding.
static bool has_event_attribute(const struct call *call) {
    struct slice event = call->values[field_event];
    return is_string(event) && event.count <= maximum_name
        && !memchr(event.bytes, '\\', event.count);
}

/// Adds a call to a form as its message and attributes.
static void add_entry(struct text *form, const struct call *call, const struct entry_parts *parts,
                      struct slice request_id) {
    add(form, parts->message);
    add_message(form, call);
    add(form, parts->type);
    add_encoded(form, without_quotes(call->values[field_type]));
    bool has_event = has_event_attribute(call);
    if (has_event) {
        add(form, parts->event);
        add_encoded(form, without_quotes(call->values[field_event]));
    }
    add(form, parts->messageId[has_event]);
    add_encoded(form, without_quotes(call->values[field_messageId]));
    add(form, parts->requestId[has_event]);
    add_encoded(form, request_id);
}

// MARK: - SNS

static uint16_t sns_port;
static char topic[512];

/// Connections that are kept, each with the entries of the request that it waits for.
static struct {
    int descriptor;
    /// The index of the first message in its batch, and how many there are; -1 for a single one.
    int first, count;
} topics[maximum_requests];

/// The bytes of a request: room for its head, then its form.
static char request_bytes[head_capacity + 3 * maximum_message_bytes
                          + maximum_entries * entry_overhead];

/// What has been sent for an event.
struct delivery {
    struct slice trace, request_id;
    int request_count;
    bool is_accepted;
};

/// Whether each message of a batch is among the successful ones of SNS's answer.
static bool has_accepted(struct slice xml, int first, int count) {
    const char *at = memmem(xml.bytes, xml.count, "<Successful>", 12);
    const char *end = at ? memmem(at, xml.count - (size_t)(at - xml.bytes), "</Successful>", 13)
                         : NULL;
    if (!end) return false;
    unsigned accepted = 0;
    while ((at = memmem(at, (size_t)(end - at), "<Id>", 4))) {
        at += 4;
        int place = atoi(at) - first;
        if (place >= 0 && place < count) accepted |= 1u << place;
    }
    return accepted == (1u << count) - 1;
}

/// Reads the answer that a connection waits for.
static void collect(struct delivery *delivery, int place) {
    static char buffer[65536];
    struct response response = read_response(topics[place].descriptor, buffer, sizeof buffer);
    struct slice xml = {.bytes = response.body, .count = response.body_count};
    bool is_accepted = response.head_count > 13 && !memcmp(response.head, "HTTP/1.1 200 ", 13)
        && (topics[place].count < 0 ? memmem(xml.bytes, xml.count, "<MessageId>", 11) != NULL
                                    : has_accepted(xml, topics[place].first, topics[place].count));
    if (!is_accepted) delivery->is_accepted = false;
}

/// Signs and sends the form in `request_bytes`; a connection that is in use is waited for.
static void send_form(struct delivery *delivery, size_t count, int first, int entries) {
    char head[head_capacity];
    char *form = request_bytes + head_capacity;
    int place = delivery->request_count % maximum_requests;
    size_t head_count =
        signed_head((struct slice){.bytes = form, .count = count}, delivery->trace, head);
    memcpy(form - head_count, head, head_count);
    if (delivery->request_count >= maximum_requests) collect(delivery, place);
    if (!topics[place].descriptor) topics[place].descriptor = connected(sns_port);
    topics[place].first = first;
    topics[place].count = entries;
    delivery->request_count++;
    write_all(topics[place].descriptor, form - head_count, head_count + count);
}

static void collect_all(struct delivery *delivery) {
    int count = delivery->request_count;
    int first = count > maximum_requests ? count - maximum_requests : 0;
    for (int request = first; request < count; request++) {
        collect(delivery, request % maximum_requests);
    }
}

static struct text new_form(const char *action) {
    struct text form = {.bytes = request_bytes + head_capacity};
    form.count = (size_t)sprintf(form.bytes, "Action=%s&Version=2010-03-31&TopicArn=%s", action,
                                 topic);
    return form;
}

static bool publish_call(struct slice text, const struct arrival *arrival,
                         struct delivery *delivery, struct slice *message_id) {
    static struct call call;
    if (!read_call(text, &call) || !is_valid(&call)) return false;
    stamp(&call, arrival, (struct slice){0});
    struct text form = new_form("Publish");
    add_entry(&form, &call, parts_at(-1), delivery->request_id);
    send_form(delivery, form.count, 0, -1);
    *message_id = call.values[field_messageId];
    return true;
}

/// Publishes the calls of a batch by tens, each ten as soon as it is written; returns how many
/// there are, or -1 if one is not valid.
static int publish_batch(struct slice batch, struct slice sent_at, const struct arrival *arrival,
                         struct delivery *delivery) {
    static struct call call;
    struct cursor cursor = inside(batch);
    struct slice element;
    struct text form = {0};
    int total = 0, entries = 0;
    size_t size = 0;
    while (next_element(&cursor, &element)) {
        if (!read_call(element, &call) || !is_valid(&call)) return -1;
        stamp(&call, arrival, sent_at);
        if (entries == maximum_entries
            || (entries && size + call.size + 1024 > maximum_message_bytes)) {
            send_form(delivery, form.count, total - entries, entries);
            entries = 0;
        }
        if (!entries) {
            form = new_form("PublishBatch");
            size = 0;
        }
        form.count += (size_t)sprintf(form.bytes + form.count,
                                      "&PublishBatchRequestEntries.member.%d.Id=%d", entries + 1,
                                      total);
        add_entry(&form, &call, parts_at(entries), delivery->request_id);
        size += call.size + 1024;
        entries++;
        total++;
    }
    if (entries) send_form(delivery, form.count, total - entries, entries);
    return cursor.at ? total : -1;
}

// MARK: - Events

/// What an event has for us.
struct request {
    struct slice path, body, request_id;
};

static bool find_member(struct slice object, const char *name, struct slice *value) {
    if (object.count < 2 || *object.bytes != '{') return false;
    struct cursor cursor = inside(object);
    struct member member;
    while (next_member(&cursor, &member)) {
        if (!is_equal(member.name, name)) continue;
        *value = member.value;
        return true;
    }
    return false;
}

static bool read_event(struct slice event, struct request *request) {
    struct slice context = {0};
    struct cursor cursor = inside(event);
    struct member member;
    while (next_member(&cursor, &member)) {
        if (is_equal(member.name, "path")) request->path = member.value;
        if (is_equal(member.name, "requestContext")) context = member.value;
        if (is_equal(member.name, "body")) request->body = member.value;
    }
    if (!find_member(context, "requestId", &request->request_id)
        || !is_string(request->request_id) || request->request_id.count > maximum_name) {
        return false;
    }
    request->request_id = without_quotes(request->request_id);
    return cursor.at;
}

/// Unescapes a request's body; false if it has none.
static bool read_body(struct request *request) {
    static char body[buffer_size];
    if (!is_string(request->body)) return false;
    size_t count = unescape(request->body, body);
    request->body = (struct slice){.bytes = body, .count = count};
    return true;
}

static struct arrival arrive(char text[static time_size + 2]) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return (struct arrival){.time = time, .text = write_time(time, text)};
}

/// Writes what `/health` says.
static int tell_health(char *out, size_t size) {
    char text[time_size + 2];
    struct slice time = without_quotes(arrive(text).text);
    snprintf(out, size,
             "{\\\"status\\\":\\\"healthy\\\",\\\"timestamp\\\":\\\"%.*s\\\","
             "\\\"service\\\":\\\"plain\\\"}",
             (int)time.count, time.bytes);
    return 200;
}

/// Writes the body of a reply, escaped as it is inside of the reply.
static int publish(const struct request *request, struct delivery *delivery, char *out,
                   size_t size) {
    char text[time_size + 2];
    struct arrival arrival = arrive(text);
    sign_at((time_t)(arrival.time / 1000));
    struct slice batch, sent_at = {0}, message_id = {0};
    int total = 1;
    if (find_member(request->body, "batch", &batch) && *batch.bytes == '[') {
        find_member(request->body, "sentAt", &sent_at);
        total = publish_batch(batch, sent_at, &arrival, delivery);
    } else if (!publish_call(request->body, &arrival, delivery, &message_id)) {
        total = -1;
    }
    collect_all(delivery);
    if (total < 0) return 400;
    if (!delivery->is_accepted) return 503;
    int count = snprintf(out, size, "{\\\"success\\\":true,\\\"accepted\\\":%d,", total);
    if (message_id.count) {
        count += snprintf(out + count, size - (size_t)count, "\\\"messageId\\\":\\\"%.*s\\\",",
                          (int)message_id.count - 2, message_id.bytes + 1);
    }
    snprintf(out + count, size - (size_t)count, "\\\"requestId\\\":\\\"%.*s\\\"}",
             (int)request->request_id.count, request->request_id.bytes);
    return 200;
}

/// Writes the reply to one event.
static int answer(struct slice event, struct slice trace, char *reply, size_t size) {
    struct request request = {0};
    char body[1024] = "";
    int status = 400;
    bool is_read = read_event(event, &request);
    if (is_read && is_equal(request.path, "\"/health\"")) {
        status = tell_health(body, sizeof body);
    } else if (is_read && read_body(&request)) {
        struct delivery delivery = {
            .trace = trace, .request_id = request.request_id, .is_accepted = true};
        status = publish(&request, &delivery, body, sizeof body);
    }
    return snprintf(reply, size,
                    "{\"statusCode\":%d,\"headers\":{\"Content-Type\":\"application/json\","
                    "\"Access-Control-Allow-Origin\":\"*\",\"X-Request-Id\":\"%.*s\"},"
                    "\"body\":\"%s\",\"isBase64Encoded\":false}",
                    status, (int)request.request_id.count, request.request_id.bytes, body);
}

/// A field of the Runtime API's head; empty if it is not there.
static struct slice header(struct response response, const char *name) {
    size_t length = strlen(name);
    const char *at = memmem(response.head, response.head_count, name, length);
    if (!at) return (struct slice){0};
    at += length;
    const char *end = memchr(at, '\r', (size_t)(response.body - at));
    return (struct slice){.bytes = at, .count = (size_t)(end - at)};
}

static void serve(int runtime) {
    static const char next[] = NEXT_REQUEST;
    static char buffer[buffer_size];
    for (;;) {
        write_all(runtime, next, sizeof next - 1);
        struct response response = read_response(runtime, buffer, sizeof buffer);
        struct slice id = header(response, "Lambda-Runtime-Aws-Request-Id: ");
        struct slice trace = header(response, "Lambda-Runtime-Trace-Id: ");
        struct slice event = {.bytes = response.body, .count = response.body_count};
        char reply[2048], head[512];
        int count = answer(event, trace, reply, sizeof reply);
        int head_count = snprintf(
            head, sizeof head,
            "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n",
            (int)id.count, id.bytes, count);
        struct iovec parts[] = {{.iov_base = head, .iov_len = (size_t)head_count},
                                {.iov_base = reply, .iov_len = (size_t)count}};
        if (writev(runtime, parts, 2) < 0) fail("writev");
        read_response(runtime, buffer, sizeof buffer);
    }
}

int main(void) {
    uint16_t runtime_port = port("AWS_LAMBDA_RUNTIME_API");
    sns_port = port("AWS_ENDPOINT_URL_SNS");
    const char *arn = getenv("INLET_TOPIC_ARN");
    if (!arn || strlen(arn) > sizeof topic / 4) fail("INLET_TOPIC_ARN");
    prepare_signing(sns_port);
    prepare_form_bytes();
    struct text encoded = {.bytes = topic};
    add_encoded(&encoded, (struct slice){.bytes = arn, .count = strlen(arn)});
    topic[encoded.count] = 0;
    register_extension(runtime_port, "plain");
    serve(connected(runtime_port));
}
