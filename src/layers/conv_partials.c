/* conv_partials.c - the gradient of weights and bias as partial sums over chunks of images, which
 * are computed independently and then added in order: the same bits for any number of threads. */
#include "base/team.h"
#include "kernels/clones.h"
#include "layers/conv.h"

#include <string.h>

enum {
    LEAST_CHUNKS = 8,
    MOST_CHUNKS = 64,
    BUDGET = 1 << 17, /* numbers of all partial sums, unless LEAST_CHUNKS have more */
    BLOCK = 4096,     /* of which so many are added up in one piece */
    LONG = 128        /* numbers of rows taken together */
};

static int64_t at_most(int64_t value, int64_t most) {
    return value < most ? value : most;
}

/* More chunks keep more workers busy; but each is added up, which where partial sums are large
 * takes longer than the others save. */
static int64_t chunks_of(const lido_conv *conv) {
    const int64_t fit = BUDGET / lido_conv_partial(conv);
    return fit < LEAST_CHUNKS ? LEAST_CHUNKS : at_most(fit, MOST_CHUNKS);
}

int64_t lido_conv_chunks(const lido_conv *conv, int64_t batch) {
    const int64_t images = lido_conv_chunk_images(conv, batch);
    return (batch + images - 1) / images;
}

int64_t lido_conv_chunk_images(const lido_conv *conv, int64_t batch) {
    return (batch + chunks_of(conv) - 1) / chunks_of(conv);
}

int64_t lido_conv_most_chunks(const lido_conv *conv, int64_t batch) {
    return at_most(batch, chunks_of(conv));
}

int64_t lido_conv_partial(const lido_conv *conv) {
    return (conv->taps * (conv->channels / conv->groups) + 1) * conv->filters;
}

LIDO_CLONES
static void add(lido_real *restrict sum, const lido_real *restrict part, int64_t count) {
    for (int64_t i = 0; i < count; i++) sum[i] += part[i];
}

/* Sums of rows taken `each` together, as one long row. */
LIDO_CLONES
static void add_long(lido_real *restrict sum, const lido_real *restrict dy, int64_t longs,
                     int64_t each, int64_t filters) {
    lido_real wide[LONG] = {0};
    for (int64_t r = 0; r < longs; r++)
        for (int64_t i = 0; i < each * filters; i++) wide[i] += dy[r * each * filters + i];
    for (int64_t r = 0; r < each; r++)
        for (int64_t f = 0; f < filters; f++) sum[f] += wide[r * filters + f];
}

void lido_conv_add_rows(lido_real *restrict sum, const lido_real *restrict dy, int64_t rows,
                        int64_t filters, int64_t pitch) {
    const int64_t each = pitch == filters && filters <= LONG ? LONG / filters : 1;
    const int64_t longs = each > 1 ? rows / each : 0;
    if (longs > 0) add_long(sum, dy, longs, each, filters);
    for (int64_t r = longs * each; r < rows; r++) add(sum, dy + r * pitch, filters);
}

/* ---- panels ---------------------------------------------------------------------------------- */

static int64_t panels_of(int64_t channels) {
    return (channels + LIDO_CONV_PANEL - 1) / LIDO_CONV_PANEL;
}

int64_t lido_conv_panels(const lido_conv *conv, int64_t batch) {
    return lido_conv_chunks(conv, batch) * panels_of(conv->channels) * panels_of(conv->filters);
}

lido_conv_panel lido_conv_panel_at(const lido_conv *conv, int64_t batch, int64_t index) {
    const int64_t across = panels_of(conv->filters), down = panels_of(conv->channels);
    const int64_t images = lido_conv_chunk_images(conv, batch);
    lido_conv_panel a = {.chunk = index / (down * across),
                         .in = index / across % down * LIDO_CONV_PANEL,
                         .out = index % across * LIDO_CONV_PANEL};
    a.image = a.chunk * images;
    a.images = at_most(images, batch - a.image);
    a.ins = at_most(LIDO_CONV_PANEL, conv->channels - a.in);
    a.outs = at_most(LIDO_CONV_PANEL, conv->filters - a.out);
    return a;
}

lido_real *lido_conv_panel_sum(const lido_conv *conv, const lido_call *call,
                               const lido_conv_panel *panel) {
    return (lido_real *)call->scratch + panel->chunk * lido_conv_partial(conv) +
           panel->in * conv->filters + panel->out;
}

void lido_conv_panel_bias(const lido_conv *conv, const lido_call *call,
                          const lido_conv_panel *panel) {
    if (panel->in > 0) return;
    lido_real *db =
        lido_conv_panel_sum(conv, call, panel) + lido_conv_partial(conv) - conv->filters;
    memset(db, 0, (size_t)panel->outs * sizeof *db);
    lido_conv_add_rows(db, call->dy + panel->image * conv->positions * conv->filters + panel->out,
                       panel->images * conv->positions, panel->outs, conv->filters);
}

/* ---- the sum of all chunks ------------------------------------------------------------------- */

typedef struct job {
    lido_real *sum;
    const lido_real *part;
    int64_t count, pitch, parts;
} job;

static void sum_block(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const int64_t begin = index * BLOCK;
    const int64_t count = j->count - begin < BLOCK ? j->count - begin : BLOCK;
    memcpy(j->sum + begin, j->part + begin, (size_t)count * sizeof(lido_real));
    for (int64_t k = 1; k < j->parts; k++)
        add(j->sum + begin, j->part + k * j->pitch + begin, count);
}

static void sum_parts(lido_team *team, job j) {
    if (j.sum) lido_team_run(team, (j.count + BLOCK - 1) / BLOCK, sum_block, &j);
}

void lido_conv_sum_partials(const lido_conv *conv, const lido_call *call) {
    const int64_t pitch = lido_conv_partial(conv), weights = pitch - conv->filters;
    const lido_real *part = call->scratch;
    const int64_t parts = lido_conv_chunks(conv, call->batch);
    sum_parts(call->team, (job){call->dw[0], part, weights, pitch, parts});
    sum_parts(call->team, (job){call->dw[1], part + weights, conv->filters, pitch, parts});
}
