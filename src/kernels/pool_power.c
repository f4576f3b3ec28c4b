/* pool_power.c - power sums and means over windows. Powers are summed as they are; only where they
 * leave the range of numbers the window's largest value is looked for, and all divided by it. */
#include "kernels/pool_power.h"

#include "kernels/exponential.h"
#include "kernels/pool_runs.h"

#include <float.h>
#include <string.h>

/* The least normal number: what smaller ones are divided by, whose inverse may be infinite. */
#ifdef LIDO_DOUBLE
#    define LIDO_REAL_LEAST DBL_MIN
#else
#    define LIDO_REAL_LEAST FLT_MIN
#endif

enum { GROUP = 4 /* rows compared in one pass over the lanes */ };

/* What stays the same during one call. */
typedef struct power_job {
    const lido_power *power;
    lido_real *y, *slope;
    const lido_real *dy;
    uint32_t *chosen;
    const lido_real *x;
    lido_real *map, *dx; /* the map begins with element `origin` */
    int64_t origin;
    const lido_row_walk *rows; /* for windows that do not slide, with how they are visited */
    lido_row_visit visit;
    lido_real *sums, *extremum; /* of a run */
    lido_real *inverse;         /* 1 / p, by lido_row_spread */
} power_job;

/* Behind the rows that are gathered. */
static size_t sums_at(void) {
    return lido_row_scratch(1 + LIDO_POWER_MAPS);
}

size_t lido_power_scratch(int64_t channels) {
    const size_t run = 2 * (size_t)lido_run_elements(channels);
    return sums_at() + (run + lido_row_spread_size(channels)) * sizeof(lido_real);
}

LIDO_INLINE bool is_lifted(lido_power_kind kind) {
    return kind == LIDO_POWER_LIFTED || kind == LIDO_POWER_LIFTED_THREE;
}

/* What the power is taken of. */
LIDO_INLINE lido_real base_of(lido_power_kind kind, lido_real x, lido_real eps) {
    if (is_lifted(kind)) return x < eps ? eps : x;
    return (lido_real)fabs((double)x);
}

/* v^p or, less by one, v^(p - 1). */
LIDO_INLINE lido_real raise(lido_power_kind kind, bool less, lido_real v, lido_real p) {
    const lido_real one = less ? 1 : v;
    switch (kind) {
    case LIDO_POWER_ONE:
        return one;
    case LIDO_POWER_TWO:
        return one * v;
    case LIDO_POWER_THREE:
    case LIDO_POWER_LIFTED_THREE:
        return one * (v * v);
    case LIDO_POWER_ANY:
    case LIDO_POWER_LIFTED:
        break;
    }
    return lido_pow(v, less ? p - 1 : p);
}

/* Whether what was lost of a power below or above is nothing beside it. */
LIDO_INLINE bool is_usable(lido_real power) {
    return (power > (lido_real)1e-30) & (power < (lido_real)1e30);
}

LIDO_INLINE lido_real sign_of(lido_real x) {
    return x > 0 ? 1 : (x < 0 ? -1 : x);
}

/* By what the power of a listed cell counts. */
LIDO_INLINE lido_real factor_of(const lido_power *power, const lido_rows *rows, int k) {
    if (power->tap) return power->tap[rows->number[k]];
    return power->mean ? 1 / (lido_real)rows->cells : 1;
}

/* ---- forward, scaled ----------------------------------------------------------------------- */

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

/* Over the cells of a window: sums of f v^p, and of f v^p ln v where slopes are wanted. */
typedef struct power_sums {
    lido_real powers[LIDO_ROW_LANES], logs[LIDO_ROW_LANES];
} power_sums;

/* What is summed: powers, also powers times ln v, or powers as they stand in the second input. */
typedef enum power_terms { POWERS, POWERS_AND_LOGS, MAPPED } power_terms;

