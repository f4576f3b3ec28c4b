/* pool_softmax.c - windows weighted by exponentials. */
#include "kernels/pool_softmax.h"

#include "kernels/exponential.h"

/* r times the spread of a window, below which the slope of log-sum-exp is summed from its series:
 * there the difference it is loses more digits than the terms left out are worth. */
#ifdef LIDO_DOUBLE
#    define LIDO_SERIES_BELOW 2e-3
#else
#    define LIDO_SERIES_BELOW 6e-2
#endif

enum { GROUP = 4 /* rows compared in one pass over the lanes */ };

/* What stays the same during one call. */
typedef struct softmax_job {
    const lido_real *r;
    lido_real *y, *slope;
    lido_softmax_saved saved;
    const lido_real *dy;
} softmax_job;

LIDO_INLINE bool is_finite(lido_real x) {
    return x - x == 0;
}

/* Four rows into least[] and most[], which begin with them when `first`. */
LIDO_INLINE void take_rows(bool first, const lido_real *const x[GROUP], int64_t lanes,
                           lido_real *restrict least, lido_real *restrict most) {
    const lido_real *const x0 = x[0], *const x1 = x[1], *const x2 = x[2], *const x3 = x[3];
    for (int64_t c = 0; c < lanes; c++) {
        const lido_real value[GROUP] = {x0[c], x1[c], x2[c], x3[c]};
        lido_real low = first ? x0[c] : least[c], high = first ? x0[c] : most[c];
        for (int i = 0; i < GROUP; i++) {
            const bool taken = (value[i] > high) | (value[i] != value[i]);
            low = value[i] < low ? value[i] : low;
            high = taken ? value[i] : high;
        }
        least[c] = low;
        most[c] = high;
    }
}

/* The smallest and the largest of the rows of an input; most[] is NaN if there is one. A last group
 * is filled up with its last row, which changes nothing. */
LIDO_INLINE void find_range(lido_rows *rows, int input, lido_real *restrict least,
                            lido_real *restrict most) {
    bool first = true;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k += GROUP, first = false) {
            const lido_real *x[GROUP];
            for (int i = 0; i < GROUP; i++)
                x[i] = rows->x[input][k + i < rows->count ? k + i : rows->count - 1];
            if (first)
                take_rows(true, x, rows->lanes, least, most);
            else
                take_rows(false, x, rows->lanes, least, most);
        }
}

/* y[] = most[] + y[], or an infinite or NaN most[] itself; no rounding takes it below least[]. */
LIDO_INLINE void add_most(const lido_rows *rows, const lido_real *restrict least,
                          const lido_real *restrict most, lido_real *restrict y) {
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real sum = most[c] + (is_finite(most[c]) ? y[c] : 0);
        y[c] = sum < least[c] ? least[c] : sum;
    }
}

/* z, but far where it is minus infinity, which no weight of 0 would make 0. */
LIDO_INLINE lido_real far_or(lido_real z) {
    return z == -INFINITY ? -1000 : z;
}

LIDO_INLINE void clear(int64_t lanes, double *restrict total) {
    for (int64_t c = 0; c < lanes; c++) total[c] = 0;
}

LIDO_INLINE void save(const softmax_job *job, const lido_rows *rows, const lido_real *restrict most,
                      const double *restrict total) {
    if (!job->saved.most) return;
    lido_real *restrict kept = job->saved.most + rows->at;
    lido_real *restrict inverse = job->saved.inverse + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        kept[c] = most[c];
        inverse[c] = (lido_real)(1 / total[c]);
    }
}

/* One row added to two sums over the lanes. */
typedef void (*add_row)(const softmax_job *job, const lido_rows *rows, int k,
                        const lido_real *restrict most, lido_real *restrict first,
                        lido_real *restrict second);

