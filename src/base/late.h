/* late.h - functions of a shared library that is loaded when a command first needs it. libcurl and
 * libarchive bring some thirty libraries with them: loaded at every start, they would double its
 * time and add 8 MB to the memory of a program that fetches nothing. */
#ifndef LIDO_BASE_LATE_H
#define LIDO_BASE_LATE_H

#include <lido/base.h>

/* Function `name` of the library, and where in the caller's struct its pointer belongs. */
typedef struct lido_late_function {
    const char *name;
    size_t offset;
} lido_late_function;

/* Loads `library` ("libcurl.so.4") and sets the pointers in *functions, as the list says (ended by
 * a NULL name). Every pointer must be to a function. The library stays: those below it do not all
 * stand being unloaded. LIDO_UNSUPPORTED: the library or a function is not there. */
lido_status lido_late_load(const char *library, const lido_late_function *list, void *functions,
                           lido_error *error);

#endif
