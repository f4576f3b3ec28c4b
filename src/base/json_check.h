/* json_check.h - the strict grammar of JSON, private to json.c. */
#ifndef LIDO_BASE_JSON_CHECK_H
#define LIDO_BASE_JSON_CHECK_H

#include <lido/base.h>

enum { LIDO_JSON_DEPTH = 64, LIDO_JSON_NUMBER_LENGTH = 63 };

/* LIDO_OK when size bytes of text are exactly one JSON value by RFC 8259, in UTF-8, with no NUL in
 * a string and within the two limits above; otherwise LIDO_SPEC and "name:line:column: what". */
lido_status lido_json_check(const char *text, size_t size, const char *name, lido_error *error);

#endif