/* `count` rows added to the sums, one after the other. inverse[] (NULL: 1) multiplies every v. */
LIDO_INLINE void add_rows(lido_power_kind kind, power_terms terms, int count,
                          const lido_power *power, const lido_rows *rows, int k,
                          const lido_real *restrict inverse, power_sums *restrict sums) {
    const lido_real *restrict p = power->p + rows->lane;
    const lido_real eps = power->eps;
    const lido_real *x[GROUP];
    lido_real factor[GROUP];
    for (int i = 0; i < count; i++) x[i] = rows->x[terms == MAPPED][k + i];
    for (int i = 0; i < count; i++) factor[i] = factor_of(power, rows, k + i);
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real powers = sums->powers[c], logs = terms == POWERS_AND_LOGS ? sums->logs[c] : 0;
        for (int i = 0; i < count; i++) {
            const lido_real base = base_of(kind, x[i][c], eps),
                            v = inverse ? base * inverse[c] : base;
            lido_real raised, log = 0;
            if (terms == POWERS_AND_LOGS)
                lido_pow_log(v, p[c], &raised, &log);
            else
                raised = terms == MAPPED ? x[i][c] : raise(kind, false, v, p[c]);
            powers += factor[i] * raised;
            logs += factor[i] * raised * log;
        }
        sums->powers[c] = powers;
        if (terms == POWERS_AND_LOGS) sums->logs[c] = logs;
    }
}

/* Rows from <= k < last of the list; cheap ones some at a time. */
LIDO_INLINE void add_block(lido_power_kind kind, power_terms terms, const lido_power *power,
                           const lido_rows *rows, int from, const lido_real *inverse,
                           power_sums *sums) {
    const bool dear = terms != MAPPED && (kind == LIDO_POWER_ANY || kind == LIDO_POWER_LIFTED);
    const int left = rows->count - from,
              last = from + (left < LIDO_ROW_BLOCK ? left : LIDO_ROW_BLOCK);
    int k = from;
    for (int64_t c = 0; c < rows->lanes; c++) sums->powers[c] = 0;
    for (int64_t c = 0; terms == POWERS_AND_LOGS && c < rows->lanes; c++) sums->logs[c] = 0;
    for (; !dear && k + GROUP <= last; k += GROUP)
        add_rows(kind, terms, GROUP, power, rows, k, inverse, sums);
    for (; k < last; k++) add_rows(kind, terms, 1, power, rows, k, inverse, sums);
}

LIDO_INLINE void add_blocks(lido_power_kind kind, power_terms terms, const lido_power *power,
                            lido_rows *rows, const lido_real *inverse, power_sums *restrict sums) {
    double powers[LIDO_ROW_LANES], logs[LIDO_ROW_LANES];
    const int64_t lanes = rows->lanes;
    for (int64_t c = 0; c < lanes; c++) powers[c] = logs[c] = 0;
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int from = 0; from < rows->count; from += LIDO_ROW_BLOCK) {
            add_block(kind, terms, power, rows, from, inverse, sums);
            for (int64_t c = 0; c < lanes; c++) powers[c] += (double)sums->powers[c];
            for (int64_t c = 0; terms == POWERS_AND_LOGS && c < lanes; c++)
                logs[c] += (double)sums->logs[c];
        }
    for (int64_t c = 0; c < lanes; c++) sums->powers[c] = (lido_real)powers[c];
    for (int64_t c = 0; terms == POWERS_AND_LOGS && c < lanes; c++)
        sums->logs[c] = (lido_real)logs[c];
}

/* The sums over all cells. */
LIDO_INLINE void sum_rows(lido_power_kind kind, power_terms terms, const lido_power *power,
                          lido_rows *rows, const lido_real *inverse, power_sums *sums) {
    if (rows->cells > LIDO_ROW_BLOCK) {
        add_blocks(kind, terms, power, rows, inverse, sums);
        return;
    }
    lido_rows_begin(rows);
    lido_rows_next(rows);
    add_block(kind, terms, power, rows, 0, inverse, sums);
}

LIDO_INLINE bool is_finite(lido_real x) {
    return x - x == 0;
}

/* dy/dp = (y / p) (sum f v^p ln v / S - ln S / p), for v divided by anything. */
LIDO_INLINE void take_slopes(const power_job *job, const lido_rows *rows,
                             const power_sums *restrict sums, lido_real *restrict slope) {
    const lido_real *restrict p = job->power->p + rows->lane, *restrict y = job->y + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real sum = sums->powers[c], mean_log = sums->logs[c] / sum;
        slope[c] = y[c] / p[c] * (mean_log - lido_log(sum) / p[c]);
    }
    for (int64_t c = 0; c < rows->lanes; c++) slope[c] = y[c] == 0 ? 0 : slope[c];
}

