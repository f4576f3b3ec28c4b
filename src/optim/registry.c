/* registry.c - the table of optimisers, read from registry.def. */
#include <lido/optim.h>

#include <string.h>

#define LIDO_OPTIMIZER(name) extern const lido_optimizer lido_optimizer_##name;
#include "optim/registry.def"
#undef LIDO_OPTIMIZER

static const lido_optimizer *const optimizers[] = {
#define LIDO_OPTIMIZER(name) &lido_optimizer_##name,
#include "optim/registry.def"
#undef LIDO_OPTIMIZER
};

const lido_optimizer *const *lido_optimizers(size_t *count) {
    *count = sizeof optimizers / sizeof *optimizers;
    return optimizers;
}

const lido_optimizer *lido_optimizer_find(const char *name) {
    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++)
        if (strcmp(optimizers[i]->name, name) == 0) return optimizers[i];
    return NULL;
}
