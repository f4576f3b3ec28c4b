/* words.h - words in messages: the nearest one to a misspelling, and lists of them; and what may be
 * a name. */
#ifndef LIDO_BASE_WORDS_H
#define LIDO_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The entry of names (ended by NULL) nearest to `word` by edits, case ignored, or NULL when none is
 * near: more than a third of its letters away (but 2 edits are always near) or nothing in common.
 * The first of equals. */
const char *lido_nearest(const char *word, const char *const *names);

/* Writes "<opening>a, b, c" into text[size] (truncated, always terminated); returns text. */
char *lido_text_list(const char *opening, const char *const *names, char *text, size_t size);

/* True for one or more letters, digits, '_', '.' and '-': safe in messages and in names of files.
 */
bool lido_is_word(const char *text);

#endif