/* y = m S^(1/p), m the largest value; one of 0, infinity or NaN is the result itself. */
LIDO_INLINE void reduce_scaled(lido_power_kind kind, const power_job *job, lido_rows *rows) {
    lido_real most[LIDO_ROW_LANES], inverse[LIDO_ROW_LANES];
    power_sums sums;
    const lido_real *restrict p = job->power->p + rows->lane;
    lido_real *restrict y = job->y + rows->at;
    find_largest(kind, job, rows, most);
    for (int64_t c = 0; c < rows->lanes; c++)
        inverse[c] = 1 / (most[c] > LIDO_REAL_LEAST ? most[c] : LIDO_REAL_LEAST);
    sum_rows(kind, POWERS_AND_LOGS, job->power, rows, inverse, &sums);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = lido_pow(sums.powers[c], 1 / p[c]);
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real scale = most[c] > LIDO_REAL_LEAST ? most[c] : LIDO_REAL_LEAST;
        y[c] = ((most[c] > 0) & is_finite(most[c])) ? scale * y[c] : most[c];
    }
    if (job->slope) take_slopes(job, rows, &sums, job->slope + rows->at);
}

LIDO_CLONES static void find_scaled(const power_job *job, lido_rows *rows) {
    reduce_scaled(LIDO_POWER_ANY, job, rows);
}

LIDO_CLONES static void find_lifted_scaled(const power_job *job, lido_rows *rows) {
    reduce_scaled(LIDO_POWER_LIFTED, job, rows);
}

/* ---- forward ------------------------------------------------------------------------------- */

LIDO_INLINE bool are_usable(int64_t lanes, const lido_real *restrict powers) {
    int doubtful = 0;
    for (int64_t c = 0; c < lanes; c++) doubtful |= !is_usable(powers[c]);
    return !doubtful;
}

/* summed[]: whether powers are within range, or the window is one of zeros. Whether all are. */
LIDO_INLINE bool find_summed(lido_power_kind kind, const power_job *job, lido_rows *rows,
                             const lido_real *restrict powers, lido_real *restrict summed) {
    lido_real most[LIDO_ROW_LANES];
    int all = 1;
    find_largest(kind, job, rows, most);
    for (int64_t c = 0; c < rows->lanes; c++) {
        const bool whole = is_usable(powers[c]) | (most[c] == 0);
        summed[c] = whole;
        all &= whole;
    }
    return all;
}

#ifdef LIDO_DOUBLE
#    define square_root sqrt
#else
#    define square_root sqrtf
#endif

LIDO_INLINE lido_real root_of(lido_power_kind kind, lido_real sum, lido_real p) {
    if (kind == LIDO_POWER_ONE) return sum;
    if (kind == LIDO_POWER_TWO) return square_root(sum);
    return lido_pow(sum, 1 / p);
}

LIDO_INLINE void reduce(lido_power_kind kind, power_terms terms, const power_job *job,
                        lido_rows *rows) {
    lido_real roots[LIDO_ROW_LANES], slopes[LIDO_ROW_LANES], summed[LIDO_ROW_LANES];
    const lido_real *restrict p = job->power->p + rows->lane;
    lido_real *restrict y = job->y + rows->at;
    power_sums sums;
    sum_rows(kind, terms, job->power, rows, NULL, &sums);
    for (int64_t c = 0; c < rows->lanes; c++) roots[c] = root_of(kind, sums.powers[c], p[c]);
    for (int64_t c = 0; c < rows->lanes; c++) summed[c] = 1;
    if (!are_usable(rows->lanes, sums.powers) && !find_summed(kind, job, rows, sums.powers, summed))
        (is_lifted(kind) ? find_lifted_scaled : find_scaled)(job, rows);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = summed[c] != 0 ? roots[c] : y[c];
    if (terms != POWERS_AND_LOGS) return;
    take_slopes(job, rows, &sums, slopes);
    lido_real *restrict slope = job->slope + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) slope[c] = summed[c] != 0 ? slopes[c] : slope[c];
}

#define LIDO_POWER_FORWARD(name, kind, terms)                        \
    LIDO_CLONES static void name(const void *job, lido_rows *rows) { \
        reduce(kind, terms, job, rows);                              \
    }
