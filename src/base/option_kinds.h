/* option_kinds.h - what each kind of option reads, writes and accepts; private to options.c. */
#ifndef LIDO_BASE_OPTION_KINDS_H
#define LIDO_BASE_OPTION_KINDS_H

#include "base/json.h"

/* `field` is the option's place in the configuration struct, of the type lido_option_kind names.
 * A new kind is a new row of the table in option_kinds.c. */
typedef struct lido_kind {
    /* Stores the value; false when the option does not accept it. An OBJECT is read by options.c.
     */
    bool (*read)(const lido_option *option, const lido_json *value, void *field);
    lido_json *(*write)(const lido_option *option, const void *field);
    void (*clear)(void *field);           /* makes a zeroed field absent; NULL: it already is */
    bool (*is_absent)(const void *field); /* as clear leaves it */
    void (*accepts)(const lido_option *option, char *text, size_t size);
    lido_json *(*schema)(const lido_option *option);
} lido_kind;

const lido_kind *lido_kind_of(const lido_option *option);

#endif
