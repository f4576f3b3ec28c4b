/* updater.c - an optimiser at work: the parameter vector cut into blocks of fixed size, so that one
 * pass over memory is shared by the threads with the same result for any number of them. */
#include <lido/optim.h>

#include "base/team.h"
#include "kernels/clones.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 16384, LANES = 16 };

typedef struct block {
    int64_t offset, count;
    bool decay;
} block;

struct lido_updater {
    const lido_optimizer *optimizer;
    const void *config;
    double clip;
    lido_team *team;
    int64_t params, blocks, norms;
    block *block;                    /* block[blocks] */
    double *norm;                    /* norm[norms]: sums of squares of BLOCK gradients each */
    lido_real *slot[LIDO_MAX_SLOTS]; /* slot[i][params] */
};

/* ---- making -------------------------------------------------------------------------------- */

/* Appends the blocks of one stretch to block[] (NULL: only counts); returns the number after. */
static int64_t cut(const lido_stretch *stretch, int64_t offset, block *blocks, int64_t used) {
    for (int64_t at = 0; at < stretch->count; at += BLOCK, used++) {
        int64_t left = stretch->count - at;
        if (blocks)
            blocks[used] = (block){offset + at, left < BLOCK ? left : BLOCK, stretch->decay};
    }
    return used;
}

/* Without decay all stretches are alike and make one, so that the blocks are of one size. */
static int64_t cut_all(const lido_updater_options *options, block *blocks, int64_t *params) {
    const lido_optimizer_common *common = options->config;
    int64_t offset = 0, used = 0;
    for (int i = 0; i < options->stretches; i++) {
        if (common->weight_decay > 0) used = cut(&options->stretch[i], offset, blocks, used);
        offset += options->stretch[i].count;
    }
    *params = offset;
    if (common->weight_decay > 0) return used;
    return cut(&(lido_stretch){offset, false}, 0, blocks, 0);
}

static bool allocate(lido_updater *updater) {
    updater->block = calloc((size_t)updater->blocks + 1, sizeof *updater->block);
    updater->norm = calloc((size_t)updater->norms + 1, sizeof *updater->norm);
    bool done = updater->block && updater->norm;
    for (int i = 0; i < updater->optimizer->slots; i++) {
        updater->slot[i] = calloc((size_t)updater->params + 1, sizeof *updater->slot[i]);
        done = done && updater->slot[i];
    }
    return done;
}

lido_status lido_updater_make(const lido_updater_options *options, lido_updater **out,
                              lido_error *error) {
    *out = NULL;
    lido_updater *updater = calloc(1, sizeof *updater);
    if (!updater) return lido_fail(error, LIDO_MEMORY, "out of memory for the optimiser");
    *updater = (lido_updater){.optimizer = options->optimizer,
                              .config = options->config,
                              .clip = options->clip,
                              .team = options->team};
    updater->blocks = cut_all(options, NULL, &updater->params);
    updater->norms = (updater->params + BLOCK - 1) / BLOCK;
    if (!allocate(updater)) {
        int64_t params = updater->params;
        lido_updater_free(updater);
        return lido_fail(error, LIDO_MEMORY, "out of memory for %d vectors of %lld numbers",
                         options->optimizer->slots, (long long)params);
    }
    cut_all(options, updater->block, &updater->params);
    *out = updater;
    return LIDO_OK;
}

void lido_updater_free(lido_updater *updater) {
    if (!updater) return;
    free(updater->block);
    free(updater->norm);
    for (int i = 0; i < LIDO_MAX_SLOTS; i++) free(updater->slot[i]);
    free(updater);
}

lido_real *lido_updater_slot(lido_updater *updater, int i) {
    return updater->slot[i];
}

/* ---- the norm ------------------------------------------------------------------------------ */

typedef struct norm_work {
    lido_updater *updater;
    const lido_real *gradient;
} norm_work;

/* In double, in independent lanes, so that the compiler may vectorise without reordering sums. */
LIDO_CLONES
static double sum_of_squares(const lido_real *gradient, int64_t count) {
    double lane[LANES] = {0}, sum = 0;
    int64_t whole = count - count % LANES;
    for (int64_t i = 0; i < whole; i += LANES)
        for (int64_t j = 0; j < LANES; j++)
            lane[j] += (double)gradient[i + j] * (double)gradient[i + j];
    for (int64_t i = whole; i < count; i++) sum += (double)gradient[i] * (double)gradient[i];
    for (int j = 0; j < LANES; j++) sum += lane[j];
    return sum;
}

static void norm_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const norm_work *work = context;
    int64_t left = work->updater->params - index * BLOCK;
    work->updater->norm[index] =
        sum_of_squares(work->gradient + index * BLOCK, left < BLOCK ? left : BLOCK);
}

static double clip_scale(lido_updater *updater, const lido_real *gradient) {
    if (updater->clip <= 0) return 1;
    norm_work work = {updater, gradient};
    lido_team_run(updater->team, updater->norms, norm_piece, &work);
    double squares = 0;
    for (int64_t i = 0; i < updater->norms; i++) squares += updater->norm[i];
    double norm = sqrt(squares);
    return norm > updater->clip ? updater->clip / norm : 1;
}

/* ---- the step ------------------------------------------------------------------------------ */

typedef struct step_work {
    const lido_updater *updater;
    lido_update whole; /* the step, with pointers to the start of the vectors */
} step_work;

static void step_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const step_work *work = context;
    const block *b = &work->updater->block[index];
    const lido_optimizer_common *common = work->updater->config;
    lido_update update = work->whole;
    update.count = b->count;
    update.value += b->offset;
    update.gradient += b->offset;
    for (int i = 0; i < work->updater->optimizer->slots; i++) update.slot[i] += b->offset;
    update.decay = b->decay ? common->weight_decay : 0;
    work->updater->optimizer->update(&update);
}

void lido_updater_step(lido_updater *updater, lido_real *params, const lido_real *gradient,
                       double lr, int64_t step) {
    step_work work = {.updater = updater,
                      .whole = {.config = updater->config,
                                .value = params,
                                .gradient = gradient,
                                .scale = clip_scale(updater, gradient),
                                .lr = lr,
                                .step = step}};
    for (int i = 0; i < LIDO_MAX_SLOTS; i++) work.whole.slot[i] = updater->slot[i];
    lido_team_run(updater->team, updater->blocks, step_piece, &work);
}
