/* pool_softmax.c - windows weighted by exponentials. In most windows sums of e^x itself keep all
 * their digits; only in the others the largest value is looked for first, and taken from each. */
#include "kernels/pool_softmax.h"

#include "kernels/exponential.h"
#include "kernels/pool_runs.h"

enum {
    GROUP = 4,   /* rows compared in one pass over the lanes */
    RUN_SUMS = 4 /* arrays over the elements of a run: those of a sum_list */
};

/* What stays the same during one call. */
typedef struct softmax_job {
    const lido_real *r;
    lido_real *inverse; /* 1 / r, likewise */
    lido_real *y, *slope;
    lido_softmax_saved saved;
    const lido_real *dy, *x;
    lido_real *map, *second_map; /* of e^z, and of e^z - 1 or e^x x, from element `origin` on */
    int64_t origin;
    /* where windows slide */
    const lido_row_walk *walk; /* with the maps */
    lido_row_visit visit;
    lido_real *sums[RUN_SUMS];
} softmax_job;

/* Behind the rows that are gathered. */
static size_t sums_at(void) {
    return lido_row_scratch(LIDO_ROW_INPUTS);
}

static lido_real *sums_of(const lido_row_walk *walk) {
    return (lido_real *)((char *)walk->scratch + sums_at());
}

size_t lido_softmax_scratch(int64_t channels) {
    const size_t run = RUN_SUMS * (size_t)lido_run_elements(channels);
    return sums_at() + (run + lido_row_spread_size(channels)) * sizeof(lido_real);
}

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

LIDO_INLINE void fill(int64_t lanes, lido_real value, lido_real *restrict to) {
    for (int64_t c = 0; c < lanes; c++) to[c] = value;
}

/* Of one group of windows: two sums over their cells, the smallest and the largest value. */
typedef struct window_sums {
    lido_real first[LIDO_ROW_LANES], second[LIDO_ROW_LANES];
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES];
} window_sums;

/* The same, wherever they stand. */
typedef struct sum_list {
    const lido_real *first, *second, *least, *most;
} sum_list;

LIDO_INLINE sum_list list_of(const window_sums *sums) {
    return (sum_list){sums->first, sums->second, sums->least, sums->most};
}

/* Adds rows k, ..., k + count - 1 to the sums, one after the other, count 1 or GROUP; most[]: of
 * each lane, where the exponent is relative to that. */
typedef void (*add_rows)(const softmax_job *job, const lido_rows *rows, int k, int count,
                         const lido_real *restrict most, window_sums *restrict sums);

/* NAME as a function of its own that knows its count and whether there is a most[]: what walks over
 * rows is compiled once. */
#define LIDO_ADD_ROWS(name, add, its_most)                                                        \
    LIDO_CLONES static void name(const softmax_job *job, const lido_rows *rows, int k, int count, \
                                 const lido_real *most, window_sums *sums) {                      \
        (void)most;                                                                               \
        if (count == GROUP)                                                                       \
            add(job, rows, k, GROUP, its_most, sums);                                             \
        else                                                                                      \
            add(job, rows, k, 1, its_most, sums);                                                 \
    }

/* Rows `from` and so on of the list, LIDO_ROW_BLOCK at most. */
static void add_block(add_rows add, const softmax_job *job, const lido_rows *rows, int from,
                      const lido_real *most, window_sums *sums) {
    fill(rows->lanes, 0, sums->first);
    fill(rows->lanes, 0, sums->second);
    const int left = rows->count - from;
    const int last = from + (left < LIDO_ROW_BLOCK ? left : LIDO_ROW_BLOCK);
    int k = from;
    for (; k + GROUP <= last; k += GROUP) add(job, rows, k, GROUP, most, sums);
    for (; k < last; k++) add(job, rows, k, 1, most, sums);
}

/* Blocks are summed list by list, and lists at the end: a sum of many numbers has few long steps.
 */
