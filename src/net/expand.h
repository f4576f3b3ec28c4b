/* expand.h - from "layers" and "define" of a document to the flat list of entries; private to
 * spec.c.
 *
 * expand.c walks the document: define/use and inner activations are written out, options are read,
 * names given. link.c then finds the inputs, which need all names to be known. */
#ifndef LIDO_NET_EXPAND_H
#define LIDO_NET_EXPAND_H

#include "net/spec.h"

enum { LIDO_MAX_LAYERS = 4096 };

/* What an "input" calls the network's own inputs. */
#define LIDO_IMAGE_NAME "image"
#define LIDO_BOXES_NAME "boxes" /* where the spec has them */

/* What "activation" may say, ended by NULL: each is a layer type. */
extern const char *const lido_activation_names[];

/* What an entry asked for as its input. */
typedef struct lido_wish {
    const lido_json *input;     /* a name or a list of names; NULL: the entry before */
    char scope[LIDO_TEXT_SIZE]; /* where the names are looked up first: "" or "pool#2/", ... */
} lido_wish;

/* A name others may use as an input. */
typedef struct lido_label {
    char name[LIDO_TEXT_SIZE];
    int entry; /* whose output it is: of a layer with an inner activation or blur, theirs */
} lido_label;

/* A spec on its way; entries and configurations belong to the spec. */
typedef struct lido_draft {
    lido_spec *spec;
    int capacity, labels, label_capacity;
    lido_wish *wish; /* one for each entry */
    lido_label *label;
} lido_draft;

/* Fills spec->entry from spec->document, whose top-level keys have been checked. On failure what
 * has been made so far stays in *spec for lido_spec_free. */
lido_status lido_expand(lido_spec *spec, lido_error *error);

/* Finds every entry's inputs; LIDO_SPEC on names that are unknown or not earlier, on the wrong
 * number of inputs, and on outputs that nothing uses. */
lido_status lido_link(const lido_draft *draft, lido_error *error);

/* The value as one line of JSON in text[size], cut to fit; returns text. For messages: escapes keep
 * line breaks and terminal codes out. */
char *lido_excerpt(const lido_json *value, char *text, size_t size);

#endif
