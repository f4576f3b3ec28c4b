/* options.h - reading a JSON object into a configuration struct by its option table. */
#ifndef LIDO_BASE_OPTIONS_H
#define LIDO_BASE_OPTIONS_H

#include "base/json.h"
#include "base/words.h"

/* Tables have at most LIDO_MAX_OPTIONS rows. Bounds: min and max both 0 are no bound; a max under
 * min (min 1, max 0) is no upper bound, and INFINITY or -INFINITY no bound on its side.
 *
 * An option whose fallback is "null" may be absent, which its field then shows: INT 0, REAL NaN,
 * BOOL false, FLAG and CHOICE -1, AXES, SIZES and LIST count 0, PADDING "valid", TEXT "", OBJECT
 * given == false and the rest of the nested struct zero. A written null is refused. An OBJECT whose
 * fallback is "{}" is given with its own defaults. */

/* Fills `config` (zeroed by the caller) from `object`: every option gets its written value or its
 * default; *given says which were written. Keys in `skip` (ended by NULL; NULL: none) belong to
 * someone else and are passed over ("type", "name", "input", ...). Unknown keys, missing required
 * options, wrong types and values out of range are LIDO_SPEC errors that start with `where` (a JSON
 * path) and name the allowed values and, for a misspelt key, the nearest one. */
lido_status lido_options_read(const lido_option *table, const lido_json *object, const char *where,
                              const char *const *skip, void *config, lido_given *given,
                              lido_error *error);

/* All defaults of a table; LIDO_SPEC when one is required. */
lido_status lido_options_default(const lido_option *table, void *config, lido_error *error);

/* Adds every option with its value to `object` (absent ones are left out), so that reading the
 * result gives the same configuration. */
void lido_options_write(const lido_option *table, const void *config, lido_json *object);

/* A JSON Schema object for the options of a table ("properties", "required",
 * "additionalProperties": false); the keys of `skip` are the caller's to add (lido_json_member
 * gives "properties" and "required"). */
lido_json *lido_options_schema(const lido_option *table);

/* What an option accepts, for messages and `lido list`: "an integer in 1..64",
 * "one of max, average". Returns text. */
char *lido_option_accepts(const lido_option *option, char *text, size_t size);

#endif
