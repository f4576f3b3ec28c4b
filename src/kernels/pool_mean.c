/* pool_mean.c - sums and averages over windows, forward and backward. Runs of full windows are
 * reduced together when channels are few, as in pool_extremum.c. */
#include "kernels/pool_mean.h"

#include "kernels/clones.h"
#include "kernels/lanes.h"
#include "kernels/pool_flat.h"
#include "kernels/pool_slide.h"

#include <string.h>

enum {
    GROUP = 9, /* cells added in one pass over the channels: all of a 3x3 window */
    BLOCK = 4  /* lanes of neighbouring channels whose sums stay in registers */
};

size_t lido_mean_scratch(int64_t channels) {
    return lido_flat_elements(channels) * (sizeof(double) + 2 * sizeof(lido_real));
}

/* What stays the same during one call: forward reads x and writes y; backward reads dy and writes
 * positions low <= p < high of dx. */
typedef struct mean_job {
    const lido_mean *mean;
    const lido_grid *grid;
    int64_t channels, low, high;
    const lido_real *x, *dy;
    lido_real *y, *dx;
    double *total; /* scratch, as are the two below */
    lido_real *part, *flat;
} mean_job;

static void place_scratch(void *scratch, mean_job *job) {
    const size_t elements = lido_flat_elements(job->channels);
    job->total = scratch;
    job->part = (lido_real *)(job->total + elements);
    job->flat = job->part + elements;
}

static lido_real divisor_of(const mean_job *job, int64_t od, int64_t oh, int64_t ow) {
    const lido_windows *axis = job->grid->axis;
    const lido_window *d = &axis[0].at[od], *h = &axis[1].at[oh], *w = &axis[2].at[ow];
    switch (job->mean->divisor) {
    case LIDO_BY_CELLS:
        return (lido_real)(d->count * h->count * w->count);
    case LIDO_BY_PADDED:
        return (lido_real)(d->padded * h->padded * w->padded);
    case LIDO_BY_NUMBER:
        break;
    }
    return job->mean->number;
}

/* ---- forward ------------------------------------------------------------------------------- */

/* `windows` rows of n numbers, `step` numbers apart. What is made of them lies one after another.
 */
typedef struct mean_rows {
    int64_t windows, step, n;
} mean_rows;

/* What is done with a group of cells: they begin a sum or are added to one, which is then divided
 * or not. */
typedef enum mean_step { BEGIN, ADD, BEGIN_AND_DIVIDE } mean_step;

/* Cell `at` of each row: those of a 2x2 or 3x3 window as pool_slide.c adds them, column by column.
 */
LIDO_INLINE lido_real sum_columns(int side, const lido_real *const x[GROUP], int64_t at) {
    lido_real total = 0;
    for (int j = 0; j < side; j++) {
        lido_real column = x[j][at];
        for (int i = j + side; i < side * side; i += side) column += x[i][at];
        total = j == 0 ? column : total + column;
    }
    return total;
}

/* What a window's sum is, when it is all of it; step and count are known where this is called. */
LIDO_INLINE lido_real sum_cells(mean_step step, int count, const lido_real *const x[GROUP],
                                int64_t at, lido_real sum) {
    if (step == BEGIN_AND_DIVIDE && count == 4) return sum_columns(2, x, at);
    if (step == BEGIN_AND_DIVIDE && count == 9) return sum_columns(3, x, at);
    lido_real total = step == ADD ? sum + x[0][at] : x[0][at];
    for (int i = 1; i < count; i++) total += x[i][at];
    return total;
}

/* sum[] = the cells or + the cells, in order. */
LIDO_INLINE void add_group(mean_step step, int count, const lido_real *const from[GROUP],
                           const mean_rows *rows, lido_real divisor, lido_real *restrict sum) {
    const int64_t n = rows->n, windows = rows->windows, each = rows->step;
    const lido_real *x[GROUP]; /* copies: what is written cannot change them */
    for (int i = 0; i < count; i++) x[i] = from[i];
    for (int64_t w = 0; w < windows; w++, sum += n)
        for (int64_t c = 0; c < n; c++) {
            const lido_real total =
                sum_cells(step, count, x, w * each + c, step == ADD ? sum[c] : 0);
            sum[c] = step == BEGIN_AND_DIVIDE ? total / divisor : total;
        }
}