LIDO_INLINE void sum_rows(add_row add, const softmax_job *job, lido_rows *rows,
                          const lido_real *most, double *restrict first, double *restrict second) {
    lido_real part[2][LIDO_ROW_LANES];
    const int64_t lanes = rows->lanes;
    clear(lanes, first);
    clear(lanes, second);
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int from = 0; from < rows->count; from += LIDO_ROW_BLOCK) {
            for (int64_t c = 0; c < lanes; c++) part[0][c] = part[1][c] = 0;
            for (int k = from; k < rows->count && k < from + LIDO_ROW_BLOCK; k++)
                add(job, rows, k, most, part[0], part[1]);
            for (int64_t c = 0; c < lanes; c++) first[c] += (double)part[0][c];
            for (int64_t c = 0; c < lanes; c++) second[c] += (double)part[1][c];
        }
}

/* ---- log-sum-exp --------------------------------------------------------------------------- */

/* Sums of e^z and e^z - 1, z = r (x - m). */
LIDO_INLINE void add_exponentials(const softmax_job *job, const lido_rows *rows, int k,
                                  const lido_real *restrict most, lido_real *restrict sum,
                                  lido_real *restrict above) {
    const lido_real *restrict x = rows->x[0][k], *restrict r = job->r + rows->lane;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real z = r[c] * (x[c] - most[c]);
        sum[c] += lido_exp(z);
        above[c] += lido_expm1(z);
    }
}

/* log[] = ln(mean e^z): near 0 from the sum of e^z - 1, which keeps the digits of small r. */
LIDO_INLINE void take_logs(const lido_rows *rows, const double *restrict sum,
                           const double *restrict above, lido_real *restrict log) {
    const double cells = (double)rows->cells;
    lido_real near[LIDO_ROW_LANES], mean[LIDO_ROW_LANES];
    for (int64_t c = 0; c < rows->lanes; c++) {
        mean[c] = (lido_real)(sum[c] / cells);
        near[c] = lido_log1p((lido_real)(above[c] / cells));
    }
    for (int64_t c = 0; c < rows->lanes; c++) log[c] = lido_log(mean[c]);
    for (int64_t c = 0; c < rows->lanes; c++) log[c] = mean[c] < (lido_real)0.5 ? log[c] : near[c];
}

/* Sums of d^2, d^3 and d^4, d the distance from the mean. */
LIDO_INLINE void add_moments(lido_rows *rows, const lido_real *restrict most,
                             const double *restrict mean, double moment[3][LIDO_ROW_LANES]) {
    for (int i = 0; i < 3; i++) clear(rows->lanes, moment[i]);
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) {
            const lido_real *restrict x = rows->x[0][k];
            for (int64_t c = 0; c < rows->lanes; c++) {
                const double d = (double)(x[c] - most[c]) - mean[c], square = d * d;
                moment[0][c] += square;
                moment[1][c] += square * d;
                moment[2][c] += square * square;
            }
        }
}

/* The mean of x - m, and the sum of z e^z. */
LIDO_INLINE void add_distances(const softmax_job *job, lido_rows *rows,
                               const lido_real *restrict most, double *restrict mean,
                               double *restrict weighted) {
    const lido_real *restrict r = job->r + rows->lane;
    clear(rows->lanes, mean);
    clear(rows->lanes, weighted);
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) {
            const lido_real *restrict x = rows->x[0][k];
            for (int64_t c = 0; c < rows->lanes; c++) {
                const lido_real d = x[c] - most[c], z = r[c] * d, e = lido_exp(z);
                mean[c] += (double)d;
                weighted[c] += (double)(e * far_or(z));
            }
        }
    for (int64_t c = 0; c < rows->lanes; c++) mean[c] /= (double)rows->cells;
}

/* dy/dr = (sum w z - ln(mean e^z)) / r^2 = k2 / 2 + r k3 / 3 + r^2 k4 / 8 + ..., the k being the
 * cumulants of the window. */
LIDO_INLINE void take_slopes(const softmax_job *job, lido_rows *rows,
                             const lido_real *restrict least, const lido_real *most,
                             const double *restrict sum, const lido_real *restrict log) {
    double mean[LIDO_ROW_LANES], weighted[LIDO_ROW_LANES], moment[3][LIDO_ROW_LANES];
    add_distances(job, rows, most, mean, weighted);
    add_moments(rows, most, mean, moment);
    const double cells = (double)rows->cells;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const double r = (double)job->r[rows->lane + c], k2 = moment[0][c] / cells;
        const double k3 = moment[1][c] / cells, k4 = moment[2][c] / cells - 3 * k2 * k2;
        const double series = k2 / 2 + r * k3 / 3 + r * r * k4 / 8;
        const double direct = (weighted[c] / sum[c] - (double)log[c]) / (r * r);
        const bool is_small = r * (double)(most[c] - least[c]) < LIDO_SERIES_BELOW;
        job->slope[rows->at + c] = (lido_real)(is_small ? series : direct);
    }
}

