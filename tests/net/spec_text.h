/* spec_text.h - specs as C strings: JSON with ' for ", so that it can be read. */
#ifndef LIDO_TESTS_SPEC_TEXT_H
#define LIDO_TESTS_SPEC_TEXT_H

#include "lido_check.h"

#include <lido/net.h>

static inline lido_status parse_quoted(const char *text, lido_spec **spec, lido_error *error) {
    size_t size = strlen(text);
    char *json = malloc(size + 1);
    for (size_t i = 0; i <= size; i++) json[i] = text[i] == '\'' ? '"' : text[i];
    lido_status status = lido_spec_parse(json, size, "m.json", spec, error);
    free(json);
    return status;
}

/* The parsed spec, to be freed; the test fails when there is a mistake in it. */
static inline lido_spec *parsed(const char *text) {
    lido_error error = {0};
    lido_spec *spec = NULL;
    assert_ok(parse_quoted(text, &spec, &error));
    return spec;
}

/* A spec that must be refused, and what its message must contain. */
typedef struct refusal {
    const char *text, *message;
} refusal;

static inline void assert_refused(const refusal *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        lido_error error = {0};
        lido_spec *spec = NULL;
        lido_status status = parse_quoted(cases[i].text, &spec, &error);
        ck_assert_msg(status == LIDO_SPEC, "%s: got %s", cases[i].text, lido_status_text(status));
        ck_assert_ptr_null(spec);
        ck_assert_msg(strstr(error.message, cases[i].message) != NULL, "\"%s\" is not in \"%s\"",
                      cases[i].message, error.message);
    }
}

#define ASSERT_REFUSED(cases) assert_refused(cases, sizeof(cases) / sizeof *(cases))

#endif
