/* json_check.c - the strict grammar of JSON (RFC 8259), checked before cJSON builds the document.
 *
 * cJSON says only where it stopped, and takes 01, raw control characters, malformed \u escapes, NUL
 * bytes as white space and the first 63 characters of a longer number. */
#include "base/json_check.h"

#include <stdio.h>
#include <string.h>

typedef struct scanner {
    const char *start, *at, *end, *name;
    int depth;
    lido_error *error;
} scanner;

static bool is_continuation(char byte) {
    return ((uint8_t)byte & 0xC0) == 0x80;
}

static lido_status fail(const scanner *s, const char *what) {
    size_t line = 1, column = 1;
    for (const char *p = s->start; p < s->at; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else if (!is_continuation(*p)) {
            column++;
        }
    }
    return lido_fail(s->error, LIDO_SPEC, "%s:%zu:%zu: %s", s->name, line, column, what);
}

/* The next byte, or -1 at the end. */
static int peek(const scanner *s) {
    return s->at < s->end ? (uint8_t)*s->at : -1;
}

static lido_status fail_expected(const scanner *s, const char *expected) {
    char what[128];
    int next = peek(s);
    if (next < 0)
        snprintf(what, sizeof what, "expected %s, found the end of the text", expected);
    else if (next > 0x20 && next < 0x7F)
        snprintf(what, sizeof what, "expected %s, found '%c'", expected, next);
    else
        snprintf(what, sizeof what, "expected %s, found byte 0x%02X", expected, (unsigned)next);
    return fail(s, what);
}

static void skip_space(scanner *s) {
    while (s->at < s->end && *s->at && strchr(" \t\r\n", *s->at)) s->at++;
}

static bool skip_digits(scanner *s) {
    const char *first = s->at;
    while (peek(s) >= '0' && peek(s) <= '9') s->at++;
    return s->at > first;
}

static lido_status check_number(scanner *s) {
    const char *first = s->at;
    if (peek(s) == '-') s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (!skip_digits(s))
        return fail_expected(s, "a digit");
    if (peek(s) == '.') {
        s->at++;
        if (!skip_digits(s)) return fail_expected(s, "a digit");
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') s->at++;
        if (!skip_digits(s)) return fail_expected(s, "a digit");
    }
    if (s->at - first <= LIDO_JSON_NUMBER_LENGTH) return LIDO_OK;
    s->at = first;
    return fail(s, "a number of more than 63 characters");
}

static int hex_digit(int c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* \uXXXX at s->at; -1 and nothing skipped when it is not there. */
static int read_unicode_escape(scanner *s) {
    if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u') return -1;
    int unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(s->at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    s->at += 6;
    return unit;
}

/* An escape of at least two bytes. */
static lido_status check_escape(scanner *s) {
    if (s->at[1] != 'u') {
        if (!s->at[1] || !strchr("\"\\/bfnrt", s->at[1])) return fail(s, "not a known \\ escape");
        s->at += 2;
        return LIDO_OK;
    }
    scanner place = *s;
    int unit = read_unicode_escape(s);
    if (unit < 0) return fail(&place, "\\u takes four hexadecimal digits");
    if (unit == 0) return fail(&place, "a NUL character in a string");
    if (unit < 0xD800 || unit > 0xDFFF) return LIDO_OK;
    int low = unit < 0xDC00 ? read_unicode_escape(s) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) return LIDO_OK;
    return fail(&place, "half a surrogate pair");
}

/* The bytes of the UTF-8 character at s->at, 0 when it is not one (overlong forms, surrogates and
 * numbers past U+10FFFF included). */
static int utf8_length(const scanner *s) {
    uint32_t lead = (uint8_t)*s->at;
    if (lead < 0x80) return 1;
    int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || s->end - s->at < length) return 0;
    uint32_t point = lead & (0xFFu >> (length + 1));
    for (int i = 1; i < length; i++) {
        if (!is_continuation(s->at[i])) return 0;
        point = point << 6 | ((uint8_t)s->at[i] & 0x3F);
    }
    static const uint32_t smallest[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < smallest[length] || point > 0x10FFFF || surrogate ? 0 : length;
}

static lido_status check_string(scanner *s) {
    scanner opening = *s;
    s->at++;
    for (;;) {
        int next = peek(s);
        bool cut = next < 0 || (next == '\\' && s->end - s->at < 2);
        if (cut) return fail(&opening, "a string that is not closed");
        if (next == '"') break;
        if (next < 0x20) return fail(s, "a control character in a string; write it as an escape");
        if (next == '\\') {
            lido_status status = check_escape(s);
            if (status) return status;
            continue;
        }
        int length = utf8_length(s);
        if (length == 0) return fail(s, "not UTF-8");
        s->at += length;
    }
    s->at++;
    return LIDO_OK;
}

static lido_status check_word(scanner *s) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(s->end - s->at) < length || memcmp(s->at, words[i], length) != 0) continue;
        s->at += length;
        return LIDO_OK;
    }
    return fail_expected(s, "a value");
}

static lido_status check_key(scanner *s) {
    skip_space(s);
    if (peek(s) != '"') return fail_expected(s, "a key in double quotes");
    lido_status status = check_string(s);
    if (status) return status;
    skip_space(s);
    if (peek(s) != ':') return fail_expected(s, "':'");
    s->at++;
    return LIDO_OK;
}

static lido_status check_value(scanner *s);

/* An array or an object, from its opening bracket to `closing`. */
static lido_status check_container(scanner *s, char closing) {
    if (s->depth == LIDO_JSON_DEPTH) return fail(s, "nested more than 64 levels deep");
    s->depth++;
    s->at++;
    skip_space(s);
    while (peek(s) != closing) {
        lido_status status = closing == '}' ? check_key(s) : LIDO_OK;
        if (!status) status = check_value(s);
        if (status) return status;
        skip_space(s);
        if (peek(s) == closing) break;
        if (peek(s) != ',') return fail_expected(s, closing == '}' ? "',' or '}'" : "',' or ']'");
        s->at++;
        skip_space(s);
        if (peek(s) == closing)
            return fail_expected(s, closing == '}' ? "a key in double quotes" : "a value");
    }
    s->at++;
    s->depth--;
    return LIDO_OK;
}

static lido_status check_value(scanner *s) {
    skip_space(s);
    int next = peek(s);
    if (next == '{') return check_container(s, '}');
    if (next == '[') return check_container(s, ']');
    if (next == '"') return check_string(s);
    if (next == '-' || (next >= '0' && next <= '9')) return check_number(s);
    return check_word(s);
}

lido_status lido_json_check(const char *text, size_t size, const char *name, lido_error *error) {
    scanner s = {.start = text, .at = text, .end = text + size, .name = name, .error = error};
    lido_status status = check_value(&s);
    if (status) return status;
    skip_space(&s);
    return s.at == s.end ? LIDO_OK : fail_expected(&s, "nothing after the value");
}
