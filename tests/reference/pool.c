/* pool.c - plain loops over outputs and cells, whatever the grid, and what several references do
 * with the cells. */
#include "reference/pool.h"

#include "reference/grids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Places are those of channel 0. */
static void list_cells(const lido_reference_axis of[LIDO_MAX_AXES], const int64_t o[LIDO_MAX_AXES],
                       int64_t channels, lido_reference_window *window) {
    int64_t i[LIDO_MAX_AXES], number = 0;
    window->count = window->padded = 0;
    for (i[0] = 0; i[0] < of[0].kernel; i[0]++)
        for (i[1] = 0; i[1] < of[1].kernel; i[1]++)
            for (i[2] = 0; i[2] < of[2].kernel; i[2]++, number++) {
                bool inside = true, counts = true;
                int64_t at = 0;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t position = lido_reference_cell(&of[a], o[a], i[a]);
                    inside &= position >= 0 && position < of[a].length;
                    counts &= position < of[a].length + of[a].after;
                    at = at * of[a].length + position;
                }
                window->padded += counts;
                if (!inside) continue;
                window->number[window->count] = number;
                window->place[window->count++] = at * channels;
            }
}

static void reduce_channels(const lido_example *e, lido_reference_reducer reduce,
                            lido_reference_window *window, double *y) {
    for (int64_t c = 0; c < e->x_shape->channels; c++, window->element++) {
        window->channel = c;
        for (int64_t i = 0; i < window->count; i++) {
            window->place[i] += c > 0;
            window->value[i] = e->x[0][window->place[i]];
        }
        y[c] = reduce(e, window);
    }
}

/* What to do on each grid, and the element of y to come. */
typedef struct reduction {
    lido_reference_reducer reduce;
    int64_t *element;
} reduction;

static void pool(const lido_example *e, const lido_reference_axis of[LIDO_MAX_AXES],
                 const void *context, double *y) {
    const reduction *r = context;
    const int64_t channels = e->x_shape->channels;
    int64_t o[LIDO_MAX_AXES];
    lido_reference_window window = {.kernel = {of[0].kernel, of[1].kernel, of[2].kernel},
                                    .cells = of[0].kernel * of[1].kernel * of[2].kernel,
                                    .element = *r->element};
    window.value = malloc((size_t)window.cells * sizeof *window.value);
    window.place = malloc((size_t)window.cells * sizeof *window.place);
    window.number = malloc((size_t)window.cells * sizeof *window.number);
    if (!window.value || !window.place || !window.number) abort();
    for (o[0] = 0; o[0] < of[0].output; o[0]++)
        for (o[1] = 0; o[1] < of[1].output; o[1]++)
            for (o[2] = 0; o[2] < of[2].output; o[2]++, window.output++, y += channels) {
                list_cells(of, o, channels, &window);
                reduce_channels(e, r->reduce, &window, y);
            }
    *r->element = window.element;
    free(window.value);
    free(window.place);
    free(window.number);
}

void lido_reference_pool(const lido_example *e, lido_reference_reducer reduce, double *y) {
    int64_t element = 0;
    const reduction r = {reduce, &element};
    lido_reference_grids(e, pool, &r, y);
}

double lido_reference_draw(const lido_example *e, int64_t i) {
    uint32_t word[4];
    const uint64_t counter = (uint64_t)e->draw.sample[0] * ((uint64_t)1 << 32);
    i += lido_reference_grid_draws(e);
    lido_random(e->draw.key, e->draw.step, counter + (uint64_t)i / 4, word);
    return (double)lido_uniform(word[i % 4]);
}

double lido_reference_max(const lido_reference_window *window) {
    double best = window->value[0];
    for (int64_t i = 1; i < window->count; i++) best = fmax(best, window->value[i]);
    return best;
}

double lido_reference_mean(const lido_reference_window *window) {
    double total = 0;
    for (int64_t i = 0; i < window->count; i++) total += window->value[i];
    return total / (double)window->count;
}

double lido_reference_product(const lido_reference_window *window, const double *weight,
                              int64_t step) {
    double total = 0;
    for (int64_t i = 0; i < window->count; i++)
        total += weight[window->number[i] * step] * window->value[i];
    return total;
}

double lido_reference_logistic(double x) {
    return 1 / (1 + exp(-x));
}

double lido_reference_exponent(const lido_example *e, const char *option, int64_t channel) {
    const char *learn = lido_example_text(e, "learn");
    if (strcmp(learn, "none") == 0) return lido_example_number(e, option);
    double w = e->w[0][strcmp(learn, "channel") == 0 ? channel : 0];
    return strcmp(option, "p") == 0 ? 1 + log(1 + exp(w)) : exp(w);
}
