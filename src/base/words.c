/* words.c - words in messages: the nearest one to a misspelling, and lists of them. */
#include "base/words.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Levenshtein distance, case ignored; both words are at most LONGEST letters. */
static size_t distance(const char *a, const char *b) {
    size_t row[LONGEST + 1], columns = strlen(b);
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            int differs = tolower((uint8_t)a[i]) != tolower((uint8_t)b[j]);
            size_t replaced = diagonal + (size_t)differs;
            diagonal = row[j + 1];
            row[j + 1] = min_size(replaced, min_size(row[j], row[j + 1]) + 1);
        }
    }
    return row[columns];
}

const char *lido_nearest(const char *word, const char *const *names) {
    size_t length = strlen(word), limit = length / 3 > 2 ? length / 3 : 2;
    const char *nearest = NULL;
    if (length > LONGEST) return NULL;
    for (; *names; names++) {
        size_t other = strlen(*names), longer = length > other ? length : other;
        if (other > LONGEST) continue;
        size_t edits = distance(word, *names);
        if (edits > limit || edits == longer) continue;
        nearest = *names;
        if (edits == 0) break;
        limit = edits - 1;
    }
    return nearest;
}

char *lido_text_list(const char *opening, const char *const *names, char *text, size_t size) {
    int written = snprintf(text, size, "%s", opening);
    for (size_t used = 0; *names; names++) {
        if (written < 0 || (size_t)written >= size - used) break;
        used += (size_t)written;
        written = snprintf(text + used, size - used, "%s%s", *names, names[1] ? ", " : "");
    }
    return text;
}

bool lido_is_word(const char *text) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return *text != '\0' && text[strspn(text, letters)] == '\0';
}