/* add_group with what it knows beforehand: each a function of its own, so that what walks over
 * windows is compiled once. */
typedef void (*mean_adder)(const lido_real *const x[GROUP], const mean_rows *rows,
                           lido_real divisor, lido_real *sum);

#define LIDO_ADDER(name, step, count)                                                    \
    LIDO_CLONES static void name(const lido_real *const x[GROUP], const mean_rows *rows, \
                                 lido_real divisor, lido_real *sum) {                    \
        add_group(step, count, x, rows, divisor, sum);                                   \
    }
#define LIDO_ADDERS(name, step)   \
    LIDO_ADDER(name##_1, step, 1) \
    LIDO_ADDER(name##_2, step, 2) \
    LIDO_ADDER(name##_3, step, 3) \
    LIDO_ADDER(name##_4, step, 4) \
    LIDO_ADDER(name##_group, step, GROUP)
LIDO_ADDERS(begin, BEGIN)
LIDO_ADDERS(more, ADD)
LIDO_ADDERS(divide, BEGIN_AND_DIVIDE)
#undef LIDO_ADDERS
#undef LIDO_ADDER

static void add_some(mean_step step, int64_t count, const lido_real *const x[GROUP],
                     const mean_rows *rows, lido_real divisor, lido_real *sum) {
    static const mean_adder adders[][5] = {
        [BEGIN] = {begin_1, begin_2, begin_3, begin_4, begin_group},
        [ADD] = {more_1, more_2, more_3, more_4, more_group},
        [BEGIN_AND_DIVIDE] = {divide_1, divide_2, divide_3, divide_4, divide_group}};
    adders[step][count < 5 ? count - 1 : 4](x, rows, divisor, sum);
}

/* How many cells are added next. */
static int64_t next_group(int64_t left) {
    if (left >= GROUP) return GROUP;
    return left < 4 ? left : 4;
}

/* sum[] = the rows from x[position[i] * channels] on, added over i < count, and divided
 * where `divides`. */
static void add_cells(const lido_real *x, const int64_t *position, int64_t count, int64_t channels,
                      const mean_rows *rows, bool divides, lido_real divisor,
                      lido_real *restrict sum) {
    for (int64_t done = 0, group; done < count; done += group) {
        const lido_real *cell[GROUP];
        group = next_group(count - done);
        for (int i = 0; i < GROUP; i++)
            cell[i] = x + position[i < group ? done + i : done] * channels;
        if (divides && group == count)
            add_some(BEGIN_AND_DIVIDE, group, cell, rows, divisor, sum);
        else if (done == 0)
            add_some(BEGIN, group, cell, rows, divisor, sum);
        else
            add_some(ADD, group, cell, rows, divisor, sum);
    }
    if (!divides || next_group(count) == count) return;
    for (int64_t c = 0; c < rows->windows * rows->n; c++) sum[c] /= divisor;
}

/* total[] += the sum of some cells in order, `block` lanes of their channels, which is known where
 * this is called. */
LIDO_INLINE void add_lanes(const lido_real *x, const int64_t *position, int64_t count,
                           int64_t channels, int block, double *restrict total) {
    lido_lanes sum[BLOCK] = {{0}};
    lido_real part[BLOCK * LIDO_LANES];
    for (int b = 0; b < block; b++)
        lido_lanes_load(&sum[b], x + position[0] * channels + b * LIDO_LANES, LIDO_LANES);
    for (int64_t i = 1; i < count; i++)
        for (int b = 0; b < block; b++) {
            lido_lanes value;
            lido_lanes_load(&value, x + position[i] * channels + b * LIDO_LANES, LIDO_LANES);
            sum[b] += value;
        }
    memcpy(part, sum, (size_t)block * sizeof *sum);
    for (int c = 0; c < block * LIDO_LANES; c++) total[c] += (double)part[c];
}

/* The same for n channels, which fill lanes, in runs of LIDO_PLAIN_SUM cells. */
LIDO_CLONES
static void add_wide(const lido_real *x, const int64_t *position, int64_t count, int64_t channels,
                     int64_t n, double *total) {
    for (int64_t i = 0; i < count; i += LIDO_PLAIN_SUM) {
        const int64_t *run = position + i, left = count - i;
        const int64_t cells = left < LIDO_PLAIN_SUM ? left : LIDO_PLAIN_SUM;
        int64_t c = 0;
        for (; c + 4 * LIDO_LANES <= n; c += 4 * LIDO_LANES)
            add_lanes(x + c, run, cells, channels, 4, total + c);
        for (; c + 2 * LIDO_LANES <= n; c += 2 * LIDO_LANES)
            add_lanes(x + c, run, cells, channels, 2, total + c);
        for (; c < n; c += LIDO_LANES) add_lanes(x + c, run, cells, channels, 1, total + c);
    }
}

LIDO_CLONES
static void add_part(double *restrict total, const lido_real *restrict part, int64_t n) {
    for (int64_t c = 0; c < n; c++) total[c] += (double)part[c];
}

/* total[n] += the same for any n. */
static void add_many(const mean_job *job, const lido_real *x, const int64_t *position,
                     int64_t count, int64_t n) {
    const mean_rows row = {1, 0, n};
    if (n % LIDO_LANES == 0) {
        add_wide(x, position, count, job->channels, n, job->total);
        return;
    }
    for (int64_t done = 0; done < count; done += LIDO_PLAIN_SUM) {
        const int64_t left = count - done, run = left < LIDO_PLAIN_SUM ? left : LIDO_PLAIN_SUM;
        add_cells(x, position + done, run, job->channels, &row, false, 1, job->part);
        add_part(job->total, job->part, n);
    }
}

static void clear_total(const mean_job *job, int64_t n) {
    memset(job->total, 0, (size_t)n * sizeof *job->total);
}

LIDO_CLONES
static void divide_total(const mean_job *job, lido_real divisor, int64_t n, lido_real *restrict y) {
    const double *restrict total = job->total;
    for (int64_t c = 0; c < n; c++) y[c] = (lido_real)(total[c] / (double)divisor);
}

/* y[] = the means of listed cells. */
static void reduce_listed(const mean_job *job, const lido_real *x, const int64_t *position,
                          int64_t count, lido_real divisor, mean_rows rows, lido_real *restrict y) {
    if (job->grid->cells <= LIDO_PLAIN_SUM) {
        add_cells(x, position, count, job->channels, &rows, true, divisor, y);
        return;
    }
    for (int64_t w = 0; w < rows.windows; w++, x += rows.step, y += rows.n) {
        clear_total(job, rows.n);
        add_many(job, x, position, count, rows.n);
        divide_total(job, divisor, rows.n, y);
    }
}

/* Any window. */
static void reduce_window(const mean_job *job, lido_cells *cells, lido_real divisor, lido_real *y) {
    const int64_t channels = job->channels;
    if (job->grid->cell) {
        lido_cells_next(cells);
        reduce_listed(job, job->x, cells->position, cells->count, divisor,
                      (mean_rows){1, 0, channels}, y);
        return;
    }
    clear_total(job, channels);
    while (lido_cells_next(cells)) add_many(job, job->x, cells->position, cells->count, channels);
    divide_total(job, divisor, channels, y);
}

/* Full windows, few channels: all at once. */
static void reduce_flat(const mean_job *job, int64_t windows, const lido_real *x, lido_real divisor,
                        lido_real *restrict y) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels, advance = grid->axis[2].advance * channels;
    const lido_real *restrict flat = job->flat;
    reduce_listed(job, x, grid->cell, grid->cells, divisor,
                  (mean_rows){1, 0, (windows - 1) * advance + channels}, job->flat);
    for (int64_t i = 0; i < windows; i++)
        for (int64_t c = 0; c < channels; c++) y[i * channels + c] = flat[i * advance + c];
}

/* Full windows of many channels, or one at every cell, which are one row of very many. */
static void reduce_each(const mean_job *job, int64_t windows, const lido_real *x, lido_real divisor,
                        lido_real *y) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels, advance = grid->axis[2].advance;
    mean_rows rows = {windows, advance * channels, channels};
    if (advance == 1) rows = (mean_rows){1, 0, windows * channels};
    reduce_listed(job, x, grid->cell, grid->cells, divisor, rows, y);
}

static void reduce_run(const mean_job *job, const lido_window_run *run, lido_real divisor,
                       lido_real *y) {
    const int64_t channels = job->channels, advance = job->grid->axis[2].advance;
    const bool flat = lido_is_flat(channels, advance) && advance > 1;
    const int64_t most = lido_flat_windows(channels, flat ? advance : 1);
    const lido_real *x = job->x + run->position * channels;
    if (lido_slides(job->grid, channels)) {
        lido_slide_run(LIDO_SLIDE_SUM, job->grid, channels, run->last - run->first, x, divisor,
                       job->mean->streams, y);
        return;
    }
    for (int64_t i = run->first; i < run->last; i += most) {
        int64_t windows = run->last - i < most ? run->last - i : most;
        if (flat)
            reduce_flat(job, windows, x, divisor, y);
        else
            reduce_each(job, windows, x, divisor, y);
        y += windows * channels;
        x += windows * advance * channels;
    }
}

/* A row of full windows unevenly spaced; y: of the first one. */
static void reduce_apart(const mean_job *job, int64_t od, int64_t oh, int64_t first, int64_t last,
                         lido_real *y) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels;
    const lido_real divisor = divisor_of(job, od, oh, first);
    const lido_real *x = job->x + lido_grid_first_cell(grid, od, oh, first) * channels;
    if (lido_slides_apart(grid, channels)) {
        lido_slide_apart(LIDO_SLIDE_SUM, grid, channels, first, last - first, x, divisor,
                         job->mean->streams, y);
        return;
    }
    for (int64_t ow = first; ow < last; ow++, y += channels)
        reduce_each(job, 1, job->x + lido_grid_first_cell(grid, od, oh, ow) * channels, divisor, y);
}

static void reduce_box(const mean_job *job, const lido_box *box) {
    const lido_windows *axis = job->grid->axis;
    lido_cells cells;
    for (int64_t od = box->first[0]; od < box->last[0]; od++)
        for (int64_t oh = box->first[1]; oh < box->last[1]; oh++) {
            lido_real *row = job->y + (od * axis[1].outputs + oh) * axis[2].outputs * job->channels;
            lido_window_run run =
                lido_grid_run(job->grid, od, oh, box->first[2], box->last[2], 0, axis[2].length);
            if (lido_grid_full_row(job->grid, od, oh) && run.last < box->last[2]) {
                reduce_apart(job, od, oh, box->first[2], box->last[2],
                             row + box->first[2] * job->channels);
                continue;
            }
            if (run.first < run.last)
                reduce_run(job, &run, divisor_of(job, od, oh, run.first),
                           row + run.first * job->channels);
            for (int64_t ow = box->first[2]; ow < box->last[2]; ow++) {
                if (ow == run.first) ow = run.last;
                if (ow == box->last[2]) break;
                lido_cells_begin(&cells, job->grid, od, oh, ow, NULL);
                reduce_window(job, &cells, divisor_of(job, od, oh, ow), row + ow * job->channels);
            }
        }
}

void lido_mean_forward(const lido_mean *mean, const lido_real *x, const lido_grid *grid,
                       int64_t channels, const lido_box *box, void *scratch, lido_real *y) {
    mean_job job = {.mean = mean, .grid = grid, .channels = channels, .x = x, .y = y};
    place_scratch(scratch, &job);
    reduce_box(&job, box);
}

/* ---- backward ------------------------------------------------------------------------------ */

/* dx of n elements from a cell on += share[n], where the cell is to be written. */
LIDO_INLINE void give_cell(const mean_job *job, const lido_real *restrict share, int64_t position,
                           int64_t n) {
    lido_real *restrict dx = job->dx + position * job->channels;
    if (position < job->low || position >= job->high) return;
    for (int64_t c = 0; c < n; c++) dx[c] += share[c];
}

LIDO_INLINE void share_out(const lido_real *restrict dy, lido_real divisor, int64_t n,
                           lido_real *restrict share) {
    for (int64_t c = 0; c < n; c++) share[c] = dy[c] / divisor;
}

/* Full windows, few channels: their shares as they lie in the input, zeros between them. */
LIDO_INLINE void spread_flat(const mean_job *job, int64_t windows, int64_t position,
                             lido_real divisor, const lido_real *restrict dy) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels, advance = grid->axis[2].advance * channels;
    const int64_t n = (windows - 1) * advance + channels;
    lido_real *restrict flat = job->flat;
    share_out(dy, divisor, windows * channels, job->part);
    memset(flat, 0, (size_t)n * sizeof *flat);
    for (int64_t i = 0; i < windows; i++)
        for (int64_t c = 0; c < channels; c++) flat[i * advance + c] = job->part[i * channels + c];
    for (int64_t k = 0; k < grid->cells; k++) give_cell(job, flat, position + grid->cell[k], n);
}

LIDO_INLINE void spread_run(const mean_job *job, const lido_window_run *run, lido_real divisor,
                            const lido_real *dy) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels, advance = grid->axis[2].advance;
    const bool flat = lido_is_flat(channels, advance);
    const int64_t most = flat ? lido_flat_windows(channels, advance) : 1;
    int64_t position = run->position;
    for (int64_t i = run->first; i < run->last; i += most) {
        int64_t windows = run->last - i < most ? run->last - i : most;
        if (flat) {
            spread_flat(job, windows, position, divisor, dy);
        } else {
            share_out(dy, divisor, channels, job->part);
            for (int64_t k = 0; k < grid->cells; k++)
                give_cell(job, job->part, position + grid->cell[k], channels);
        }
        dy += windows * channels;
        position += windows * advance;
    }
}

