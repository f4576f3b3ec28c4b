/* dgm_pool.c - deep generalised max pooling (Christlein et al. 2019), on the whole map: with the
 * descriptors of its N positions as columns of X (C, N), alpha = (X'X + lambda I)^-1 1 and
 * y = X alpha, so that rare descriptors weigh as much as frequent ones.
 *
 * The same y solves (X X' + lambda I) y = X 1, so the smaller of the two systems is solved: of
 * order C "by channels", of order N "by positions". In both, with a gradient g of y, beta = (X'X +
 * lambda I)^-1 X'g and some vectors p and q, dX = p q' - y beta':
 *   by positions  p = g - X beta                   q = alpha      lambda dlambda = -p.y
 *   by channels   p = (X X' + lambda I)^-1 g       q = 1 - X'y    dlambda = -p.y     beta = X'p
 *
 * lambda is given, or learned as e^log_lambda, which keeps it above zero. Where a system is not
 * positive definite (a NaN or an infinite value in the map), y is NaN. */
#include "layers/pool.h"

#include "base/blas.h"
#include "kernels/channel_sums.h"
#include "kernels/clones.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { GIVEN, LEARNED };

typedef struct dgm_config {
    lido_grid_config grid;
    double lambda;
    int learn;
} dgm_config;

static const char *const learning[] = {"none", "layer", NULL};

static const lido_option options[] = {
    LIDO_GRID_OPTIONS,
    {"lambda", LIDO_OPTION_REAL, offsetof(dgm_config, lambda), "1", 0, 1e30,
     .doc = "weight of the identity, above 0; where learning starts"},
    {"learn", LIDO_OPTION_CHOICE, offsetof(dgm_config, learn), "\"layer\"", .choices = learning,
     .doc = "learn lambda, or not"},
    {0},
};

/* ---- planning ------------------------------------------------------------------------------- */

static int64_t order_of(int64_t positions, int64_t channels) {
    return positions < channels ? positions : channels;
}

static lido_status check(const lido_site *site, lido_error *error) {
    const dgm_config *config = site->config;
    if (config->lambda <= 0)
        return lido_fail(error, LIDO_SPEC, "lambda is %g, allowed: above 0", config->lambda);
    if (lido_shape_size(site->x) > INT_MAX)
        return lido_fail(error, LIDO_TOO_LARGE, "a map of %lld numbers, allowed: %d",
                         (long long)lido_shape_size(site->x), INT_MAX);
    return lido_pool_needs_grid(site, LIDO_GRID_WHOLE_MAP,
                                "the descriptors of all positions are weighed against each other",
                                error);
}

static lido_status infer(const lido_site *site, const lido_grid *grid, lido_pool_demand *demand,
                         lido_error *error) {
    (void)grid;
    const dgm_config *config = site->config;
    const int64_t positions = lido_shape_positions(site->x), channels = site->x->channels;
    lido_status status = check(site, error);
    if (status) return status;
    const size_t kept = (size_t)(order_of(positions, channels) + 1) * sizeof(lido_real);
    demand->saved = kept;
    demand->scratch = (size_t)channels * (kept + sizeof(double) + sizeof(lido_real)) +
                      2 * (size_t)positions * sizeof(lido_real);
    demand->reads_x = demand->reads_y = true;
    demand->nonnegative = false;
    if (config->learn == GIVEN) return LIDO_OK;
    demand->params = 1;
    demand->param[0] = (lido_param){.name = "log_lambda",
                                    .rank = 1,
                                    .dim = {1},
                                    .init = LIDO_INIT_CONSTANT,
                                    .value = log(config->lambda)};
    return LIDO_OK;
}

/* ---- one map -------------------------------------------------------------------------------- */

/* Its system, l l' of order `order`, and scratch. `alpha`, kept behind it, is there by positions
 * only: N (N + 1) numbers, which are at most C (N + 1). */
typedef struct dgm {
    const lido_real *x; /* (N, C) */
    int64_t positions, channels, order;
    bool by_channels;
    lido_real lambda;
    lido_real *l, *alpha;    /* kept from training to backward */
    double *sum;             /* [C] */
    lido_real *p, *q, *beta; /* p[C], q[N], beta[N] */
} dgm;

static dgm open_piece(const lido_pool_piece *piece) {
    const dgm_config *config = piece->config;
    const lido_windows *axis = piece->grid->axis;
    dgm d = {.x = piece->x,
             .positions = axis[0].length * axis[1].length * axis[2].length,
             .channels = piece->channels,
             .lambda = (lido_real)config->lambda,
             .sum = piece->scratch};
    d.order = order_of(d.positions, d.channels);
    d.by_channels = d.channels < d.positions;
    if (config->learn == LEARNED) d.lambda = (lido_real)exp((double)piece->w[0][0]);
    d.p = (lido_real *)(d.sum + d.channels);
    d.q = d.p + d.channels;
    d.beta = d.q + d.positions;
    d.l = piece->saved ? piece->saved : d.beta + d.positions;
    d.alpha = d.l + d.order * d.order;
    return d;
}

