/* table.c - tables whose columns are as wide as their widest cell. */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

enum { CELL_SIZE = 160, GAP = 2 };

struct lido_table {
    const char *const *titles;
    int columns;
    int count, room; /* cells */
    char **cell;
    int rule; /* the row before which a rule is drawn; -1: none */
    bool memory_ran_out;
};

lido_table *lido_table_new(const char *const *titles, int columns) {
    lido_table *table = calloc(1, sizeof *table);
    if (table) *table = (lido_table){.titles = titles, .columns = columns, .rule = -1};
    return table;
}

void lido_table_add(lido_table *table, const char *format, ...) {
    if (!table || table->memory_ran_out) return;
    if (table->count == table->room) {
        int room = table->room ? 2 * table->room : 64;
        char **cell = realloc(table->cell, (size_t)room * sizeof *cell);
        table->memory_ran_out = !cell;
        if (!cell) return;
        table->cell = cell;
        table->room = room;
    }
    char text[CELL_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    table->memory_ran_out = !copy;
    if (copy) table->cell[table->count++] = memcpy(copy, text, size);
}

void lido_table_rule(lido_table *table) {
    if (table) table->rule = table->count / table->columns;
}

static bool set_left(const char *title) {
    return title[0] == '<';
}

static const char *shown_title(const char *title) {
    return title + set_left(title);
}

/* Columns a text of UTF-8 takes: bytes that go on with a letter take none. */
static int text_width(const char *text) {
    int width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static int column_width(const lido_table *table, int column) {
    int width = text_width(shown_title(table->titles[column]));
    for (int i = column; i < table->count; i += table->columns)
        if (text_width(table->cell[i]) > width) width = text_width(table->cell[i]);
    return width;
}

/* *blanks are owed from the cells before: a row does not end in blanks. */
static void print_cell(const lido_table *table, const lido_output *output, int column, int width,
                       const char *text, int *blanks) {
    int length = text_width(text);
    bool left = set_left(table->titles[column]);
    if (column > 0) *blanks += GAP;
    if (!left || length == 0) *blanks += width - length;
    if (length > 0) {
        lido_say(output, "%*s%s", *blanks, "", text);
        *blanks = left ? width - length : 0;
    }
    if (column < table->columns - 1) return;
    lido_say(output, "\n");
    *blanks = 0;
}

static void print_rule(const lido_output *output, int length) {
    for (int i = 0; i < length; i++) lido_say(output, "-");
    lido_say(output, "\n");
}

static void print_rows(const lido_table *table, const lido_output *output, const int *width) {
    int length = GAP * (table->columns - 1), blanks = 0;
    for (int c = 0; c < table->columns; c++) {
        print_cell(table, output, c, width[c], shown_title(table->titles[c]), &blanks);
        length += width[c];
    }
    print_rule(output, length);
    for (int i = 0; i < table->count; i++) {
        int column = i % table->columns;
        if (column == 0 && i / table->columns == table->rule) print_rule(output, length);
        print_cell(table, output, column, width[column], table->cell[i], &blanks);
    }
}

lido_status lido_table_print(lido_table *table, const lido_output *output, lido_error *error) {
    if (!table) return lido_fail(error, LIDO_MEMORY, "out of memory while making a table");
    bool whole = !table->memory_ran_out;
    int *width = calloc((size_t)table->columns, sizeof *width);
    if (whole && width) {
        for (int c = 0; c < table->columns; c++) width[c] = column_width(table, c);
        print_rows(table, output, width);
    }
    whole = whole && width;
    free(width);
    for (int i = 0; i < table->count; i++) free(table->cell[i]);
    free(table->cell);
    free(table);
    return whole ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory while making a table");
}