LIDO_POWER_FORWARD(forward_one, LIDO_POWER_ONE, POWERS)
LIDO_POWER_FORWARD(forward_two, LIDO_POWER_TWO, POWERS)
LIDO_POWER_FORWARD(forward_three, LIDO_POWER_THREE, POWERS)
LIDO_POWER_FORWARD(forward_any, LIDO_POWER_ANY, POWERS)
LIDO_POWER_FORWARD(forward_any_mapped, LIDO_POWER_ANY, MAPPED)
LIDO_POWER_FORWARD(forward_any_sloped, LIDO_POWER_ANY, POWERS_AND_LOGS)
LIDO_POWER_FORWARD(forward_lifted_three, LIDO_POWER_LIFTED_THREE, POWERS)
LIDO_POWER_FORWARD(forward_lifted, LIDO_POWER_LIFTED, POWERS)
LIDO_POWER_FORWARD(forward_lifted_mapped, LIDO_POWER_LIFTED, MAPPED)
LIDO_POWER_FORWARD(forward_lifted_sloped, LIDO_POWER_LIFTED, POWERS_AND_LOGS)
#undef LIDO_POWER_FORWARD

/* Whether powers are taken of cells, not of the cells of each window. Others cost too little. */
static bool is_mapped(const lido_power *power, const lido_row_walk *walk) {
    return walk->maps && (power->kind == LIDO_POWER_ANY || power->kind == LIDO_POWER_LIFTED);
}

LIDO_INLINE void raise_cells(lido_power_kind kind, const power_job *job, int64_t at, int64_t count,
                             int64_t lane) {
    const lido_real *restrict x = job->x + at, *restrict p = job->power->p + lane;
    const lido_real eps = job->power->eps;
    lido_real *restrict map = job->map + (at - job->origin);
    for (int64_t c = 0; c < count; c++) map[c] = raise(kind, false, base_of(kind, x[c], eps), p[c]);
}

#define LIDO_POWER_CELLS(name, kind)                                                         \
    LIDO_CLONES static void name(const void *job, int64_t at, int64_t count, int64_t lane) { \
        raise_cells(kind, job, at, count, lane);                                             \
    }
LIDO_POWER_CELLS(map_one, LIDO_POWER_ONE)
LIDO_POWER_CELLS(map_two, LIDO_POWER_TWO)
LIDO_POWER_CELLS(map_three, LIDO_POWER_THREE)
LIDO_POWER_CELLS(map_any, LIDO_POWER_ANY)
LIDO_POWER_CELLS(map_lifted_three, LIDO_POWER_LIFTED_THREE)
LIDO_POWER_CELLS(map_lifted, LIDO_POWER_LIFTED)
#undef LIDO_POWER_CELLS

/* ---- forward, runs of windows that slide --------------------------------------------------- */

static void visit_box(const void *context, const lido_box *box) {
    const power_job *job = context;
    lido_rows_forward(job->rows, box, job->visit, job);
}

/* to[] of a run's elements: sums of the map, or extrema of x. */
static bool slide(const power_job *job, const lido_run *run, lido_slide kind, lido_real divisor,
                  lido_real *to) {
    const lido_row_walk *walk = job->rows;
    const int64_t at = run->position * walk->channels;
    const lido_real *first = kind == LIDO_SLIDE_SUM ? job->map + (at - job->origin) : job->x + at;
    return lido_slide_run(kind, walk->grid, walk->channels, run->windows, first, divisor, false,
                          to);
}

/* Of n lanes, where their sum is usable; all the others are windows of zeros with `zeros`. */
LIDO_INLINE void take_roots(lido_power_kind kind, bool zeros, int64_t n,
                            const lido_real *restrict inverse, const lido_real *restrict sums,
                            lido_real *restrict y) {
    for (int64_t c = 0; c < n; c++) {
        const lido_real sum = sums[c],
                        power = kind == LIDO_POWER_ANY ? lido_pow(sum, inverse[c]) : sum;
        const lido_real root = kind == LIDO_POWER_TWO ? (lido_real)sqrt((double)sum) : power;
        y[c] = (zeros | is_usable(sum)) ? root : y[c];
    }
}

/* Lanes of one window, or of some side by side. */
static int64_t group_of(int64_t channels) {
    return channels < LIDO_ROW_SPREAD ? LIDO_ROW_SPREAD / channels * channels : channels;
}