/* A row of full windows unevenly spaced; dy: of the whole row. */
LIDO_INLINE void spread_apart(const mean_job *job, int64_t od, int64_t oh, int64_t first,
                              int64_t last, const lido_real *dy) {
    for (int64_t ow = first; ow < last; ow++) {
        const lido_window_run one = {ow, ow + 1, lido_grid_first_cell(job->grid, od, oh, ow)};
        spread_run(job, &one, divisor_of(job, od, oh, ow), dy + ow * job->channels);
    }
}

/* Any window. */
LIDO_INLINE void spread_window(const mean_job *job, lido_cells *cells, lido_real divisor,
                               const lido_real *dy) {
    share_out(dy, divisor, job->channels, job->part);
    while (lido_cells_next(cells))
        for (int i = 0; i < cells->count; i++)
            give_cell(job, job->part, cells->position[i], job->channels);
}

LIDO_CLONES static void spread_box(const mean_job *job, const lido_box *box,
                                   const lido_box *reach) {
    const lido_windows *axis = job->grid->axis;
    lido_cells cells;
    for (int64_t od = reach->first[0]; od < reach->last[0]; od++)
        for (int64_t oh = reach->first[1]; oh < reach->last[1]; oh++) {
            const lido_real *row =
                job->dy + (od * axis[1].outputs + oh) * axis[2].outputs * job->channels;
            lido_window_run run = lido_grid_run(job->grid, od, oh, reach->first[2], reach->last[2],
                                                box->first[2], box->last[2]);
            if (lido_grid_full_row(job->grid, od, oh) && run.last < reach->last[2]) {
                spread_apart(job, od, oh, reach->first[2], reach->last[2], row);
                continue;
            }
            if (run.first < run.last)
                spread_run(job, &run, divisor_of(job, od, oh, run.first),
                           row + run.first * job->channels);
            for (int64_t ow = reach->first[2]; ow < reach->last[2]; ow++) {
                if (ow == run.first) ow = run.last;
                if (ow == reach->last[2]) break;
                lido_cells_begin(&cells, job->grid, od, oh, ow, box);
                spread_window(job, &cells, divisor_of(job, od, oh, ow), row + ow * job->channels);
            }
        }
}

void lido_mean_backward(const lido_mean *mean, const lido_real *dy, const lido_grid *grid,
                        int64_t channels, const lido_box *box, void *scratch, lido_real *dx) {
    mean_job job = {.mean = mean, .grid = grid, .channels = channels, .dy = dy, .dx = dx};
    lido_box reach;
    place_scratch(scratch, &job);
    lido_box_run(grid, box, &job.low, &job.high);
    lido_grid_reaching(grid, box, &reach);
    spread_box(&job, box, &reach);
}
