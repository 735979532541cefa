// libcurl's request head, put together by copying.
//
// libcurl writes a head through its printf, byte by byte through a pointer to a function: a tenth of
// all instructions of a no-op, an eighth of a track call's. Its formats there hold text and %s
// alone, which takes no printf. scripts/package renames libcurl's calls of Curl_dyn_addf, and only
// those, to the function below; what it does not know is left to libcurl. A version of libcurl that
// names the function otherwise is built without this.
//
// Source: libcurl 7.71 to 8.13, lib/dynbuf.h; the functions declared below are its internal ones.

#include <curl/curl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

struct dynbuf;
CURLcode Curl_dyn_addn(struct dynbuf *buffer, const void *bytes, size_t count);
CURLcode Curl_dyn_vaddf(struct dynbuf *buffer, const char *format, va_list arguments);

/// True for a format with no conversion but %s.
static bool is_plain(const char *format) {
    const char *percent = format;
    while ((percent = strchr(percent, '%'))) {
        if (percent[1] != 's') return false;
        percent += 2;
    }
    return true;
}

CURLcode plain_Curl_dyn_addf(struct dynbuf *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    CURLcode code = CURLE_OK;
    if (is_plain(format)) {
        while (*format && code == CURLE_OK) {
            size_t text = strcspn(format, "%");
            if (text > 0) {
                code = Curl_dyn_addn(buffer, format, text);
                format += text;
            } else {
                const char *value = va_arg(arguments, const char *);
                if (!value) value = "(nil)";
                code = Curl_dyn_addn(buffer, value, strlen(value));
                format += 2;
            }
        }
    } else {
        code = Curl_dyn_vaddf(buffer, format, arguments);
    }
    va_end(arguments);
    return code;
}
