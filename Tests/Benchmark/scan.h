/// JSON as far as plain C needs it: where members and values begin and end. Nothing is validated.
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>

/// Bytes that somebody else keeps.
struct slice {
    const char *bytes;
    size_t count;
};

/// A place in a text, and the text's end; `at` is NULL once the text has turned out to be cut.
struct cursor {
    const char *at, *end;
};

/// A member of an object: its name without quotes and escaped as it came, and its value's text.
struct member {
    struct slice name, value;
};

bool is_equal(struct slice slice, const char *text);

/// A cursor before the first member of an object, or the first element of an array.
struct cursor inside(struct slice container);

/// Steps to the next member; false at the object's end, or if the text is cut.
bool next_member(struct cursor *cursor, struct member *member);

/// Steps to the next element; false at the array's end, or if the text is cut.
bool next_element(struct cursor *cursor, struct slice *element);

/// Writes what a string stands for, given its text with quotes; returns the bytes written, which
/// are never more than the text has.
size_t unescape(struct slice string, char *out);

#endif
