/* written.h - what a function writes to a stream, as text. */
#ifndef LIDO_TESTS_STUDY_WRITTEN_H
#define LIDO_TESTS_STUDY_WRITTEN_H

#include "lido_check.h"

#include <stdio.h>

typedef struct written {
    char *text; /* there once closed */
    size_t size;
    FILE *stream;
} written;

static inline written *written_open(written *w) {
    w->stream = open_memstream(&w->text, &w->size);
    ck_assert_ptr_nonnull(w->stream);
    return w;
}

/* Closes, compares, frees. */
static inline void written_is(written *w, const char *expected) {
    fclose(w->stream);
    ck_assert_str_eq(w->text, expected);
    free(w->text);
}

#endif
