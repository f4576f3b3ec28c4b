/* pool_power.c - power sums and means over windows. */
#include "kernels/pool_power.h"

#include "kernels/exponential.h"

enum { GROUP = 4 /* rows compared in one pass over the lanes */ };

/* What stays the same during one call. */
typedef struct power_job {
    const lido_power *power;
    lido_real *y, *slope;
    const lido_real *dy;
    uint32_t *chosen;
} power_job;

/* What the power is taken of. */
LIDO_INLINE lido_real base_of(lido_power_kind kind, lido_real x, lido_real eps) {
    if (kind == LIDO_POWER_LIFTED) return x < eps ? eps : x;
    return x < 0 ? -x : x;
}

LIDO_INLINE lido_real sign_of(lido_real x) {
    return x > 0 ? 1 : (x < 0 ? -1 : x);
}

/* By what the power of a listed cell counts. */
LIDO_INLINE lido_real factor_of(const lido_power *power, const lido_rows *rows, int k) {
    if (power->tap) return power->tap[rows->number[k]];
    return power->mean ? 1 / (lido_real)rows->cells : 1;
}

/* ---- forward ------------------------------------------------------------------------------- */

/* Four rows into most[], which begins with them when `first`. */
LIDO_INLINE void take_rows(lido_power_kind kind, bool first, lido_real eps,
                           const lido_real *const x[GROUP], int64_t lanes,
                           lido_real *restrict most) {
    const lido_real *const x0 = x[0], *const x1 = x[1], *const x2 = x[2], *const x3 = x[3];
    for (int64_t c = 0; c < lanes; c++) {
        const lido_real value[GROUP] = {x0[c], x1[c], x2[c], x3[c]};
        lido_real kept = first ? 0 : most[c];
        for (int i = 0; i < GROUP; i++) {
            const lido_real v = base_of(kind, value[i], eps);
            const bool taken = (v > kept) | (v != v);
            kept = taken ? v : kept;
        }
        most[c] = kept;
    }
}

/* A last group is filled up with its last row, which changes nothing. */
LIDO_INLINE void find_largest(lido_power_kind kind, const power_job *job, lido_rows *rows,
                              lido_real *restrict most) {
    const lido_real eps = job->power->eps;
    bool first = true;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k += GROUP, first = false) {
            const lido_real *x[GROUP];
            for (int i = 0; i < GROUP; i++)
                x[i] = rows->x[0][k + i < rows->count ? k + i : rows->count - 1];
            if (first)
                take_rows(kind, true, eps, x, rows->lanes, most);
            else
                take_rows(kind, false, eps, x, rows->lanes, most);
        }
}

/* One row added to sum[] and, where slopes are wanted, its logarithm so weighted to logs[]. */
LIDO_INLINE void add_row(lido_power_kind kind, bool sloped, const lido_power *power,
                         const lido_rows *rows, int k, const lido_real *restrict scale,
                         lido_real *restrict sum, lido_real *restrict logs) {
    const lido_real *restrict x = rows->x[0][k], *restrict p = power->p;
    const lido_real factor = factor_of(power, rows, k), eps = power->eps;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real t = base_of(kind, x[c], eps) / scale[c];
        lido_real raised = t;
        if (kind == LIDO_POWER_TWO) raised = t * t;
        if (kind >= LIDO_POWER_ANY) {
            const lido_real log_t = lido_log(t);
            raised = lido_exp(p[rows->lane + c] * log_t);
            if (sloped) logs[c] += factor * raised * log_t;
        }
        sum[c] += factor * raised;
    }
}

/* total[] = sum f t^p, logs[] = sum f t^p ln t, over t = v / scale. */
LIDO_INLINE void add_powers(lido_power_kind kind, bool sloped, const lido_power *power,
                            lido_rows *rows, const lido_real *scale, double *restrict total,
                            double *restrict logs) {
    lido_real part[LIDO_ROW_LANES], part_logs[LIDO_ROW_LANES];
    const int64_t lanes = rows->lanes;
    for (int64_t c = 0; c < lanes; c++) total[c] = 0;
    for (int64_t c = 0; sloped && c < lanes; c++) logs[c] = 0;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int first = 0; first < rows->count; first += LIDO_ROW_BLOCK) {
            for (int64_t c = 0; c < lanes; c++) part[c] = 0;
            for (int64_t c = 0; sloped && c < lanes; c++) part_logs[c] = 0;
            for (int k = first; k < rows->count && k < first + LIDO_ROW_BLOCK; k++)
                add_row(kind, sloped, power, rows, k, scale, part, part_logs);
            for (int64_t c = 0; c < lanes; c++) total[c] += (double)part[c];
            for (int64_t c = 0; sloped && c < lanes; c++) logs[c] += (double)part_logs[c];
        }
}

