/* reference.c - finding the reference of a layer. */
#include "harness/reference.h"

#include <string.h>

/* Weak, so that a layer without one is a failed test, not a program that does not link. */
#define LIDO_LAYER(name) \
    void lido_reference_##name(const lido_example *example, double *y) __attribute__((weak));
#include "layers/registry.def"
#undef LIDO_LAYER

static const struct {
    const char *name;
    lido_reference function;
} references[] = {
#define LIDO_LAYER(name) {#name, lido_reference_##name},
#include "layers/registry.def"
#undef LIDO_LAYER
};

lido_reference lido_reference_find(const char *layer) {
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (strcmp(references[i].name, layer) == 0) return references[i].function;
    return NULL;
}

double lido_example_number(const lido_example *example, const char *option) {
    const lido_json *value = lido_json_get(example->options, option);
    if (lido_json_kind_of(value) == LIDO_JSON_BOOL) return lido_json_bool(value);
    return lido_json_number(value);
}

const char *lido_example_text(const lido_example *example, const char *option) {
    return lido_json_string(lido_json_get(example->options, option));
}
