/* mixed_pool.c - a max + (1 - a) mean, a given or learned as 1 / (1 + exp(-logit)). */
#include "reference/pool.h"

#include <string.h>

void lido_reference_mixed_pool(const lido_example *e, double *y);

static double share(const lido_example *e, const lido_reference_window *window) {
    const char *learn = lido_example_text(e, "learn");
    if (strcmp(learn, "none") == 0) return lido_example_number(e, "a");
    if (strcmp(learn, "layer") == 0) return lido_reference_logistic(e->w[0][0]);
    if (strcmp(learn, "channel") == 0) return lido_reference_logistic(e->w[0][window->channel]);
    return lido_reference_logistic(e->w[0][window->output]);
}

static double reduce(const lido_example *e, const lido_reference_window *window) {
    double a = share(e, window);
    return a * lido_reference_max(window) + (1 - a) * lido_reference_mean(window);
}

void lido_reference_mixed_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, reduce, y);
}
