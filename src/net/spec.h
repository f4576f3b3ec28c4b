/* spec.h - the parsed document, before shapes are known. The expansion of define/use and of inner
 * activations has been done: a flat list of layers, each with its place for messages. */
#ifndef LIDO_NET_SPEC_H
#define LIDO_NET_SPEC_H

#include "base/json.h"

#include <lido/net.h>

/* A layer as written: options read, inputs found. */
typedef struct lido_entry {
    const lido_layer *layer;
    void *config;
    lido_given given;
    char name[LIDO_TEXT_SIZE];      /* the key: unique; written, or TYPE#k in its scope */
    char where[2 * LIDO_TEXT_SIZE]; /* 'layers[3] "pool2" (max_pool)' */
    int inputs;
    int input[LIDO_MAX_INPUTS]; /* earlier entries; LIDO_FROM_IMAGE, LIDO_FROM_BOXES */
    int of;                     /* the earlier entry that option "of" names; -1: no such option */
} lido_entry;

struct lido_spec {
    char name[LIDO_TEXT_SIZE];
    char path[LIDO_TEXT_SIZE]; /* opens messages */
    lido_shape input;
    lido_shape boxes; /* 0 channels: there is no such input */
    lido_target target;
    int entries;
    lido_entry *entry;
    lido_json *document; /* as written */
};

/* The "train" object as written, or NULL. Read by the train floor with its own option table. */
const lido_json *lido_spec_train(const lido_spec *spec);

/* The document with every layer's every default filled, define/use and inner activations expanded,
 * without "train" (the train floor adds it); the caller owns it. Reading it again gives the same
 * network with the same names. */
lido_json *lido_spec_resolved(const lido_spec *spec);

#endif
