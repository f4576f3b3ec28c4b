/* output.h - everything the program shows: text for people, tables, a progress bar, and the line of
 * JSON for programs.
 *
 * Text for people goes to standard output; with --json it goes to standard error instead, so that
 * standard output holds the JSON line alone; with --quiet it goes nowhere. The progress bar is
 * drawn on standard error, and only on a terminal. */
#ifndef LIDO_CLI_OUTPUT_H
#define LIDO_CLI_OUTPUT_H

#include "base/json.h"
#include "base/quantity.h"
#include "cli/arguments.h"

#include <stdio.h>

typedef struct lido_output {
    FILE *people; /* NULL: quiet */
    bool json;
} lido_output;

lido_output lido_output_of(const lido_common *common);

/* printf for people. */
void lido_say(const lido_output *output, const char *format, ...) LIDO_PRINTF(2, 3);
/* Text broken at blanks to 80 columns; every line but the first, which the caller has begun at
 * column `indent`, starts with `indent` blanks. Ends the line. */
void lido_say_wrapped(const lido_output *output, int indent, const char *text);

/* Prints the object as one line when --json was given, and frees it. LIDO_MEMORY. */
lido_status lido_output_json(const lido_output *output, lido_json *object, lido_error *error);

/* ---- numbers as text ------------------------------------------------------------------------ */

/* Writes into text[LIDO_NUMBER_SIZE] and returns it. */
char *lido_text_shape(const int64_t *axis, int rank, char *text); /* 28 x 28 */

/* ---- tables --------------------------------------------------------------------------------- */

/* Rows of text whose columns are aligned when they are printed. A title that starts with '<' is of
 * a column set to the left (the mark is not shown); the others are set to the right. */
typedef struct lido_table lido_table;

lido_table *lido_table_new(const char *const *titles, int columns);
/* One cell after the other, row by row; copied. Memory that runs out is reported by print. */
void lido_table_add(lido_table *table, const char *format, ...) LIDO_PRINTF(2, 3);
/* A rule across before the next row (the totals). */
void lido_table_rule(lido_table *table);
/* Prints and frees; NULL is memory that ran out. */
lido_status lido_table_print(lido_table *table, const lido_output *output, lido_error *error);

/* ---- progress ------------------------------------------------------------------------------- */

typedef struct lido_bar {
    bool shown; /* drawn at all: on a terminal and not quiet */
    bool drawn; /* a line is on the screen */
    double started, last;
} lido_bar;

void lido_bar_start(lido_bar *bar, const lido_output *output);
/* Draws "label [=====>    ]  42 %  note", at most ten times a second. */
void lido_bar_draw(lido_bar *bar, const char *label, double fraction, const char *note);
/* Takes the line away. */
void lido_bar_clear(lido_bar *bar);

/* The line of such a bar in text[size], cut to fit; returns its whole length. */
int lido_text_bar(const char *label, double fraction, const char *note, char *text, size_t size);

enum { LIDO_MOST_COLUMNS = 512 };

/* The terminal on standard error; 24 x 80 where it does not tell. At most LIDO_MOST_COLUMNS. */
typedef struct lido_terminal {
    int rows, columns;
} lido_terminal;

lido_terminal lido_terminal_size(void);

/* Seconds of a clock that only goes forward. */
double lido_seconds(void);

#endif
