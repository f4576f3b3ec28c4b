/* registry.c - the table of layers, read from registry.def, and the names of the initialisations
 * they share. */
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

const char *const lido_init_names[] = {
    [LIDO_INIT_HE_NORMAL] = "he_normal",
    [LIDO_INIT_HE_UNIFORM] = "he_uniform",
    [LIDO_INIT_GLOROT_NORMAL] = "glorot_normal",
    [LIDO_INIT_GLOROT_UNIFORM] = "glorot_uniform",
    [LIDO_INIT_LECUN_NORMAL] = "lecun_normal",
    [LIDO_INIT_LECUN_UNIFORM] = "lecun_uniform",
    [LIDO_INIT_ZEROS] = "zeros",
    [LIDO_INIT_CONSTANT] = NULL,
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
