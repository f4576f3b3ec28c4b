/* escape.h - text of a user inside the languages a report is written in. Each writes the whole of
 * `text` to `out`; control characters become U+FFFD, or a blank where they end a line. */
#ifndef LIDO_STUDY_ESCAPE_H
#define LIDO_STUDY_ESCAPE_H

#include <stdio.h>

typedef void (*lido_escape)(const char *text, FILE *out);

/* HTML 5, in text and in quoted attributes. */
void lido_escape_html(const char *text, FILE *out);
/* JSON (of which `text` is a document) inside a script element: "<", ">" and "&" as \u003c, ..., so
 * that neither "</script>" nor "<!--" can stand there; the document stays the same. */
void lido_escape_script(const char *text, FILE *out);
/* GitHub's Markdown, in a line or a cell of a table. */
void lido_escape_markdown(const char *text, FILE *out);
/* LaTeX in text mode; the signs reports use (minus, plus-minus, dashes, thin spaces) become
 * commands. */
void lido_escape_latex(const char *text, FILE *out);
/* A field of a CSV file (RFC 4180): in quotes where it needs them. */
void lido_escape_csv(const char *text, FILE *out);

#endif