LIDO_CLONES
static void add_blocks(add_rows add, const softmax_job *job, lido_rows *rows, const lido_real *most,
                       window_sums *restrict sums) {
    double first[LIDO_ROW_LANES], second[LIDO_ROW_LANES];
    const int64_t lanes = rows->lanes;
    for (int64_t c = 0; c < lanes; c++) first[c] = second[c] = 0;
    for (lido_rows_begin(rows); lido_rows_next(rows);) {
        double first_of_list[LIDO_ROW_LANES], second_of_list[LIDO_ROW_LANES];
        for (int64_t c = 0; c < lanes; c++) first_of_list[c] = second_of_list[c] = 0;
        for (int from = 0; from < rows->count; from += LIDO_ROW_BLOCK) {
            add_block(add, job, rows, from, most, sums);
            for (int64_t c = 0; c < lanes; c++) first_of_list[c] += (double)sums->first[c];
            for (int64_t c = 0; c < lanes; c++) second_of_list[c] += (double)sums->second[c];
        }
        for (int64_t c = 0; c < lanes; c++) first[c] += first_of_list[c];
        for (int64_t c = 0; c < lanes; c++) second[c] += second_of_list[c];
    }
    for (int64_t c = 0; c < lanes; c++) sums->first[c] = (lido_real)first[c];
    for (int64_t c = 0; c < lanes; c++) sums->second[c] = (lido_real)second[c];
}

/* The sums over all cells. */
static void sum_rows(add_rows add, const softmax_job *job, lido_rows *rows, const lido_real *most,
                     window_sums *sums) {
    fill(rows->lanes, INFINITY, sums->least);
    fill(rows->lanes, -INFINITY, sums->most);
    if (rows->cells > LIDO_ROW_BLOCK) {
        add_blocks(add, job, rows, most, sums);
        return;
    }
    lido_rows_begin(rows);
    lido_rows_next(rows);
    add_block(add, job, rows, 0, most, sums);
}

/* A sum of e^x to which nothing that was lost below or above would have mattered. */
LIDO_INLINE bool is_usable(lido_real sum) {
    return (sum > (lido_real)1e-30) & (sum < (lido_real)1e30);
}

LIDO_INLINE bool are_usable(int64_t lanes, const lido_real *restrict sum) {
    int doubtful = 0;
    for (int64_t c = 0; c < lanes; c++) doubtful |= !is_usable(sum[c]);
    return !doubtful;
}

/* most == NULL: it was not looked for, and what cannot be used stays as it is. */
LIDO_INLINE void save(const softmax_job *job, const lido_rows *rows, const lido_real *restrict most,
                      const lido_real *restrict sum) {
    if (!job->saved.most) return;
    lido_real *restrict kept = job->saved.most + rows->at;
    lido_real *restrict inverse = job->saved.inverse + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const bool taken = most || is_usable(sum[c]);
        const lido_real one_over = 1 / sum[c];
        kept[c] = taken ? (most ? most[c] : 0) : kept[c];
        inverse[c] = taken ? one_over : inverse[c];
    }
}

/* ---- runs of windows that slide ------------------------------------------------------------ */

static void visit_box(const void *context, const lido_box *box) {
    const softmax_job *job = context;
    lido_rows_forward(job->walk, box, job->visit, job);
}

/* job->sums[number] of a run's elements, of an input of the walk. */
static void slide_input(const softmax_job *job, const lido_run *run, lido_slide kind, int input,
                        int number) {
    const lido_row_walk *walk = job->walk;
    const int64_t at = run->position * walk->channels - walk->origin[input];
    lido_slide_run(kind, walk->grid, walk->channels, run->windows, walk->x[input] + at, 1, false,
                   job->sums[number]);
}

/* What becomes of a group of windows whose sums are known. Where they are not usable, y stays. */
typedef void (*finish_rows)(const softmax_job *job, const lido_rows *rows, const sum_list *sums);

/* Windows of the run whose sums are not usable are visited as those of other boxes. */
LIDO_CLONES static void finish_run(finish_rows finish, const softmax_job *job,
                                   const lido_run *run) {
    const int64_t channels = job->walk->channels, n = run->windows * channels;
    const int64_t group =
        channels < LIDO_ROW_LANES ? LIDO_ROW_LANES / channels * channels : LIDO_ROW_LANES;
    lido_rows rows;
    if (!are_usable(n, job->sums[0])) visit_box(job, &run->box);
    rows.cells = job->walk->grid->cells;
    for (int64_t i = 0; i < n; i += rows.lanes) {
        const int64_t end = i + group < n ? i + group : n;
        const int64_t row_end = channels < LIDO_ROW_LANES ? end : (i / channels + 1) * channels;
        rows.at = run->output * channels + i;
        rows.lane = channels < LIDO_ROW_LANES ? 0 : i % channels;
        rows.lanes = (end < row_end ? end : row_end) - i;
        const sum_list sums = {job->sums[0] + i, job->sums[1] + i, job->sums[2] + i,
                               job->sums[3] + i};
        finish(job, &rows, &sums);
    }
}

