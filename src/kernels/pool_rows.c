/* pool_rows.c - the windows of a grid, shown to a reducer as rows. */
#include "kernels/pool_rows.h"

#include "kernels/pool_flat.h"

#include <string.h>

/* Numbers gathered from one input: of few windows where these have many cells. */
enum { GATHERED = 8192 };

size_t lido_row_scratch(int inputs) {
    return 2 * (size_t)inputs * GATHERED * sizeof(lido_real);
}

size_t lido_row_spread_size(int64_t channels) {
    return (size_t)(channels < LIDO_ROW_SPREAD ? LIDO_ROW_SPREAD : channels);
}

void lido_row_spread(const lido_real *value, int64_t count, int64_t channels, lido_real *spread) {
    const int64_t size = (int64_t)lido_row_spread_size(channels);
    for (int64_t i = 0; i < size; i++) spread[i] = value[count == 1 ? 0 : i % channels];
}

/* ---- lists --------------------------------------------------------------------------------- */

void lido_rows_begin(lido_rows *rows) {
    rows->taken = false;
    if (rows->standing) return;
    lido_cells_begin(&rows->list, rows->walk->grid, rows->output[0], rows->output[1],
                     rows->output[2], rows->within);
}

/* Row `row` is a cell as it lies, from the first of these channels on. */
static void point_row(lido_rows *rows, int row, int64_t position, uint32_t number) {
    const lido_row_walk *walk = rows->walk;
    const int64_t at = position * walk->channels + rows->lane;
    for (int i = 0; i < walk->inputs; i++) {
        rows->x[i][row] = walk->x[i] + (at - walk->origin[i]);
        rows->dx[i][row] = walk->dx[i] ? walk->dx[i] + (at - walk->origin[i]) : NULL;
    }
    rows->number[row] = number;
}

bool lido_rows_next(lido_rows *rows) {
    if (rows->standing) {
        bool first = !rows->taken;
        rows->taken = true;
        return first && rows->count > 0;
    }
    if (!lido_cells_next(&rows->list)) return false;
    rows->count = rows->list.count;
    for (int i = 0; i < rows->count; i++)
        point_row(rows, i, rows->list.position[i], rows->list.number[i]);
    return true;
}

/* ---- gathering ----------------------------------------------------------------------------- */

/* Full windows along W, the first one's first cell at `position`; cells outside low <= p < high
 * are left out (they belong to another piece of work). */
typedef struct row_run {
    int64_t windows, position, low, high;
} row_run;

static lido_real *gathered(const lido_row_walk *walk, int buffer) {
    return (lido_real *)walk->scratch + (int64_t)buffer * GATHERED;
}

static bool is_wanted(const row_run *run, int64_t position) {
    return position >= run->low && position < run->high;
}

static void gather(const lido_row_walk *walk, const lido_real *x, int64_t windows, lido_real *row) {
    const int64_t channels = walk->channels, step = walk->grid->axis[2].advance * channels;
    for (int64_t i = 0; i < windows; i++)
        for (int64_t c = 0; c < channels; c++) row[i * channels + c] = x[i * step + c];
}

static void gather_rows(lido_rows *rows, const row_run *run) {
    const lido_row_walk *walk = rows->walk;
    rows->count = 0;
    for (int64_t k = 0; k < walk->grid->cells; k++) {
        const int64_t position = run->position + walk->grid->cell[k];
        if (!is_wanted(run, position)) continue;
        for (int i = 0; i < walk->inputs; i++) {
            lido_real *x = gathered(walk, i) + rows->count * rows->lanes;
            lido_real *dx = gathered(walk, walk->inputs + i) + rows->count * rows->lanes;
            gather(walk, walk->x[i] + (position * walk->channels - walk->origin[i]), run->windows,
                   x);
            if (walk->dx[i]) memset(dx, 0, (size_t)rows->lanes * sizeof *dx);
            rows->x[i][rows->count] = x;
            rows->dx[i][rows->count] = walk->dx[i] ? dx : NULL;
        }
        rows->number[rows->count++] = (uint32_t)k;
    }
}