LIDO_CLONES static void forward_logsumexp(const void *context, lido_rows *rows) {
    const softmax_job *job = context;
    const lido_real *restrict r = job->r + rows->lane;
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], log[LIDO_ROW_LANES];
    double sum[LIDO_ROW_LANES], above[LIDO_ROW_LANES];
    lido_real *restrict y = job->y + rows->at;
    find_range(rows, 0, least, most);
    sum_rows(add_exponentials, job, rows, most, sum, above);
    take_logs(rows, sum, above, log);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = log[c] / r[c];
    add_most(rows, least, most, y);
    save(job, rows, most, sum);
    if (job->slope) take_slopes(job, rows, least, most, sum, log);
}

LIDO_CLONES static void backward_logsumexp(const void *context, lido_rows *rows) {
    const softmax_job *job = context;
    const lido_real *restrict most = job->saved.most + rows->at;
    const lido_real *restrict inverse = job->saved.inverse + rows->at;
    const lido_real *restrict dy = job->dy + rows->at, *restrict r = job->r + rows->lane;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) {
            const lido_real *restrict x = rows->x[0][k];
            lido_real *restrict dx = rows->dx[0][k];
            for (int64_t c = 0; c < rows->lanes; c++)
                dx[c] += dy[c] * (lido_exp(r[c] * (x[c] - most[c])) * inverse[c]);
        }
}

void lido_logsumexp_forward(const lido_real *r, const lido_row_walk *walk, const lido_box *box,
                            lido_real *y, const lido_softmax_saved *saved, lido_real *slope) {
    const softmax_job job = {.r = r, .y = y, .slope = slope, .saved = *saved};
    lido_rows_forward(walk, box, forward_logsumexp, &job);
}

void lido_logsumexp_backward(const lido_real *r, const lido_row_walk *walk, const lido_box *box,
                             const lido_softmax_saved *saved, const lido_real *dy) {
    const softmax_job job = {.r = r, .saved = *saved, .dy = dy};
    lido_rows_backward(walk, box, backward_logsumexp, &job);
}

/* ---- weighted means ------------------------------------------------------------------------ */

/* Sums of e^z and z e^z, z = x - m: y = m + the second / the first cannot overflow. */
LIDO_INLINE void add_own(const softmax_job *job, const lido_rows *rows, int k,
                         const lido_real *restrict most, lido_real *restrict sum,
                         lido_real *restrict weighted) {
    const lido_real *restrict x = rows->x[0][k];
    (void)job;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real z = x[c] - most[c], e = lido_exp(z);
        sum[c] += e;
        weighted[c] += e * far_or(z);
    }
}

LIDO_CLONES static void forward_own(const void *context, lido_rows *rows) {
    const softmax_job *job = context;
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], *restrict y = job->y + rows->at;
    double sum[LIDO_ROW_LANES], weighted[LIDO_ROW_LANES];
    find_range(rows, 0, least, most);
    sum_rows(add_own, job, rows, most, sum, weighted);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = (lido_real)(weighted[c] / sum[c]);
    add_most(rows, least, most, y);
    save(job, rows, most, sum);
}

/* Sums of e^z and e^z x / BLOCK, z = g - m: a block of the largest numbers does not overflow. */
LIDO_INLINE void add_given(const softmax_job *job, const lido_rows *rows, int k,
                           const lido_real *restrict most, lido_real *restrict sum,
                           lido_real *restrict weighted) {
    const lido_real *restrict x = rows->x[0][k], *restrict g = rows->x[1][k];
    (void)job;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real e = lido_exp(g[c] - most[c]);
        sum[c] += e;
        weighted[c] += e * (x[c] / LIDO_ROW_BLOCK);
    }
}