/* l l' = X X' + lambda I, or X'X + lambda I. A first NaN makes all that is solved with it NaN. */
static void factorise(const dgm *d) {
    const lido_transpose first = d->by_channels ? LIDO_TRANSPOSED : LIDO_AS_IS;
    const lido_transpose second = d->by_channels ? LIDO_AS_IS : LIDO_TRANSPOSED;
    lido_gemm(first, second, d->order, d->order, d->by_channels ? d->positions : d->channels, d->x,
              d->channels, d->x, d->channels, 0, d->l, d->order);
    for (int64_t i = 0; i < d->order; i++) d->l[i * d->order + i] += d->lambda;
    if (!lido_cholesky(d->order, d->l)) d->l[0] = (lido_real)NAN;
}

/* to[rows] = x v for rows of x, v[C] */
static void project(const dgm *d, const lido_real *x, int64_t rows, const lido_real *v,
                    lido_real *to) {
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, rows, 1, d->channels, x, d->channels, v, 1, 0, to, 1);
}

/* to[C] = the sum of weight[N] x over the positions */
static void gather(const dgm *d, const lido_real *weight, lido_real *to) {
    lido_gemm(LIDO_AS_IS, LIDO_AS_IS, 1, d->channels, d->positions, weight, d->positions, d->x,
              d->channels, 0, to, d->channels);
}

static void forward(const lido_pool_piece *piece) {
    dgm d = open_piece(piece);
    factorise(&d);
    if (d.by_channels) {
        lido_channel_sums(d.x, d.positions, d.channels, d.sum);
        for (int64_t c = 0; c < d.channels; c++) piece->y[c] = (lido_real)d.sum[c];
        lido_cholesky_solve(d.order, d.l, piece->y);
        return;
    }
    for (int64_t n = 0; n < d.positions; n++) d.alpha[n] = 1;
    lido_cholesky_solve(d.order, d.l, d.alpha);
    gather(&d, d.alpha, piece->y);
}

/* ---- backward ------------------------------------------------------------------------------- */

/* p[C], and by positions beta[N]. */
static void solve(const dgm *d, const lido_real *g) {
    memcpy(d->p, g, (size_t)d->channels * sizeof *g);
    if (d->by_channels) {
        lido_cholesky_solve(d->order, d->l, d->p);
        return;
    }
    project(d, d->x, d->positions, g, d->beta);
    lido_cholesky_solve(d->order, d->l, d->beta);
    gather(d, d->beta, d->p);
    for (int64_t c = 0; c < d->channels; c++) d->p[c] = g[c] - d->p[c];
}

/* dx[C] += p q - y beta */
LIDO_CLONES
static void add_row(const lido_real *p, lido_real q, const lido_real *y, lido_real beta,
                    int64_t channels, lido_real *restrict dx) {
    for (int64_t c = 0; c < channels; c++) dx[c] += p[c] * q - y[c] * beta;
}

static void backward(const lido_pool_piece *piece) {
    dgm d = open_piece(piece);
    int64_t low, high;
    lido_box_run(piece->grid, &piece->box, &low, &high);
    const lido_real *q = d.alpha;
    solve(&d, piece->dy);
    if (d.by_channels) {
        const lido_real *x = d.x + low * d.channels;
        project(&d, x, high - low, piece->y, d.q + low);
        project(&d, x, high - low, d.p, d.beta + low);
        for (int64_t n = low; n < high; n++) d.q[n] = 1 - d.q[n];
        q = d.q;
    }
    for (int64_t n = low; n < high; n++)
        add_row(d.p, q[n], piece->y, d.beta[n], d.channels, piece->dx + n * d.channels);
}

static void backward_params(const lido_pool_piece *piece) {
    dgm d = open_piece(piece);
    double product = 0;
    solve(&d, piece->dy);
    for (int64_t c = 0; c < d.channels; c++) product += (double)d.p[c] * (double)piece->y[c];
    piece->dw[0][0] -= d.by_channels ? (double)d.lambda * product : product;
}

static const lido_reducer reducer = {
    .infer = infer, .forward = forward, .backward = backward, .backward_params = backward_params};

const lido_layer lido_layer_dgm_pool = {
    .name = "dgm_pool",
    .doc = "deep generalised max: descriptors of the whole map, rare and frequent ones alike",
    .options = options,
    .config_size = sizeof(dgm_config),
    .family = &reducer,
    LIDO_POOL_LAYER,
};
