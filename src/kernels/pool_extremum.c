/* pool_extremum.c - max and min over windows, forward with switches and backward by them.
 *
 * Most windows are full and regularly spaced along W (lido_window_run). With many channels such
 * windows are reduced one by one, over the channels; with few, the whole run is reduced as if it
 * were one window of very many channels, and what lies between the windows is thrown away. */
#include "kernels/pool_extremum.h"

#include "kernels/clones.h"
#include "kernels/pool_flat.h"
#include "kernels/pool_slide.h"

#include <string.h>

enum {
    FEW = 4,            /* cells taken in one pass: */
    MOST = 9,           /* all of a 2x2 and of a 3x3 window */
    COMPARED_CELLS = 32 /* up to so many, a gradient visits every cell instead of computing where */
};

size_t lido_switch_size(int64_t cells) {
    if (cells <= INT64_C(1) << 8) return 1;
    if (cells <= INT64_C(1) << 16) return 2;
    return cells <= INT64_C(1) << 32 ? 4 : 0;
}

size_t lido_extremum_scratch(int64_t channels) {
    return lido_flat_elements(channels) * (sizeof(uint32_t) + sizeof(lido_real));
}

/* ---- forward ------------------------------------------------------------------------------- */

typedef struct extremum_takers extremum_takers;

/* What stays the same during one call. */
typedef struct extremum_job {
    const extremum_takers *take;
    const lido_grid *grid;
    lido_slide slide;
    bool streams;
    int64_t channels;
    const lido_real *x;
    lido_real *y, *best; /* best[], where[]: scratch */
    uint32_t *where;
    void *switches;
    size_t size; /* of a switch */
} extremum_job;

LIDO_INLINE bool is_better(lido_extremum which, lido_real value, lido_real best) {
    return which == LIDO_MAXIMUM ? value > best : value < best;
}

/* `windows` rows of n numbers, `step` numbers apart. */
typedef struct extremum_rows {
    int64_t windows, step, n;
} extremum_rows;

/* Cells x[0..count) of every row into best[] and where[], which hold the rows one after another;
 * begins with the first cell when `first`. Where nothing is tracked NaN is not looked for, which is
 * faster: true where there may be one, or infinities of both signs. count is known where this is
 * called: all cells are at hand at once, and nothing is stored in between. */
LIDO_INLINE bool take_numbers(lido_extremum which, bool first, bool tracked, int count,
                              const lido_real *const from[MOST], const uint32_t numbers[MOST],
                              const extremum_rows *rows, lido_real *restrict best,
                              uint32_t *restrict where) {
    const int64_t n = rows->n, windows = rows->windows, step = rows->step;
    const lido_real *x[MOST]; /* copies: what is written cannot change them */
    uint32_t number[MOST];
    for (int i = 0; i < count; i++) {
        x[i] = from[i];
        number[i] = numbers[i];
    }
    int doubtful = 0;
    for (int64_t w = 0; w < windows; w++, best += n, where += tracked ? n : 0)
        for (int64_t c = 0; c < n; c++) {
            const int64_t at = w * step + c;
            lido_real kept = first ? x[0][at] : best[c], sum = kept;
            uint32_t chosen = tracked && !first ? where[c] : number[0];
            for (int i = first ? 1 : 0; i < count; i++) {
                const lido_real value = x[i][at];
                const bool better = is_better(which, value, kept);
                const bool taken = tracked ? better | (value != value) : better;
                chosen = taken ? number[i] : chosen;
                kept = taken ? value : kept;
                if (!tracked) sum += value;
            }
            best[c] = kept;
            if (tracked) where[c] = chosen;
            if (!tracked) doubtful |= sum != sum;
        }
    return doubtful;
}

/* After take_numbers: a NaN of these cells replaces what was best. */
static void take_nans(int count, const lido_real *const x[MOST], const extremum_rows *rows,
                      lido_real *best) {
    const int64_t n = rows->n;
    for (int64_t w = 0; w < rows->windows; w++)
        for (int i = 0; i < count; i++)
            for (int64_t c = 0; c < n; c++) {
                const lido_real value = x[i][w * rows->step + c];
                if (value != value) best[w * n + c] = value;
            }
}

