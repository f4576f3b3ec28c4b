/* template.h - documents from templates: real .html, .md and .tex files with places to fill, in a
 * part of the language Mustache (mustache.github.io). */
#ifndef LIDO_STUDY_TEMPLATE_H
#define LIDO_STUDY_TEMPLATE_H

#include "base/json.h"
#include "study/escape.h"

/* Writes the template text[size] to `out`, filled from `view`:
 *   {{name}}              the string of that name, escaped; {{.}} is the value at hand
 *   {{{name}}}            the same as it is
 *   {{#name}}...{{/name}} for each element of an array, which is then the value at hand; once for
 *                         an object (at hand too), a string that is not empty, or true; else not
 *   {{^name}}...{{/name}} where the above leaves out
 * Names are looked up in the value at hand, then in those around it. A line with nothing but the
 * tag of a section leaves no line. LIDO_SPEC, with the line, where a string is missing or sections
 * are not closed in order: a mistake in the template. */
lido_status lido_template_write(const char *text, size_t size, const lido_json *view,
                                lido_escape escape, FILE *out, lido_error *error);

#endif