static void forward_slid(softmax_job *job, const lido_row_walk *mapped, const lido_box *box,
                         lido_row_visit visit, void (*run)(const void *, const lido_run *)) {
    const int64_t elements = lido_run_elements(mapped->channels);
    const lido_run_visitor visitor = {mapped->grid, mapped->channels, job, run, visit_box};
    lido_real *sums = sums_of(mapped);
    job->walk = mapped;
    job->visit = visit;
    for (int i = 0; i < RUN_SUMS; i++) job->sums[i] = sums + i * elements;
    lido_runs_forward(&visitor, box);
}

/* ---- log-sum-exp --------------------------------------------------------------------------- */

/* Sums of e^z and e^z - 1, z = r x or r (x - m). */
LIDO_INLINE void add_exponentials(const softmax_job *job, const lido_rows *rows, int k, int count,
                                  const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k;
    const lido_real *restrict r = job->r + rows->lane;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c], least = sums->least[c];
        lido_real largest = sums->most[c];
        for (int i = 0; i < count; i++) {
            const lido_real z = r[c] * (most ? x[i][c] - most[c] : x[i][c]);
            first += lido_exp(z);
            second += lido_expm1(z);
            least = x[i][c] < least ? x[i][c] : least;
            largest = x[i][c] > largest ? x[i][c] : largest;
        }
        sums->first[c] = first;
        sums->second[c] = second;
        sums->least[c] = least;
        sums->most[c] = largest;
    }
}
LIDO_ADD_ROWS(add_exponentials_rows, add_exponentials, NULL)
LIDO_ADD_ROWS(add_relative_rows, add_exponentials, most)

/* The same of z = r x, from maps of them. */
LIDO_INLINE void add_mapped_exponentials(const softmax_job *job, const lido_rows *rows, int k,
                                         int count, const lido_real *restrict most,
                                         window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k, *const *e = rows->x[1] + k;
    const lido_real *const *less = rows->x[2] + k;
    (void)job, (void)most;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c], least = sums->least[c];
        lido_real largest = sums->most[c];
        for (int i = 0; i < count; i++) {
            first += e[i][c];
            second += less[i][c];
            least = x[i][c] < least ? x[i][c] : least;
            largest = x[i][c] > largest ? x[i][c] : largest;
        }
        sums->first[c] = first;
        sums->second[c] = second;
        sums->least[c] = least;
        sums->most[c] = largest;
    }
}
LIDO_ADD_ROWS(add_mapped_exponentials_rows, add_mapped_exponentials, NULL)

LIDO_CLONES static void map_exponentials(const void *context, int64_t at, int64_t count,
                                         int64_t lane) {
    const softmax_job *job = context;
    const int64_t mapped = at - job->origin;
    const lido_real *restrict x = job->x + at, *restrict r = job->r + lane;
    lido_real *restrict map = job->map + mapped, *restrict less = job->second_map + mapped;
    for (int64_t c = 0; c < count; c++) {
        const lido_real z = r[c] * x[c], e = lido_exp(z), e_less = lido_expm1(z);
        map[c] = e;
        less[c] = e_less;
    }
}

/* log[] = ln(mean e^z): near 0 from the sum of e^z - 1, which keeps the digits of small z. */
LIDO_INLINE void take_logs(const lido_rows *rows, const sum_list *sums, lido_real *restrict log) {
    const lido_real share = 1 / (lido_real)rows->cells;
    const lido_real *restrict first = sums->first, *restrict second = sums->second;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real mean = first[c] * share, above = second[c] * share;
        const bool far = mean < (lido_real)0.5;
        const lido_real of = far ? mean : 1 + above, rest = (above - (of - 1)) / of;
        log[c] = lido_log(of) + (far ? 0 : rest);
    }
}