LIDO_INLINE bool is_finite(lido_real x) {
    return x - x == 0;
}

/* y = scale S^(1/p); a largest value of 0, infinity or NaN is the result itself. In two loops, for
 * the compiler would make a branch of one. */
LIDO_INLINE void take_roots(lido_power_kind kind, const power_job *job, const lido_rows *rows,
                            const lido_real *restrict most, const double *restrict total) {
    const lido_real *restrict p = job->power->p;
    lido_real *restrict y = job->y + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real sum = (lido_real)total[c], some = sum > 0;
        if (kind == LIDO_POWER_ONE) y[c] = sum;
        if (kind == LIDO_POWER_TWO) y[c] = (lido_real)sqrt(total[c]);
        if (kind >= LIDO_POWER_ANY) y[c] = some * lido_exp(lido_log(sum) / p[rows->lane + c]);
    }
    for (int64_t c = 0; c < rows->lanes; c++) {
        const bool is_scale = (most[c] > 0) & is_finite(most[c]);
        y[c] = most[c] * (is_scale ? y[c] : 1);
    }
}

/* dy/dp = (y / p) (sum f t^p ln t / S - ln S / p) */
LIDO_INLINE void take_slopes(const power_job *job, const lido_rows *rows,
                             const double *restrict total, const double *restrict logs) {
    const lido_real *restrict p = job->power->p, *restrict y = job->y + rows->at;
    lido_real *restrict slope = job->slope + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real sum = (lido_real)total[c], mean_log = (lido_real)(logs[c] / total[c]);
        const lido_real exponent = p[rows->lane + c];
        slope[c] = y[c] / exponent * (mean_log - lido_log(sum) / exponent);
    }
    for (int64_t c = 0; c < rows->lanes; c++) slope[c] = y[c] == 0 ? 0 : slope[c];
}

LIDO_INLINE void reduce(lido_power_kind kind, bool sloped, const power_job *job, lido_rows *rows) {
    lido_real most[LIDO_ROW_LANES], scale[LIDO_ROW_LANES];
    double total[LIDO_ROW_LANES], logs[LIDO_ROW_LANES];
    find_largest(kind, job, rows, most);
    for (int64_t c = 0; c < rows->lanes; c++) scale[c] = most[c] > 0 ? most[c] : 1;
    add_powers(kind, sloped, job->power, rows, scale, total, logs);
    take_roots(kind, job, rows, most, total);
    if (sloped) take_slopes(job, rows, total, logs);
}

#define LIDO_POWER_FORWARD(name, kind, sloped)                       \
    LIDO_CLONES static void name(const void *job, lido_rows *rows) { \
        reduce(kind, sloped, job, rows);                             \
    }
LIDO_POWER_FORWARD(forward_one, LIDO_POWER_ONE, false)
LIDO_POWER_FORWARD(forward_two, LIDO_POWER_TWO, false)
LIDO_POWER_FORWARD(forward_any, LIDO_POWER_ANY, false)
LIDO_POWER_FORWARD(forward_any_sloped, LIDO_POWER_ANY, true)
LIDO_POWER_FORWARD(forward_lifted, LIDO_POWER_LIFTED, false)
LIDO_POWER_FORWARD(forward_lifted_sloped, LIDO_POWER_LIFTED, true)
#undef LIDO_POWER_FORWARD

void lido_power_forward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                        lido_real *y, lido_real *slope) {
    static const lido_row_visit visits[][2] = {
        [LIDO_POWER_ONE] = {forward_one, NULL},
        [LIDO_POWER_TWO] = {forward_two, NULL},
        [LIDO_POWER_ANY] = {forward_any, forward_any_sloped},
        [LIDO_POWER_LIFTED] = {forward_lifted, forward_lifted_sloped},
    };
    const power_job job = {.power = power, .y = y, .slope = slope};
    lido_rows_forward(walk, box, visits[power->kind][slope != NULL], &job);
}

/* ---- backward ------------------------------------------------------------------------------ */