LIDO_CLONES static void finish_run(const power_job *job, bool zeros, int64_t n, lido_real *y) {
    const int64_t group = group_of(job->rows->channels);
    const lido_power_kind kind = job->power->kind;
    for (int64_t i = 0; i < n; i += group) {
        const int64_t count = n - i < group ? n - i : group;
        if (kind == LIDO_POWER_ONE)
            take_roots(LIDO_POWER_ONE, zeros, count, job->inverse, job->sums + i, y + i);
        else if (kind == LIDO_POWER_TWO)
            take_roots(LIDO_POWER_TWO, zeros, count, job->inverse, job->sums + i, y + i);
        else
            take_roots(LIDO_POWER_ANY, zeros, count, job->inverse, job->sums + i, y + i);
    }
}

/* Whether lanes without a usable sum hold nothing but zeros. */
LIDO_CLONES static bool are_zeros(int64_t n, const lido_real *restrict sums,
                                  const lido_real *restrict largest) {
    int others = 0;
    for (int64_t c = 0; c < n; c++) others |= !(is_usable(sums[c]) | (largest[c] == 0));
    return !others;
}

/* A power may be too small for a number where x is not. */
static bool has_only_zeros(const power_job *job, const lido_run *run) {
    const int64_t n = run->windows * job->rows->channels;
    if (!slide(job, run, LIDO_SLIDE_MAXIMUM, 1, job->extremum)) return false;
    if (!are_zeros(n, job->sums, job->extremum)) return false;
    if (!slide(job, run, LIDO_SLIDE_MINIMUM, 1, job->extremum)) return false;
    return are_zeros(n, job->sums, job->extremum);
}

LIDO_CLONES static void visit_run(const void *context, const lido_run *run) {
    const power_job *job = context;
    const int64_t channels = job->rows->channels, n = run->windows * channels;
    const lido_real divisor = job->power->mean ? (lido_real)job->rows->grid->cells : 1;
    slide(job, run, LIDO_SLIDE_SUM, divisor, job->sums);
    const bool zeros = are_usable(n, job->sums) || has_only_zeros(job, run);
    if (!zeros) visit_box(job, &run->box);
    finish_run(job, zeros, n, job->y + run->output * channels);
}

/* Sums of the map, where no window needs more than they say. */
static void forward_slid(power_job *job, const lido_row_walk *walk, const lido_box *box) {
    const lido_run_visitor visitor = {walk->grid, walk->channels, job, visit_run, visit_box};
    const int64_t elements = lido_run_elements(walk->channels);
    const int64_t count = (int64_t)lido_row_spread_size(walk->channels);
    job->sums = (lido_real *)((char *)walk->scratch + sums_at());
    job->extremum = job->sums + elements;
    job->inverse = job->extremum + elements;
    for (int64_t c = 0; c < count; c++) job->inverse[c] = 1 / job->power->p[c];
    lido_runs_forward(&visitor, box);
}

/* How windows are visited, and what is taken of cells beforehand. */
typedef struct power_visits {
    lido_row_visit terms[3]; /* by power_terms */
    lido_cell_visit map;
} power_visits;

static const power_visits *visits_of(const lido_power *power) {
    static const power_visits visits[] = {
        [LIDO_POWER_ONE] = {{forward_one}, map_one},
        [LIDO_POWER_TWO] = {{forward_two}, map_two},
        [LIDO_POWER_THREE] = {{forward_three}, map_three},
        [LIDO_POWER_ANY] = {{forward_any, forward_any_sloped, forward_any_mapped}, map_any},
        [LIDO_POWER_LIFTED_THREE] = {{forward_lifted_three}, map_lifted_three},
        [LIDO_POWER_LIFTED] = {{forward_lifted, forward_lifted_sloped, forward_lifted_mapped},
                               map_lifted},
    };
    return &visits[power->kind];
}