/* What the reducer added to gathered rows goes where it belongs. */
static void scatter_rows(const lido_rows *rows, const row_run *run) {
    const lido_row_walk *walk = rows->walk;
    const int64_t channels = walk->channels, step = walk->grid->axis[2].advance * channels;
    for (int input = 0; input < walk->inputs; input++)
        for (int k = 0; walk->dx[input] && k < rows->count; k++) {
            const int64_t position = run->position + walk->grid->cell[rows->number[k]];
            const lido_real *row = rows->dx[input][k];
            lido_real *dx = walk->dx[input] + (position * channels - walk->origin[input]);
            for (int64_t i = 0; i < run->windows; i++)
                for (int64_t c = 0; c < channels; c++) dx[i * step + c] += row[i * channels + c];
        }
}

/* ---- walking ------------------------------------------------------------------------------- */

typedef struct row_visitor {
    lido_row_visit visit;
    const void *reducer;
    const lido_box *within; /* NULL: every cell */
    int64_t low, high;      /* the same, in positions */
} row_visitor;

/* The rows of a window, so many channels at a time. */
static void visit_window(lido_rows *rows, const row_visitor *visitor, int64_t output,
                         const row_run *run) {
    const int64_t channels = rows->walk->channels;
    for (rows->lane = 0; rows->lane < channels; rows->lane += LIDO_ROW_LANES) {
        const int64_t left = channels - rows->lane;
        rows->at = output * channels + rows->lane;
        rows->lanes = left < LIDO_ROW_LANES ? left : LIDO_ROW_LANES;
        rows->count = 0;
        for (int64_t k = 0; run && k < rows->walk->grid->cells; k++) {
            const int64_t position = run->position + rows->walk->grid->cell[k];
            if (is_wanted(run, position)) point_row(rows, rows->count++, position, (uint32_t)k);
        }
        visitor->visit(visitor->reducer, rows);
    }
}

static void visit_gathered(lido_rows *rows, const row_visitor *visitor, int64_t output,
                           const row_run *run) {
    const int64_t channels = rows->walk->channels;
    rows->lane = 0;
    rows->at = output * channels;
    rows->lanes = run->windows * channels;
    gather_rows(rows, run);
    visitor->visit(visitor->reducer, rows);
    scatter_rows(rows, run);
}

/* How many full windows are taken together; 1 where a row is a cell as it lies. */
static int64_t group_size(const lido_row_walk *walk) {
    const int64_t lanes = GATHERED / walk->grid->cells;
    if (walk->channels >= LIDO_FLAT_CHANNELS) return 1;
    return (lanes < LIDO_ROW_LANES ? lanes : LIDO_ROW_LANES) / walk->channels;
}

static void visit_run(lido_rows *rows, const row_visitor *visitor, int64_t output,
                      const lido_window_run *run) {
    const lido_row_walk *walk = rows->walk;
    const int64_t most = group_size(walk), advance = walk->grid->axis[2].advance;
    rows->standing = true;
    rows->cells = walk->grid->cells;
    for (int64_t done = 0; done < run->last - run->first; done += most) {
        const int64_t left = run->last - run->first - done;
        const row_run part = {left < most ? left : most, run->position + done * advance,
                              visitor->low, visitor->high};
        if (walk->channels >= LIDO_FLAT_CHANNELS)
            visit_window(rows, visitor, output + done, &part);
        else
            visit_gathered(rows, visitor, output + done, &part);
    }
}

static void visit_other(lido_rows *rows, const row_visitor *visitor, int64_t od, int64_t oh,
                        int64_t ow) {
    const lido_windows *axis = rows->walk->grid->axis;
    rows->standing = false;
    rows->within = visitor->within;
    rows->output[0] = od, rows->output[1] = oh, rows->output[2] = ow;
    rows->cells = axis[0].at[od].count * axis[1].at[oh].count * axis[2].at[ow].count;
    visit_window(rows, visitor, (od * axis[1].outputs + oh) * axis[2].outputs + ow, NULL);
}

static void visit_outputs(const lido_row_walk *walk, const row_visitor *visitor,
                          const lido_box *outputs) {
    const lido_windows *axis = walk->grid->axis;
    const int64_t left = visitor->within ? visitor->within->first[2] : 0;
    const int64_t right = visitor->within ? visitor->within->last[2] : axis[2].length;
    lido_rows rows;
    rows.walk = walk;
    for (int64_t od = outputs->first[0]; od < outputs->last[0]; od++)
        for (int64_t oh = outputs->first[1]; oh < outputs->last[1]; oh++) {
            const int64_t row = (od * axis[1].outputs + oh) * axis[2].outputs;
            const lido_window_run run =
                lido_grid_run(walk->grid, od, oh, outputs->first[2], outputs->last[2], left, right);
            if (run.first < run.last) visit_run(&rows, visitor, row + run.first, &run);
            for (int64_t ow = outputs->first[2]; ow < outputs->last[2]; ow++) {
                if (ow == run.first) ow = run.last;
                if (ow == outputs->last[2]) break;
                visit_other(&rows, visitor, od, oh, ow);
            }
        }
}

