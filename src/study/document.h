/* document.h - a study's file made into one document. */
#ifndef LIDO_STUDY_DOCUMENT_H
#define LIDO_STUDY_DOCUMENT_H

#include "base/json.h"

#include <lido/study.h>

/* The keys of a study's file, ended by NULL. */
extern const char *const lido_study_keys[];

/* Reads the file, merges its profile and the changes over it, drops "profiles", and puts the spec
 * in the place of the path in "base". Keys are known ones, and "base" is an object; the rest is
 * unchecked. The caller frees the document. LIDO_NOT_FOUND, LIDO_IO, LIDO_SPEC; LIDO_USAGE for a
 * profile the file does not have; LIDO_MEMORY. */
lido_status lido_study_document(const char *path, const lido_study_options *options,
                                lido_json **document, lido_error *error);

/* A copy of `target` with `patch` merged over it by RFC 7396: objects member by member, null takes
 * a member away, anything else replaces. Either may be NULL. The caller frees it. */
lido_json *lido_json_merged(const lido_json *target, const lido_json *patch);

/* A copy of the object with the member replaced, or added at the end; NULL of what is no object, as
 * when memory ran out for it. Takes over value. */
lido_json *lido_json_with(const lido_json *object, const char *key, lido_json *value);

#endif