/* z e^z - (e^z - 1) = z^2 / 2 + z^3 / 3 + z^4 / 8 + ..., z at most ln(cells) */
LIDO_INLINE lido_real bend_of(lido_real z) {
#ifdef LIDO_DOUBLE
    const lido_real limit = 0.02;
#else
    const lido_real limit = 0.5F;
#endif
    const lido_real far = lido_exp_bounded(z), direct = far * lido_exp(z) - lido_expm1(z);
    lido_real series = (lido_real)(1.0 / 144) + far * ((lido_real)(1.0 / 840) + far / 5760);
    series = (lido_real)0.125 + far * ((lido_real)(1.0 / 30) + far * series);
    series = far * far * ((lido_real)0.5 + far * ((lido_real)(1.0 / 3) + far * series));
    return (lido_real)fabs((double)far) < limit ? series : direct;
}

LIDO_INLINE void add_bends(const softmax_job *job, const lido_rows *rows, int k, int count,
                           const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k;
    const lido_real *restrict r = job->r + rows->lane, *restrict y = job->y + rows->at;
    (void)most;
    for (int64_t c = 0; c < rows->lanes; c++)
        for (int i = 0; i < count; i++) sums->first[c] += bend_of(r[c] * (x[i][c] - y[c]));
}
LIDO_ADD_ROWS(add_bends_rows, add_bends, NULL)

/* dy/dr = (sum w z - ln(mean e^z)) / r^2 for z = r (x - s) of any s. Of s = y the logarithm is 0
 * and w = e^z / cells, so it is the mean of z e^z, or, as the mean of e^z - 1 is 0, that of what is
 * left without it: nothing cancels, however small r is. */
LIDO_INLINE void take_slopes(const softmax_job *job, lido_rows *rows, window_sums *sums) {
    const lido_real *restrict r = job->r + rows->lane;
    lido_real *restrict slope = job->slope + rows->at;
    const lido_real cells = (lido_real)rows->cells;
    sum_rows(add_bends_rows, job, rows, NULL, sums);
    for (int64_t c = 0; c < rows->lanes; c++) slope[c] = sums->first[c] / cells / r[c] / r[c];
}

LIDO_INLINE void find_logsumexp(const softmax_job *job, lido_rows *rows) {
    const lido_real *restrict r = job->r + rows->lane;
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], log[LIDO_ROW_LANES];
    window_sums sums;
    lido_real *restrict y = job->y + rows->at;
    find_range(rows, 0, least, most);
    sum_rows(add_relative_rows, job, rows, most, &sums);
    const sum_list list = list_of(&sums);
    take_logs(rows, &list, log);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = log[c] / r[c];
    add_most(rows, least, most, y);
    save(job, rows, most, sums.first);
}

/* Where sums are usable; the result lies within the window's range. */
LIDO_INLINE void end_logsumexp(const softmax_job *job, const lido_rows *rows,
                               const sum_list *sums) {
    const lido_real *restrict inverse = job->inverse + rows->lane, *restrict first = sums->first;
    const lido_real *restrict least = sums->least, *restrict most = sums->most;
    lido_real *restrict y = job->y + rows->at, log[LIDO_ROW_LANES];
    take_logs(rows, sums, log);
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real value = log[c] * inverse[c];
        value = value < least[c] ? least[c] : value;
        value = value > most[c] ? most[c] : value;
        y[c] = is_usable(first[c]) ? value : y[c];
    }
    save(job, rows, NULL, sums->first);
}

LIDO_INLINE void reduce_logsumexp(add_rows add, const softmax_job *job, lido_rows *rows) {
    window_sums sums;
    sum_rows(add, job, rows, NULL, &sums);
    if (!are_usable(rows->lanes, sums.first)) find_logsumexp(job, rows);
    const sum_list list = list_of(&sums);
    end_logsumexp(job, rows, &list);
    if (job->slope) take_slopes(job, rows, &sums);
}

LIDO_CLONES static void forward_logsumexp(const void *job, lido_rows *rows) {
    reduce_logsumexp(add_exponentials_rows, job, rows);
}

LIDO_CLONES static void forward_logsumexp_mapped(const void *job, lido_rows *rows) {
    reduce_logsumexp(add_mapped_exponentials_rows, job, rows);
}

LIDO_CLONES static void finish_logsumexp(const softmax_job *job, const lido_rows *rows,
                                         const sum_list *sums) {
    end_logsumexp(job, rows, sums);
}