LIDO_INLINE void give(lido_power_kind kind, const power_job *job, const lido_rows *rows, int k) {
    const lido_real *restrict x = rows->x[0][k], *restrict p = job->power->p;
    const lido_real *restrict dy = job->dy + rows->at;
    const lido_real *restrict y =
        kind == LIDO_POWER_ONE ? dy : job->y + rows->at; /* p = 1: unread */
    const lido_real factor = factor_of(job->power, rows, k), eps = job->power->eps;
    lido_real *restrict dx = rows->dx[0][k];
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real divisor = y[c] == 0 ? INFINITY : y[c]; /* no gradient where y is 0 */
        lido_real slope = sign_of(x[c]);
        if (kind == LIDO_POWER_TWO) slope = x[c] / divisor;
        if (kind == LIDO_POWER_LIFTED) slope = x[c] < eps ? 0 : 1;
        if (kind >= LIDO_POWER_ANY) {
            const lido_real log_ratio = lido_log(base_of(kind, x[c], eps) / divisor);
            slope *= lido_exp((p[rows->lane + c] - 1) * log_ratio);
        }
        dx[c] += factor * dy[c] * slope;
    }
}

#define LIDO_POWER_BACKWARD(name, kind)                                     \
    LIDO_CLONES static void name(const void *job, lido_rows *rows) {        \
        for (lido_rows_begin(rows); lido_rows_next(rows);)                  \
            for (int k = 0; k < rows->count; k++) give(kind, job, rows, k); \
    }
LIDO_POWER_BACKWARD(backward_one, LIDO_POWER_ONE)
LIDO_POWER_BACKWARD(backward_two, LIDO_POWER_TWO)
LIDO_POWER_BACKWARD(backward_any, LIDO_POWER_ANY)
LIDO_POWER_BACKWARD(backward_lifted, LIDO_POWER_LIFTED)
#undef LIDO_POWER_BACKWARD

void lido_power_backward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                         const lido_real *y, const lido_real *dy) {
    static const lido_row_visit visits[] = {
        [LIDO_POWER_ONE] = backward_one,
        [LIDO_POWER_TWO] = backward_two,
        [LIDO_POWER_ANY] = backward_any,
        [LIDO_POWER_LIFTED] = backward_lifted,
    };
    const power_job job = {.power = power, .y = (lido_real *)y, .dy = dy};
    lido_rows_backward(walk, box, visits[power->kind], &job);
}

/* ---- p = infinity -------------------------------------------------------------------------- */

LIDO_INLINE void take_max(bool first, const lido_real *restrict x, uint32_t number, int64_t lanes,
                          lido_real *restrict y, uint32_t *restrict chosen) {
    for (int64_t c = 0; c < lanes; c++) {
        const lido_real v = base_of(LIDO_POWER_ANY, x[c], 0), kept = first ? -1 : y[c];
        const uint32_t before = first ? number : chosen[c];
        const bool taken = (v > kept) | (v != v);
        y[c] = taken ? v : kept;
        chosen[c] = taken ? number : before;
    }
}

LIDO_CLONES static void forward_max(const void *context, lido_rows *rows) {
    const power_job *job = context;
    lido_real *y = job->y + rows->at;
    uint32_t chosen[LIDO_ROW_LANES];
    bool first = true;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++, first = false) {
            if (first)
                take_max(true, rows->x[0][k], rows->number[k], rows->lanes, y, chosen);
            else
                take_max(false, rows->x[0][k], rows->number[k], rows->lanes, y, chosen);
        }
    if (job->chosen) memcpy(job->chosen + rows->at, chosen, (size_t)rows->lanes * sizeof *chosen);
}

LIDO_CLONES static void backward_max(const void *context, lido_rows *rows) {
    const power_job *job = context;
    const uint32_t *restrict chosen = job->chosen + rows->at;
    const lido_real *restrict dy = job->dy + rows->at;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) {
            const lido_real *restrict x = rows->x[0][k];
            lido_real *restrict dx = rows->dx[0][k];
            for (int64_t c = 0; c < rows->lanes; c++)
                dx[c] += chosen[c] == rows->number[k] ? sign_of(x[c]) * dy[c] : 0;
        }
}

void lido_power_max_forward(const lido_row_walk *walk, const lido_box *box, lido_real *y,
                            uint32_t *chosen) {
    const power_job job = {.y = y, .chosen = chosen};
    lido_rows_forward(walk, box, forward_max, &job);
}

void lido_power_max_backward(const lido_row_walk *walk, const lido_box *box, const uint32_t *chosen,
                             const lido_real *dy) {
    const power_job job = {.chosen = (uint32_t *)chosen, .dy = dy};
    lido_rows_backward(walk, box, backward_max, &job);
}