void lido_rows_forward(const lido_row_walk *walk, const lido_box *box, lido_row_visit visit,
                       const void *reducer) {
    const row_visitor visitor = {visit, reducer, NULL, 0, INT64_MAX};
    visit_outputs(walk, &visitor, box);
}

void lido_rows_backward(const lido_row_walk *walk, const lido_box *box, lido_row_visit visit,
                        const void *reducer) {
    row_visitor visitor = {.visit = visit, .reducer = reducer, .within = box};
    lido_box reach;
    lido_box_run(walk->grid, box, &visitor.low, &visitor.high);
    lido_grid_reaching(walk->grid, box, &reach);
    visit_outputs(walk, &visitor, &reach);
}

/* ---- maps ---------------------------------------------------------------------------------- */

lido_real *lido_row_map(const lido_row_walk *walk, int number) {
    const lido_windows *axis = walk->grid->axis;
    const int64_t cells = axis[0].length * axis[1].length * axis[2].length;
    return walk->maps + number * cells * walk->channels;
}

lido_row_walk lido_rows_with_maps(const lido_row_walk *walk, int maps, int64_t first) {
    lido_row_walk with = *walk;
    for (int i = 0; i < maps; i++, with.inputs++) {
        with.x[with.inputs] = lido_row_map(walk, i);
        with.dx[with.inputs] = walk->dx[0] ? lido_row_map(walk, i) : NULL;
        with.origin[with.inputs] = first;
    }
    return with;
}

/* Positions low <= p < high: so many whole cells, or channels of a cell, at a time. */
static void visit_cells(const lido_row_walk *walk, int64_t low, int64_t high, lido_cell_visit visit,
                        const void *reducer) {
    const int64_t channels = walk->channels, end = high * channels;
    const int64_t cells = channels < LIDO_ROW_SPREAD ? LIDO_ROW_SPREAD / channels : 1;
    for (int64_t at = low * channels; at < end; at += cells * channels) {
        const int64_t left = end - at, count = left < cells * channels ? left : cells * channels;
        for (int64_t lane = 0; lane < count; lane += LIDO_ROW_SPREAD) {
            const int64_t more = count - lane;
            visit(reducer, at + lane, more < LIDO_ROW_SPREAD ? more : LIDO_ROW_SPREAD, lane);
        }
    }
}

/* The positions low <= p < high of all cells of the windows of a box. */
static void find_cells(const lido_row_walk *walk, const lido_box *box, int64_t *low,
                       int64_t *high) {
    *low = *high = 0;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const lido_windows *axis = &walk->grid->axis[a];
        int64_t nearest = axis->length, farthest = 0; /* dilated, a later window may begin before */
        for (int64_t o = box->first[a]; o < box->last[a]; o++) {
            const int64_t end = axis->at[o].start + (axis->at[o].count - 1) * axis->step;
            if (end > farthest) farthest = end;
            if (axis->at[o].start < nearest) nearest = axis->at[o].start;
        }
        *low = *low * axis->length + nearest;
        *high = *high * axis->length + farthest;
    }
    ++*high;
}

void lido_cells_forward(const lido_row_walk *walk, const lido_box *box, lido_cell_visit visit,
                        const void *reducer) {
    int64_t low, high;
    find_cells(walk, box, &low, &high);
    visit_cells(walk, low, high, visit, reducer);
}

void lido_cells_backward(const lido_row_walk *walk, const lido_box *box, lido_cell_visit visit,
                         const void *reducer) {
    int64_t low, high;
    lido_box_run(walk->grid, box, &low, &high);
    visit_cells(walk, low, high, visit, reducer);
}

int64_t lido_cells_forward_first(const lido_row_walk *walk, const lido_box *box) {
    int64_t low, high;
    find_cells(walk, box, &low, &high);
    return low * walk->channels;
}

int64_t lido_cells_backward_first(const lido_row_walk *walk, const lido_box *box) {
    int64_t low, high;
    lido_box_run(walk->grid, box, &low, &high);
    return low * walk->channels;
}
