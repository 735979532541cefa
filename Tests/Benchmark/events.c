#define _GNU_SOURCE
#include "events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    size_t count, capacity;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...) {
    for (;;) {
        va_list values;
        va_start(values, format);
        size_t room = text->capacity - text->count;
        size_t count = (size_t)vsnprintf(text->bytes ? text->bytes + text->count : NULL, room,
                                         format, values);
        va_end(values);
        if (count < room) {
            text->count += count;
            return;
        }
        text->capacity = text->capacity * 2 + count + 1024;
        text->bytes = realloc(text->bytes, text->capacity);
        if (!text->bytes) die("no memory");
    }
}

/// The body as a JSON string: it has quotes, and nothing else to escape.
static void add_quoted(struct text *text, const struct text *body) {
    add(text, "\"");
    const char *at = body->bytes, *end = body->bytes + body->count;
    while (at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *stop = quote ? quote : end;
        add(text, "%.*s%s", (int)(stop - at), at, quote ? "\\\"" : "");
        at = quote ? quote + 1 : end;
    }
    add(text, "\"");
}

static const char *const headers[][2] = {
    {"Accept", "*/*"},
    {"Accept-Encoding", "gzip, deflate"},
    {"Content-Type", "application/json"},
    {"Host", "q7x2k9p4e1.execute-api.eu-west-1.amazonaws.com"},
    {"User-Agent", "analytics-node/2.1.3"},
    {"X-Amzn-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"},
    {"X-Forwarded-For", "203.0.113.9"},
    {"X-Forwarded-Port", "443"},
    {"X-Forwarded-Proto", "https"},
};

static void add_headers(struct text *text, const char *name, const char *open, const char *close) {
    add(text, "\"%s\":{", name);
    for (size_t place = 0; place < sizeof headers / sizeof *headers; place++) {
        add(text, "%s\"%s\":%s\"%s\"%s", place ? "," : "", headers[place][0], open,
            headers[place][1], close);
    }
    add(text, "},");
}

/// Puts the body into an event, and frees it.
static struct event proxied(const char *method, const char *path, struct text *body, int status) {
    struct text text = {0};
    add(&text, "{\"resource\":\"/{proxy+}\",\"path\":\"%s\",\"httpMethod\":\"%s\",", path, method);
    add_headers(&text, "headers", "", "");
    add_headers(&text, "multiValueHeaders", "[", "]");
    add(&text,
        "\"queryStringParameters\":null,\"multiValueQueryStringParameters\":null,"
        "\"pathParameters\":{\"proxy\":\"%s\"},\"stageVariables\":null,"
        "\"requestContext\":{\"resourceId\":\"a1b2c3\",\"resourcePath\":\"/{proxy+}\","
        "\"httpMethod\":\"%s\",\"extendedRequestId\":\"XoZ3nHbCjoEFc0A=\","
        "\"requestTime\":\"05/Jan/2026:10:00:00 +0000\",\"path\":\"/prod%s\","
        "\"accountId\":\"123456789012\",\"protocol\":\"HTTP/1.1\",\"stage\":\"prod\","
        "\"domainPrefix\":\"q7x2k9p4e1\",\"requestTimeEpoch\":1767607200000,"
        "\"requestId\":\"4f3c9a52-6d0e-4c1b-9f60-2f4f0c7f4a11\","
        "\"identity\":{\"cognitoIdentityPoolId\":null,\"accountId\":null,\"caller\":null,"
        "\"sourceIp\":\"203.0.113.9\",\"userArn\":null,\"userAgent\":\"analytics-node/2.1.3\","
        "\"user\":null},\"domainName\":\"q7x2k9p4e1.execute-api.eu-west-1.amazonaws.com\","
        "\"apiId\":\"q7x2k9p4e1\"},\"body\":",
        path + 1, method, path);
    if (body) {
        add_quoted(&text, body);
        free(body->bytes);
    } else {
        add(&text, "null");
    }
    add(&text, ",\"isBase64Encoded\":false}");
    return (struct event){.bytes = text.bytes, .count = text.count, .status = status};
}

static void add_call(struct text *text, int number, const char *key) {
    add(text,
        "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u-%06d\","
        "\"anonymousId\":\"2f7b8c1e-0d7e-4a65-9a3c-5d1f0b%06d\","
        "\"messageId\":\"node-next-17676072%06d-3b1d4b64\","
        "\"timestamp\":\"2026-01-05T09:59:%02d.350Z\","
        "\"properties\":{\"orderId\":\"50314b8e\",\"total\":%d.50,\"currency\":\"EUR\","
        "\"coupon\":null,\"products\":[{\"sku\":\"G-32\",\"name\":\"Monopoly: 3rd Edition\","
        "\"price\":19.95,\"quantity\":1}]},"
        "\"context\":{\"library\":{\"name\":\"analytics-node\",\"version\":\"2.1.3\"},"
        "\"locale\":\"de-DE\",\"page\":{\"path\":\"/checkout\",\"title\":\"Checkout\"}}%s}",
        number, number, number, number % 60, 20 + number % 80, key);
}

#define WRITE_KEY ",\"sentAt\":\"2026-01-05T10:00:00.000Z\",\"writeKey\":\"wk_live_51xQ\""

struct event health_event(void) { return proxied("GET", "/health", NULL, 200); }

struct event track_event(int number) {
    struct text body = {0};
    add_call(&body, number, WRITE_KEY);
    return proxied("POST", "/v1/track", &body, 200);
}

struct event invalid_event(void) {
    struct text body = {0};
    add(&body, "{\"type\":\"track\",\"userId\":\"u-1\"" WRITE_KEY "}");
    return proxied("POST", "/v1/track", &body, 400);
}

struct event batch_event(int count) {
    struct text body = {0};
    add(&body, "{\"batch\":[");
    for (int number = 0; number < count; number++) {
        if (number) add(&body, ",");
        add_call(&body, number, "");
    }
    add(&body, "]" WRITE_KEY "}");
    return proxied("POST", "/v1/batch", &body, 200);
}

struct event short_batch_event(int count) {
    struct text body = {0};
    add(&body, "{\"batch\":[");
    for (int number = 0; number < count; number++) {
        add(&body,
            "%s{\"type\":\"track\",\"event\":\"Viewed\",\"userId\":\"u-%06d\","
            "\"messageId\":\"m-%06d\",\"timestamp\":\"2026-01-05T09:59:59.350Z\","
            "\"properties\":{\"n\":%d}}",
            number ? "," : "", number, number, number);
    }
    add(&body, "]" WRITE_KEY "}");
    return proxied("POST", "/v1/batch", &body, 200);
}

struct event large_event(size_t bytes) {
    struct text body = {0};
    add(&body, "{\"batch\":[");
    for (int number = 0; body.count + 1000 < bytes; number++) {
        if (number) add(&body, ",");
        add_call(&body, number, "");
    }
    add(&body, "]" WRITE_KEY "}");
    return proxied("POST", "/v1/batch", &body, 200);
}
