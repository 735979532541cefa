#include "scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool is_equal(struct slice slice, const char *text) {
    return slice.count == strlen(text) && !memcmp(slice.bytes, text, slice.count);
}

/// How many of the next eight bytes come before a quote or a backslash: all eight if there is none.
static unsigned plain_bytes(const char *at) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    uint64_t quotes = word ^ ones * '"', slashes = word ^ ones * '\\';
    uint64_t found = (((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes)) & tops;
    return found ? (unsigned)__builtin_ctzll(found) / 8 : 8;
}

/// The place after a string, given the place after its first quote; NULL if it is cut.
static const char *string_end(const char *at, const char *end) {
    while (at < end) {
        if (end - at >= 8) {
            unsigned count = plain_bytes(at);
            at += count;
            if (count == 8) continue;
        }
        if (*at == '"') return at + 1;
        at += *at == '\\' ? 2 : 1;
    }
    return NULL;
}

/// The place after an object or an array, given its first byte; NULL if it is cut.
static const char *container_end(const char *at, const char *end) {
    int depth = 0;
    while (at && at < end) {
        switch (*at++) {
        case '{':
        case '[': depth++; break;
        case '}':
        case ']':
            if (--depth == 0) return at;
            break;
        case '"': at = string_end(at, end); break;
        }
    }
    return NULL;
}

static const char *value_end(const char *at, const char *end) {
    if (at >= end) return NULL;
    if (*at == '"') return string_end(at + 1, end);
    if (*at == '{' || *at == '[') return container_end(at, end);
    while (at < end && *at != ',' && *at != '}' && *at != ']' && *at > ' ') at++;
    return at < end ? at : NULL;
}

static const char *after_space(const char *at, const char *end) {
    while (at < end && *at >= 0 && *at <= ' ') at++;
    return at;
}

struct cursor inside(struct slice container) {
    return (struct cursor){.at = container.bytes + 1, .end = container.bytes + container.count};
}

/// Steps over spaces and a comma; false at a container's end, or if the text is cut.
static bool find_next(struct cursor *cursor) {
    const char *at = after_space(cursor->at, cursor->end);
    if (at < cursor->end && *at == ',') at = after_space(at + 1, cursor->end);
    cursor->at = at < cursor->end ? at : NULL;
    return cursor->at && *at != '}' && *at != ']';
}

static bool take_value(struct cursor *cursor, struct slice *value) {
    const char *stop = value_end(cursor->at, cursor->end);
    if (stop) *value = (struct slice){.bytes = cursor->at, .count = (size_t)(stop - cursor->at)};
    cursor->at = stop;
    return stop;
}

bool next_element(struct cursor *cursor, struct slice *element) {
    return cursor->at && find_next(cursor) && take_value(cursor, element);
}

bool next_member(struct cursor *cursor, struct member *member) {
    struct slice name;
    if (!cursor->at || !find_next(cursor) || !take_value(cursor, &name)) return false;
    const char *colon = after_space(cursor->at, cursor->end);
    if (name.count < 2 || colon >= cursor->end || *colon != ':') {
        cursor->at = NULL;
        return false;
    }
    cursor->at = after_space(colon + 1, cursor->end);
    member->name = (struct slice){.bytes = name.bytes + 1, .count = name.count - 2};
    return take_value(cursor, &member->value);
}

static unsigned code_unit(const char *digits) {
    char text[5] = {digits[0], digits[1], digits[2], digits[3], 0};
    return (unsigned)strtoul(text, NULL, 16);
}

static char *put_scalar(char *out, unsigned scalar) {
    if (scalar < 0x80) {
        *out++ = (char)scalar;
        return out;
    }
    if (scalar < 0x800) {
        *out++ = (char)(0xC0 | scalar >> 6);
    } else if (scalar < 0x10000) {
        *out++ = (char)(0xE0 | scalar >> 12);
        *out++ = (char)(0x80 | (scalar >> 6 & 0x3F));
    } else {
        *out++ = (char)(0xF0 | scalar >> 18);
        *out++ = (char)(0x80 | (scalar >> 12 & 0x3F));
        *out++ = (char)(0x80 | (scalar >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (scalar & 0x3F));
    return out;
}

/// Writes what `\uXXXX` stands for, with a second one if it is a pair; `at` is after the `u`.
static const char *put_unicode(const char *at, const char *end, char **out) {
    if (end - at < 4) return end;
    unsigned scalar = code_unit(at);
    at += 4;
    if (scalar >= 0xD800 && scalar < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + ((code_unit(at + 2) - 0xDC00) & 0x3FF);
        at += 6;
    }
    *out = put_scalar(*out, scalar);
    return at;
}

size_t unescape(struct slice string, char *out) {
    const char *at = string.bytes + 1, *end = string.bytes + string.count - 1;
    char *begin = out;
    while (at < end) {
        if (end - at >= 8) {
            // All eight are copied; those after the first escape are written again.
            unsigned count = plain_bytes(at);
            memcpy(out, at, 8);
            at += count;
            out += count;
            if (count == 8) continue;
        }
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        char kind = at[1];
        at += 2;
        switch (kind) {
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': at = put_unicode(at, end, &out); break;
        default: *out++ = kind;
        }
    }
    return (size_t)(out - begin);
}