LIDO_CLONES static void forward_given(const void *context, lido_rows *rows) {
    const softmax_job *job = context;
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], *restrict y = job->y + rows->at;
    double sum[LIDO_ROW_LANES], weighted[LIDO_ROW_LANES];
    find_range(rows, 1, least, most);
    sum_rows(add_given, job, rows, most, sum, weighted);
    for (int64_t c = 0; c < rows->lanes; c++)
        y[c] = (lido_real)(weighted[c] / sum[c] * LIDO_ROW_BLOCK);
    save(job, rows, most, sum);
}

void lido_softmax_forward(const lido_row_walk *walk, const lido_box *box, lido_real *y,
                          const lido_softmax_saved *saved) {
    const softmax_job job = {.y = y, .saved = *saved};
    lido_rows_forward(walk, box, walk->inputs == 1 ? forward_own : forward_given, &job);
}

/* w (1 + x - y) or w; a cell of weight 0 may be infinitely far. */
LIDO_INLINE void give_own(bool straight, const softmax_job *job, const lido_rows *rows, int k) {
    const lido_real *restrict most = job->saved.most + rows->at;
    const lido_real *restrict inverse = job->saved.inverse + rows->at;
    const lido_real *restrict dy = job->dy + rows->at;
    const lido_real *restrict y = straight ? dy : job->y + rows->at; /* straight: unread */
    const lido_real *restrict x = rows->x[0][k];
    lido_real *restrict dx = rows->dx[0][k];
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real w = lido_exp(x[c] - most[c]) * inverse[c];
        const lido_real away = far_or(x[c] - y[c]);
        dx[c] += straight ? dy[c] * w : dy[c] * (w * (1 + away));
    }
}

LIDO_INLINE void give_given(bool to_x, bool to_g, const softmax_job *job, const lido_rows *rows,
                            int k) {
    const lido_real *restrict most = job->saved.most + rows->at;
    const lido_real *restrict inverse = job->saved.inverse + rows->at;
    const lido_real *restrict y = job->y + rows->at, *restrict dy = job->dy + rows->at;
    const lido_real *restrict x = rows->x[0][k], *restrict g = rows->x[1][k];
    lido_real *restrict dx = rows->dx[0][k], *restrict dg = rows->dx[1][k];
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real w = lido_exp(g[c] - most[c]) * inverse[c];
        if (to_x) dx[c] += dy[c] * w;
        if (to_g) dg[c] += dy[c] * (w * (x[c] - y[c]));
    }
}

#define LIDO_SOFTMAX_BACKWARD(name, give, a, ...)                                \
    LIDO_CLONES static void name(const void *job, lido_rows *rows) {             \
        for (lido_rows_begin(rows); lido_rows_next(rows);)                       \
            for (int k = 0; k < rows->count; k++) give(a, __VA_ARGS__, rows, k); \
    }
LIDO_SOFTMAX_BACKWARD(backward_own, give_own, false, job)
LIDO_SOFTMAX_BACKWARD(backward_straight, give_own, true, job)
LIDO_SOFTMAX_BACKWARD(backward_x, give_given, true, false, job)
LIDO_SOFTMAX_BACKWARD(backward_g, give_given, false, true, job)
LIDO_SOFTMAX_BACKWARD(backward_both, give_given, true, true, job)
#undef LIDO_SOFTMAX_BACKWARD

void lido_softmax_backward(bool straight, const lido_row_walk *walk, const lido_box *box,
                           const lido_real *y, const lido_softmax_saved *saved,
                           const lido_real *dy) {
    static const lido_row_visit own[] = {backward_own, backward_straight};
    static const lido_row_visit given[2][2] = {{NULL, backward_g}, {backward_x, backward_both}};
    const softmax_job job = {.y = (lido_real *)y, .saved = *saved, .dy = dy};
    if (walk->inputs == 1)
        lido_rows_backward(walk, box, own[straight], &job);
    else
        lido_rows_backward(walk, box, given[walk->dx[0] != NULL][walk->dx[1] != NULL], &job);
}