void lido_power_forward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                        lido_real *y, lido_real *slope) {
    const power_visits *visits = visits_of(power);
    const bool slides = walk->maps && !power->tap && lido_slides(walk->grid, walk->channels);
    power_job job = {.power = power, .y = y, .slope = slope, .x = walk->x[0], .map = walk->maps};
    if (slope || !(slides || is_mapped(power, walk))) {
        lido_rows_forward(walk, box, visits->terms[slope ? POWERS_AND_LOGS : POWERS], &job);
        return;
    }
    job.origin = lido_cells_forward_first(walk, box);
    const lido_row_walk mapped = lido_rows_with_maps(walk, LIDO_POWER_MAPS, job.origin);
    job.rows = is_mapped(power, walk) ? &mapped : walk;
    job.visit = visits->terms[is_mapped(power, walk) ? MAPPED : POWERS];
    lido_cells_forward(walk, box, visits->map, &job);
    if (slides)
        forward_slid(&job, walk, box);
    else
        visit_box(&job, box);
}

/* ---- backward ------------------------------------------------------------------------------ */

/* The gradient of v. */
LIDO_INLINE lido_real slope_of(lido_power_kind kind, lido_real x, lido_real eps) {
    if (is_lifted(kind)) return (lido_real)(x - eps < 0 ? 0.0 : 1.0);
    return kind == LIDO_POWER_ONE ? sign_of(x) : (lido_real)copysign(1, (double)x);
}

/* What every v^(p - 1) of a window is multiplied by: share[] = dy / y^(p - 1), 0 where y is; and
 * left[] = dy where that power is out of range, else 0. Whether there is such a lane. */
LIDO_INLINE bool take_shares(lido_power_kind kind, const power_job *job, const lido_rows *rows,
                             lido_real *restrict share, lido_real *restrict left) {
    const lido_real *restrict p = job->power->p + rows->lane, *restrict dy = job->dy + rows->at;
    const lido_real *restrict y = kind == LIDO_POWER_ONE ? dy : job->y + rows->at; /* unread */
    int any = 0;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real power = raise(kind, true, y[c], p[c]), ratio = dy[c] / power;
        const bool zero = kind != LIDO_POWER_ONE && y[c] == 0, usable = is_usable(power);
        share[c] = (usable & !zero) ? ratio : 0;
        left[c] = (usable | zero) ? 0 : dy[c];
        any |= !(usable | zero);
    }
    return any;
}

LIDO_INLINE void give(lido_power_kind kind, const power_job *job, const lido_rows *rows, int k,
                      const lido_real *restrict share) {
    const lido_real *restrict x = rows->x[0][k], *restrict p = job->power->p + rows->lane;
    const lido_real factor = factor_of(job->power, rows, k), eps = job->power->eps;
    lido_real *restrict dx = rows->dx[0][k];
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real power = raise(kind, true, base_of(kind, x[c], eps), p[c]);
        const lido_real given = factor * share[c] * power * slope_of(kind, x[c], eps);
        dx[c] += share[c] != 0 ? given : 0;
    }
}

/* The same by (v / y)^(p - 1). */
LIDO_INLINE void give_scaled(lido_power_kind kind, const power_job *job, const lido_rows *rows,
                             int k, const lido_real *restrict left) {
    const lido_real *restrict x = rows->x[0][k], *restrict p = job->power->p + rows->lane;
    const lido_real *restrict y = job->y + rows->at;
    const lido_real factor = factor_of(job->power, rows, k), eps = job->power->eps;
    lido_real *restrict dx = rows->dx[0][k];
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real log_ratio = lido_log(base_of(kind, x[c], eps) / y[c]);
        const lido_real given = lido_exp((p[c] - 1) * log_ratio) * slope_of(kind, x[c], eps);
        dx[c] += left[c] != 0 ? factor * left[c] * given : 0;
    }
}

LIDO_INLINE void spread_scaled(lido_power_kind kind, const power_job *job, lido_rows *rows,
                               const lido_real *left) {
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) give_scaled(kind, job, rows, k, left);
}

LIDO_CLONES static void give_left(const power_job *job, lido_rows *rows, const lido_real *left) {
    if (is_lifted(job->power->kind))
        spread_scaled(LIDO_POWER_LIFTED, job, rows, left);
    else
        spread_scaled(LIDO_POWER_ANY, job, rows, left);
}

LIDO_INLINE void spread(lido_power_kind kind, const power_job *job, lido_rows *rows) {
    lido_real share[LIDO_ROW_LANES], left[LIDO_ROW_LANES];
    if (take_shares(kind, job, rows, share, left)) give_left(job, rows, left);
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) give(kind, job, rows, k, share);
}