/* take_numbers with all that it knows beforehand: each a function of its own, so that what walks
 * over windows is compiled once. */
typedef bool (*extremum_taker)(const lido_real *const x[MOST], const uint32_t number[MOST],
                               const extremum_rows *rows, lido_real *best, uint32_t *where);

struct extremum_takers {
    extremum_taker first[2], next[2]; /* of FEW cells, of MOST */
};

#define LIDO_TAKER(name, which, first, tracked, count)                                          \
    LIDO_CLONES static bool name(const lido_real *const x[MOST], const uint32_t number[MOST],   \
                                 const extremum_rows *rows, lido_real *best, uint32_t *where) { \
        return take_numbers(which, first, tracked, count, x, number, rows, best, where);        \
    }
#define LIDO_TAKERS(name, which, tracked)                                       \
    LIDO_TAKER(name##_first_few, which, true, tracked, FEW)                     \
    LIDO_TAKER(name##_first_most, which, true, tracked, MOST)                   \
    LIDO_TAKER(name##_next_few, which, false, tracked, FEW)                     \
    LIDO_TAKER(name##_next_most, which, false, tracked, MOST)                   \
    static const extremum_takers name = {{name##_first_few, name##_first_most}, \
                                         {name##_next_few, name##_next_most}};
LIDO_TAKERS(max_only, LIDO_MAXIMUM, false)
LIDO_TAKERS(max_tracked, LIDO_MAXIMUM, true)
LIDO_TAKERS(min_only, LIDO_MINIMUM, false)
LIDO_TAKERS(min_tracked, LIDO_MINIMUM, true)
#undef LIDO_TAKERS
#undef LIDO_TAKER

/* The cells x[position[i] * channels], with their numbers (NULL: 0, 1, ...). A last group is filled
 * up with its last cell, which changes nothing. */
static void take_cells(const extremum_takers *take, bool first, const lido_real *x,
                       const int64_t *position, const uint32_t *number, int64_t count,
                       int64_t channels, extremum_rows rows, lido_real *best, uint32_t *where) {
    for (int64_t done = 0, group; done < count; done += group) {
        const lido_real *cell[MOST];
        uint32_t numbers[MOST];
        group = count - done > FEW ? MOST : FEW;
        for (int i = 0; i < MOST; i++) {
            int64_t at = done + i < count ? done + i : count - 1;
            cell[i] = x + position[at] * channels;
            numbers[i] = number ? number[at] : (uint32_t)at;
        }
        const extremum_taker *takers = first && done == 0 ? take->first : take->next;
        if (takers[group == MOST](cell, numbers, &rows, best, where))
            take_nans((int)group, cell, &rows, best);
    }
}

/* Output elements at, at + 1, ... (n of them). */
LIDO_CLONES
static void store_switches(const extremum_job *job, const uint32_t *restrict where, int64_t at,
                           int64_t n) {
    if (!job->switches) return;
    uint8_t *restrict one = job->switches;
    uint16_t *restrict two = job->switches;
    uint32_t *restrict four = job->switches;
    if (job->size == 1)
        for (int64_t c = 0; c < n; c++) one[at + c] = (uint8_t)where[c];
    else if (job->size == 2)
        for (int64_t c = 0; c < n; c++) two[at + c] = (uint16_t)where[c];
    else
        for (int64_t c = 0; c < n; c++) four[at + c] = where[c];
}

/* Output `output` (row-major over OD, OH, OW) of any window. */
static void take_window(const extremum_job *job, int64_t output, lido_cells *cells) {
    const int64_t channels = job->channels;
    lido_real *y = job->y + output * channels;
    for (bool first = true; lido_cells_next(cells); first = false)
        take_cells(job->take, first, job->x, cells->position, cells->number, cells->count, channels,
                   (extremum_rows){1, 0, channels}, y, job->where);
    store_switches(job, job->where, output * channels, channels);
}

/* Outputs output, output + 1, ... of full windows, few channels: all at once. */
static void take_flat(const extremum_job *job, int64_t output, int64_t windows,
                      const lido_real *x) {
    const int64_t channels = job->channels, advance = job->grid->axis[2].advance * channels;
    const int64_t n = (windows - 1) * advance + channels;
    take_cells(job->take, true, x, job->grid->cell, NULL, job->grid->cells, channels,
               (extremum_rows){1, 0, n}, job->best, job->where);
    lido_real *restrict y = job->y + output * channels;
    for (int64_t i = 0; i < windows; i++)
        for (int64_t c = 0; c < channels; c++) y[i * channels + c] = job->best[i * advance + c];
    for (int64_t i = 0; i < windows; i++)
        store_switches(job, job->where + i * advance, (output + i) * channels, channels);
}

/* The same, many channels, or windows at every cell, which are one row of very many. */
static void take_each(const extremum_job *job, int64_t output, int64_t windows,
                      const lido_real *x) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels, advance = grid->axis[2].advance, at = output * channels;
    extremum_rows rows = {windows, advance * channels, channels};
    if (advance == 1) rows = (extremum_rows){1, 0, windows * channels};
    take_cells(job->take, true, x, grid->cell, NULL, grid->cells, channels, rows, job->y + at,
               job->where);
    store_switches(job, job->where, at, windows * channels);
}

/* Where switches are not wanted. False where these windows do not slide, or NaN must be looked for.
 */
static bool slide(const extremum_job *job, int64_t output, int64_t windows, const lido_real *x) {
    return !job->switches && lido_slides(job->grid, job->channels) &&
           lido_slide_run(job->slide, job->grid, job->channels, windows, x, 1, job->streams,
                          job->y + output * job->channels);
}

static void take_run(const extremum_job *job, int64_t output, const lido_window_run *run) {
    const int64_t channels = job->channels, advance = job->grid->axis[2].advance;
    const bool flat = lido_is_flat(channels, advance) && advance > 1;
    const int64_t most = lido_flat_windows(channels, flat ? advance : 1);
    const lido_real *x = job->x + run->position * channels;
    if (slide(job, output, run->last - run->first, x)) return;
    for (int64_t i = run->first; i < run->last; i += most) {
        int64_t windows = run->last - i < most ? run->last - i : most;
        (flat ? take_flat : take_each)(job, output, windows, x);
        output += windows;
        x += windows * advance * channels;
    }
}

/* A row of full windows unevenly spaced. */
static void take_apart(const extremum_job *job, int64_t od, int64_t oh, int64_t first,
                       int64_t last) {
    const lido_grid *grid = job->grid;
    const int64_t channels = job->channels;
    const int64_t output = (od * grid->axis[1].outputs + oh) * grid->axis[2].outputs + first;
    const lido_real *x = job->x + lido_grid_first_cell(grid, od, oh, first) * channels;
    if (!job->switches && lido_slides_apart(grid, channels) &&
        lido_slide_apart(job->slide, grid, channels, first, last - first, x, 1, job->streams,
                         job->y + output * channels))
        return;
    for (int64_t ow = first; ow < last; ow++)
        take_each(job, output + ow - first, 1,
                  job->x + lido_grid_first_cell(grid, od, oh, ow) * channels);
}

static void take_box(const extremum_job *job, const lido_box *box) {
    const lido_windows *axis = job->grid->axis;
    lido_cells cells;
    for (int64_t od = box->first[0]; od < box->last[0]; od++)
        for (int64_t oh = box->first[1]; oh < box->last[1]; oh++) {
            int64_t row = (od * axis[1].outputs + oh) * axis[2].outputs;
            lido_window_run run =
                lido_grid_run(job->grid, od, oh, box->first[2], box->last[2], 0, axis[2].length);
            if (lido_grid_full_row(job->grid, od, oh) && run.last < box->last[2]) {
                take_apart(job, od, oh, box->first[2], box->last[2]);
                continue;
            }
            take_run(job, row + run.first, &run);
            for (int64_t ow = box->first[2]; ow < box->last[2]; ow++) {
                if (ow == run.first) ow = run.last;
                if (ow == box->last[2]) break;
                lido_cells_begin(&cells, job->grid, od, oh, ow, NULL);
                take_window(job, row + ow, &cells);
            }
        }
}

void lido_extremum_forward(lido_extremum which, const lido_real *x, const lido_grid *grid,
                           int64_t channels, const lido_box *box, bool streams, void *scratch,
                           lido_real *y, void *switches) {
    lido_real *best = scratch;
    const extremum_takers *const tracked = which == LIDO_MAXIMUM ? &max_tracked : &min_tracked;
    const extremum_takers *const only = which == LIDO_MAXIMUM ? &max_only : &min_only;
    const extremum_job job = {.take = switches ? tracked : only,
                              .grid = grid,
                              .slide =
                                  which == LIDO_MAXIMUM ? LIDO_SLIDE_MAXIMUM : LIDO_SLIDE_MINIMUM,
                              .streams = streams,
                              .channels = channels,
                              .x = x,
                              .y = y,
                              .best = best,
                              .where = (uint32_t *)(best + lido_flat_elements(channels)),
                              .switches = switches,
                              .size = lido_switch_size(grid->cells)};
    take_box(&job, box);
}

/* ---- backward ------------------------------------------------------------------------------ */

/* What stays the same during one call; positions low <= p < high of dx are written. */
typedef struct scatter_job {
    const lido_grid *grid;
    int64_t channels, low, high;
    const lido_real *dy;
    const void *switches;
    size_t size;
    uint32_t *where; /* scratch */
    lido_real *dx;
} scatter_job;

/* Every channel of an output adds its dy where its switch says; `origin` is the position of the
 * kernel's first cell, were it inside. */
LIDO_INLINE void scatter_listed(const scatter_job *job, int64_t output, int64_t origin) {
    const int64_t *cell = job->grid->cell, channels = job->channels;
    const uint64_t size = (uint64_t)(job->high - job->low);
    for (int64_t c = 0; c < channels; c++) {
        int64_t position = origin + cell[((const uint8_t *)job->switches)[output * channels + c]];
        if ((uint64_t)(position - job->low) < size)
            job->dx[position * channels + c] += job->dy[output * channels + c];
    }
}

LIDO_INLINE void scatter_far(const scatter_job *job, int64_t output, const lido_cells *cells) {
    const int64_t channels = job->channels;
    for (int64_t c = 0; c < channels; c++) {
        uint32_t number = lido_switch_at(job->switches, job->size, output * channels + c);
        int64_t position = lido_grid_position(job->grid, cells->window, number);
        if (position >= job->low && position < job->high)
            job->dx[position * channels + c] += job->dy[output * channels + c];
    }
}

/* where[] = the switches of outputs output, output + 1, ... */
LIDO_INLINE void load_switches(const scatter_job *job, int64_t output, int64_t windows) {
    const int64_t channels = job->channels;
    const uint8_t *restrict switches = (const uint8_t *)job->switches + output * channels;
    uint32_t *restrict where = job->where;
    for (int64_t c = 0; c < windows * channels; c++) where[c] = switches[c];
}

/* The part of one output, with switches where[C], that belongs to a cell. */
LIDO_INLINE void compare_cell(const scatter_job *job, int64_t output,
                              const uint32_t *restrict where, int64_t position, uint32_t number) {
    const int64_t channels = job->channels;
    const lido_real *restrict dy = job->dy + output * channels;
    lido_real *restrict dx = job->dx + position * channels;
    if (position < job->low || position >= job->high) return;
    for (int64_t c = 0; c < channels; c++) dx[c] += where[c] == number ? dy[c] : 0;
}

/* By its size and channels, the way a window's gradient is spread: compared cell by cell or not. */
LIDO_INLINE bool is_compared(const scatter_job *job) {
    return job->grid->cells <= COMPARED_CELLS && job->channels >= LIDO_FLAT_CHANNELS;
}

LIDO_INLINE void compare_run(const scatter_job *job, int64_t output, const lido_window_run *run) {
    const lido_grid *grid = job->grid;
    const int64_t most = lido_flat_windows(job->channels, 1), windows = run->last - run->first;
    for (int64_t i = 0; i < windows; i++) {
        if (i % most == 0) load_switches(job, output + i, windows - i < most ? windows - i : most);
        const uint32_t *where = job->where + i % most * job->channels;
        int64_t origin = run->position + i * grid->axis[2].advance;
        for (int64_t k = 0; k < grid->cells; k++)
            compare_cell(job, output + i, where, origin + grid->cell[k], (uint32_t)k);
    }
}

LIDO_INLINE void scatter_run(const scatter_job *job, int64_t output, const lido_window_run *run) {
    if (is_compared(job)) {
        compare_run(job, output, run);
        return;
    }
    for (int64_t i = 0; i < run->last - run->first; i++)
        scatter_listed(job, output + i, run->position + i * job->grid->axis[2].advance);
}

/* A row of full windows unevenly spaced. */
LIDO_INLINE void scatter_apart(const scatter_job *job, int64_t od, int64_t oh, int64_t first,
                               int64_t last) {
    const lido_windows *axis = job->grid->axis;
    const int64_t row = (od * axis[1].outputs + oh) * axis[2].outputs;
    for (int64_t ow = first; ow < last; ow++) {
        const lido_window_run one = {ow, ow + 1, lido_grid_first_cell(job->grid, od, oh, ow)};
        scatter_run(job, row + ow, &one);
    }
}

LIDO_INLINE void scatter_window(const scatter_job *job, int64_t output, lido_cells *cells) {
    if (!job->grid->cell) {
        scatter_far(job, output, cells);
        return;
    }
    if (!is_compared(job)) {
        scatter_listed(job, output, lido_grid_position(job->grid, cells->window, 0));
        return;
    }
    load_switches(job, output, 1);
    while (lido_cells_next(cells))
        for (int i = 0; i < cells->count; i++)
            compare_cell(job, output, job->where, cells->position[i], cells->number[i]);
}

LIDO_CLONES static void scatter_box(const scatter_job *job, const lido_box *box,
                                    const lido_box *reach) {
    const lido_windows *axis = job->grid->axis;
    lido_cells cells;
    for (int64_t od = reach->first[0]; od < reach->last[0]; od++)
        for (int64_t oh = reach->first[1]; oh < reach->last[1]; oh++) {
            int64_t row = (od * axis[1].outputs + oh) * axis[2].outputs;
            lido_window_run run = lido_grid_run(job->grid, od, oh, reach->first[2], reach->last[2],
                                                box->first[2], box->last[2]);
            if (lido_grid_full_row(job->grid, od, oh) && run.last < reach->last[2]) {
                scatter_apart(job, od, oh, reach->first[2], reach->last[2]);
                continue;
            }
            scatter_run(job, row + run.first, &run);
            for (int64_t ow = reach->first[2]; ow < reach->last[2]; ow++) {
                if (ow == run.first) ow = run.last;
                if (ow == reach->last[2]) break;
                lido_cells_begin(&cells, job->grid, od, oh, ow, box);
                scatter_window(job, row + ow, &cells);
            }
        }
}

void lido_extremum_backward(const lido_real *dy, const void *switches, const lido_grid *grid,
                            int64_t channels, const lido_box *box, void *scratch, lido_real *dx) {
    scatter_job job = {.grid = grid,
                       .channels = channels,
                       .dy = dy,
                       .switches = switches,
                       .size = lido_switch_size(grid->cells),
                       .where = scratch,
                       .dx = dx};
    lido_box reach;
    lido_box_run(grid, box, &job.low, &job.high);
    lido_grid_reaching(grid, box, &reach);
    scatter_box(&job, box, &reach);
}