/* A NaN, which extrema may miss, makes the first sum one. */
static void run_logsumexp(const void *context, const lido_run *run) {
    const softmax_job *job = context;
    slide_input(job, run, LIDO_SLIDE_SUM, 1, 0);
    slide_input(job, run, LIDO_SLIDE_SUM, 2, 1);
    slide_input(job, run, LIDO_SLIDE_MINIMUM, 0, 2);
    slide_input(job, run, LIDO_SLIDE_MAXIMUM, 0, 3);
    finish_run(finish_logsumexp, job, run);
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
    softmax_job job = {.r = r, .y = y, .slope = slope, .saved = *saved, .x = walk->x[0]};
    job.inverse = sums_of(walk) + RUN_SUMS * lido_run_elements(walk->channels);
    for (size_t i = 0; i < lido_row_spread_size(walk->channels); i++) job.inverse[i] = 1 / r[i];
    if (!walk->maps) {
        lido_rows_forward(walk, box, forward_logsumexp, &job);
        return;
    }
    job.origin = lido_cells_forward_first(walk, box);
    const lido_row_walk mapped = lido_rows_with_maps(walk, LIDO_LOGSUMEXP_MAPS, job.origin);
    job.map = lido_row_map(walk, 0);
    job.second_map = lido_row_map(walk, 1);
    lido_cells_forward(walk, box, map_exponentials, &job);
    if (slope)
        lido_rows_forward(&mapped, box, forward_logsumexp_mapped, &job);
    else
        forward_slid(&job, &mapped, box, forward_logsumexp_mapped, run_logsumexp);
}

void lido_logsumexp_backward(const lido_real *r, const lido_row_walk *walk, const lido_box *box,
                             const lido_softmax_saved *saved, const lido_real *dy) {
    const softmax_job job = {.r = r, .saved = *saved, .dy = dy};
    lido_rows_backward(walk, box, backward_logsumexp, &job);
}

/* ---- weighted means ------------------------------------------------------------------------ */

/* Sums of e^x and e^x x. */
LIDO_INLINE void add_plain(const softmax_job *job, const lido_rows *rows, int k, int count,
                           const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k;
    (void)job, (void)most;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c];
        for (int i = 0; i < count; i++) {
            const lido_real e = lido_exp(x[i][c]);
            first += e;
            second += e * x[i][c];
        }
        sums->first[c] = first;
        sums->second[c] = second;
    }
}
LIDO_ADD_ROWS(add_plain_rows, add_plain, NULL)

/* The same from maps of them. */
LIDO_INLINE void add_mapped(const softmax_job *job, const lido_rows *rows, int k, int count,
                            const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *e = rows->x[1] + k, *const *product = rows->x[2] + k;
    (void)job, (void)most;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c];
        for (int i = 0; i < count; i++) {
            first += e[i][c];
            second += product[i][c];
        }
        sums->first[c] = first;
        sums->second[c] = second;
    }
}
LIDO_ADD_ROWS(add_mapped_rows, add_mapped, NULL)

LIDO_CLONES static void map_plain(const void *context, int64_t at, int64_t count, int64_t lane) {
    const softmax_job *job = context;
    const int64_t mapped = at - job->origin;
    const lido_real *restrict x = job->x + at;
    lido_real *restrict map = job->map + mapped, *restrict product = job->second_map + mapped;
    (void)lane;
    for (int64_t c = 0; c < count; c++) {
        const lido_real value = x[c], e = lido_exp(value);
        map[c] = e;
        product[c] = e * value;
    }
}

/* Sums of e^z and z e^z, z = x - m: y = m + the second / the first cannot overflow. */
LIDO_INLINE void add_own(const softmax_job *job, const lido_rows *rows, int k, int count,
                         const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k;
    (void)job;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c];
        for (int i = 0; i < count; i++) {
            const lido_real z = x[i][c] - most[c], e = lido_exp(z);
            first += e;
            second += e * far_or(z);
        }
        sums->first[c] = first;
        sums->second[c] = second;
    }
}
LIDO_ADD_ROWS(add_own_rows, add_own, most)

LIDO_INLINE void find_own(const softmax_job *job, lido_rows *rows) {
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], *restrict y = job->y + rows->at;
    window_sums sums;
    find_range(rows, 0, least, most);
    sum_rows(add_own_rows, job, rows, most, &sums);
    for (int64_t c = 0; c < rows->lanes; c++) y[c] = sums.second[c] / sums.first[c];
    add_most(rows, least, most, y);
    save(job, rows, most, sums.first);
}

