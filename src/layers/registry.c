/* registry.c - the table of layers, read from registry.def. */
#include <lido/layer.h>

#include <string.h>

#define LIDO_LAYER(name) extern const lido_layer lido_layer_##name;
#include "layers/registry.def"
#undef LIDO_LAYER

static const lido_layer *const layers[] = {
#define LIDO_LAYER(name) &lido_layer_##name,
#include "layers/registry.def"
#undef LIDO_LAYER
};

const lido_layer *const *lido_layers(size_t *count) {
    *count = sizeof layers / sizeof *layers;
    return layers;
}

const lido_layer *lido_layer_find(const char *name) {
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (strcmp(layers[i]->name, name) == 0) return layers[i];
    return NULL;
}