#define LIDO_POWER_BACKWARD(name, kind)                              \
    LIDO_CLONES static void name(const void *job, lido_rows *rows) { \
        spread(kind, job, rows);                                     \
    }
LIDO_POWER_BACKWARD(backward_one, LIDO_POWER_ONE)
LIDO_POWER_BACKWARD(backward_two, LIDO_POWER_TWO)
LIDO_POWER_BACKWARD(backward_three, LIDO_POWER_THREE)
LIDO_POWER_BACKWARD(backward_any, LIDO_POWER_ANY)
LIDO_POWER_BACKWARD(backward_lifted_three, LIDO_POWER_LIFTED_THREE)
LIDO_POWER_BACKWARD(backward_lifted, LIDO_POWER_LIFTED)
#undef LIDO_POWER_BACKWARD

/* Into the gradient of the map: what v^(p - 1) is to be multiplied by, over all windows. */
LIDO_INLINE void give_shares(const power_job *job, lido_rows *rows,
                             const lido_real *restrict share) {
    for (lido_rows_begin(rows); lido_rows_next(rows);)
        for (int k = 0; k < rows->count; k++) {
            const lido_real factor = factor_of(job->power, rows, k);
            lido_real *restrict sum = rows->dx[1][k];
            for (int64_t c = 0; c < rows->lanes; c++) sum[c] += factor * share[c];
        }
}

LIDO_CLONES static void backward_mapped(const void *context, lido_rows *rows) {
    const power_job *job = context;
    lido_real share[LIDO_ROW_LANES], left[LIDO_ROW_LANES];
    if (take_shares(LIDO_POWER_ANY, job, rows, share, left)) give_left(job, rows, left);
    give_shares(job, rows, share);
}

static void clear_cells(const void *context, int64_t at, int64_t count, int64_t lane) {
    const power_job *job = context;
    (void)lane;
    memset(job->map + (at - job->origin), 0, (size_t)count * sizeof *job->map);
}

LIDO_INLINE void multiply_cells(lido_power_kind kind, const power_job *job, int64_t at,
                                int64_t count, int64_t lane) {
    const lido_real *restrict x = job->x + at, *restrict p = job->power->p + lane;
    const lido_real *restrict sum = job->map + (at - job->origin);
    const lido_real eps = job->power->eps;
    lido_real *restrict dx = job->dx + at;
    for (int64_t c = 0; c < count; c++) {
        const lido_real power = raise(kind, true, base_of(kind, x[c], eps), p[c]);
        const lido_real given = sum[c] * power * slope_of(kind, x[c], eps);
        dx[c] += sum[c] != 0 ? given : 0;
    }
}

LIDO_CLONES static void give_cells(const void *context, int64_t at, int64_t count, int64_t lane) {
    const power_job *job = context;
    if (is_lifted(job->power->kind))
        multiply_cells(LIDO_POWER_LIFTED, job, at, count, lane);
    else
        multiply_cells(LIDO_POWER_ANY, job, at, count, lane);
}

void lido_power_backward(const lido_power *power, const lido_row_walk *walk, const lido_box *box,
                         const lido_real *y, const lido_real *dy) {
    static const lido_row_visit visits[] = {
        [LIDO_POWER_ONE] = backward_one,
        [LIDO_POWER_TWO] = backward_two,
        [LIDO_POWER_THREE] = backward_three,
        [LIDO_POWER_ANY] = backward_any,
        [LIDO_POWER_LIFTED_THREE] = backward_lifted_three,
        [LIDO_POWER_LIFTED] = backward_lifted,
    };
    power_job job = {.power = power,
                     .y = (lido_real *)y,
                     .dy = dy,
                     .x = walk->x[0],
                     .map = walk->maps,
                     .dx = walk->dx[0]};
    if (!is_mapped(power, walk)) {
        lido_rows_backward(walk, box, visits[power->kind], &job);
        return;
    }
    job.origin = lido_cells_backward_first(walk, box);
    const lido_row_walk mapped = lido_rows_with_maps(walk, LIDO_POWER_MAPS, job.origin);
    lido_cells_backward(walk, box, clear_cells, &job);
    lido_rows_backward(&mapped, box, backward_mapped, &job);
    lido_cells_backward(walk, box, give_cells, &job);
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