/* e^x x of minus infinity is NaN. */
LIDO_INLINE void refuse_infinite(int64_t lanes, const lido_real *restrict second,
                                 lido_real *restrict first) {
    for (int64_t c = 0; c < lanes; c++) first[c] = is_finite(second[c]) ? first[c] : 0;
}

LIDO_INLINE void end_own(const softmax_job *job, const lido_rows *rows, const sum_list *sums) {
    const lido_real *restrict first = sums->first, *restrict second = sums->second;
    lido_real *restrict y = job->y + rows->at;
    for (int64_t c = 0; c < rows->lanes; c++) {
        const lido_real value = second[c] / first[c];
        y[c] = is_usable(first[c]) ? value : y[c];
    }
    save(job, rows, NULL, sums->first);
}

LIDO_INLINE void reduce_own(add_rows add, const softmax_job *job, lido_rows *rows) {
    window_sums sums;
    sum_rows(add, job, rows, NULL, &sums);
    refuse_infinite(rows->lanes, sums.second, sums.first);
    if (!are_usable(rows->lanes, sums.first)) find_own(job, rows);
    const sum_list list = list_of(&sums);
    end_own(job, rows, &list);
}

LIDO_CLONES static void forward_own(const void *job, lido_rows *rows) {
    reduce_own(add_plain_rows, job, rows);
}

LIDO_CLONES static void forward_own_mapped(const void *job, lido_rows *rows) {
    reduce_own(add_mapped_rows, job, rows);
}

LIDO_CLONES static void finish_own(const softmax_job *job, const lido_rows *rows,
                                   const sum_list *sums) {
    end_own(job, rows, sums);
}

LIDO_CLONES static void run_own(const void *context, const lido_run *run) {
    const softmax_job *job = context;
    slide_input(job, run, LIDO_SLIDE_SUM, 1, 0);
    slide_input(job, run, LIDO_SLIDE_SUM, 2, 1);
    refuse_infinite(run->windows * job->walk->channels, job->sums[1], job->sums[0]);
    finish_run(finish_own, job, run);
}

/* Sums of e^z and e^z x / BLOCK, z = g - m: a block of the largest numbers does not overflow. */
LIDO_INLINE void add_given(const softmax_job *job, const lido_rows *rows, int k, int count,
                           const lido_real *restrict most, window_sums *restrict sums) {
    const lido_real *const *x = rows->x[0] + k, *const *g = rows->x[1] + k;
    (void)job;
    for (int64_t c = 0; c < rows->lanes; c++) {
        lido_real first = sums->first[c], second = sums->second[c];
        for (int i = 0; i < count; i++) {
            const lido_real e = lido_exp(g[i][c] - most[c]);
            first += e;
            second += e * (x[i][c] / LIDO_ROW_BLOCK);
        }
        sums->first[c] = first;
        sums->second[c] = second;
    }
}
LIDO_ADD_ROWS(add_given_rows, add_given, most)

LIDO_CLONES static void forward_given(const void *context, lido_rows *rows) {
    const softmax_job *job = context;
    lido_real least[LIDO_ROW_LANES], most[LIDO_ROW_LANES], *restrict y = job->y + rows->at;
    window_sums sums;
    find_range(rows, 1, least, most);
    sum_rows(add_given_rows, job, rows, most, &sums);
    for (int64_t c = 0; c < rows->lanes; c++)
        y[c] = sums.second[c] / sums.first[c] * LIDO_ROW_BLOCK;
    save(job, rows, most, sums.first);
}

void lido_softmax_forward(const lido_row_walk *walk, const lido_box *box, lido_real *y,
                          const lido_softmax_saved *saved) {
    softmax_job job = {.y = y, .saved = *saved, .x = walk->x[0]};
    if (!walk->maps) {
        lido_rows_forward(walk, box, walk->inputs == 1 ? forward_own : forward_given, &job);
        return;
    }
    job.origin = lido_cells_forward_first(walk, box);
    const lido_row_walk mapped = lido_rows_with_maps(walk, LIDO_SOFTMAX_MAPS, job.origin);
    job.map = lido_row_map(walk, 0);
    job.second_map = lido_row_map(walk, 1);
    lido_cells_forward(walk, box, map_plain, &job);
    forward_slid(&job, &mapped, box, forward_own_mapped, run_own);
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
