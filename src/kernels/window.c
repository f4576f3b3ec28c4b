/* window.c - window tables of the kernel, adaptive and global grids. */
#include "kernels/window.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

void lido_windows_slide(const lido_geometry *geometry, int axis, lido_window *windows) {
    int64_t step = geometry->dilation[axis], kernel = geometry->kernel[axis];
    int64_t length = geometry->input[axis], limit = length + geometry->after[axis];
    for (int64_t o = 0; o < geometry->output[axis]; o++) {
        int64_t start = o * geometry->stride[axis] - geometry->before[axis];
        int64_t skipped = start < 0 ? divide_up(-start, step) : 0;
        int64_t inside = smaller(kernel, divide_up(length - start, step));
        int64_t stop = smaller(start + step * (kernel - 1) + 1, limit);
        windows[o] = (lido_window){.start = start + skipped * step,
                                   .count = inside - skipped,
                                   .skipped = skipped,
                                   .padded = divide_up(stop - start, step)};
    }
}

/* In integers without overflow: o length / outputs, rounded down. */
static int64_t adaptive_start(int64_t length, int64_t outputs, int64_t o) {
    return o / outputs * length + o % outputs * length / outputs;
}

static int64_t adaptive_stop(int64_t length, int64_t outputs, int64_t o) {
    return 1 + ((o + 1) * length - 1) / outputs;
}

void lido_windows_adapt(int64_t length, int64_t outputs, lido_window *windows) {
    for (int64_t o = 0; o < outputs; o++) {
        int64_t start = adaptive_start(length, outputs, o);
        int64_t count = adaptive_stop(length, outputs, o) - start;
        windows[o] = (lido_window){.start = start, .count = count, .padded = count};
    }
}

int64_t lido_adaptive_kernel(int64_t length, int64_t outputs) {
    int64_t most = 0;
    for (int64_t o = 0; o < outputs; o++) {
        int64_t count = adaptive_stop(length, outputs, o) - adaptive_start(length, outputs, o);
        if (count > most) most = count;
    }
    return most;
}

static void find_full(lido_windows *windows) {
    const lido_window *at = windows->at;
    int64_t first = 0;
    while (first < windows->outputs && at[first].count < windows->kernel) first++;
    int64_t last = first < windows->outputs ? first + 1 : first;
    windows->advance = last < windows->outputs ? at[last].start - at[first].start : 0;
    while (last < windows->outputs && at[last].count == windows->kernel &&
           at[last].start - at[last - 1].start == windows->advance)
        last++;
    windows->full_first = first;
    windows->full_last = last;
    windows->full = true;
    for (int64_t o = 0; o < windows->outputs; o++)
        windows->full &= windows->at[o].count == windows->kernel;
}

static void list_cells(const lido_grid *grid, int64_t *list) {
    const lido_windows *d = &grid->axis[0], *h = &grid->axis[1], *w = &grid->axis[2];
    for (int64_t i = 0; i < d->kernel; i++)
        for (int64_t j = 0; j < h->kernel; j++)
            for (int64_t k = 0; k < w->kernel; k++)
                *list++ = (i * d->step * h->length + j * h->step) * w->length + k * w->step;
}

void lido_grid_finish(lido_grid *grid, int64_t *list) {
    grid->cells = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        find_full(&grid->axis[a]);
        grid->cells *= grid->axis[a].kernel;
    }
    grid->cell = grid->cells <= LIDO_LISTED_CELLS ? list : NULL;
    if (grid->cell) list_cells(grid, list);
}

static int64_t last_cell(const lido_windows *windows, int64_t o) {
    return windows->at[o].start + (windows->at[o].count - 1) * windows->step;
}

lido_window_run lido_grid_run(const lido_grid *grid, int64_t od, int64_t oh, int64_t from,
                              int64_t to, int64_t low, int64_t high) {
    const lido_windows *d = &grid->axis[0], *h = &grid->axis[1], *w = &grid->axis[2];
    bool full = d->at[od].count == d->kernel && h->at[oh].count == h->kernel && grid->cell;
    int64_t first = w->full_first > from ? w->full_first : from;
    int64_t last = smaller(w->full_last, to);
    while (first < last && w->at[first].start < low) first++;
    while (first < last && last_cell(w, last - 1) >= high) last--;
    if (!full || first >= last) return (lido_window_run){.first = from, .last = from};
    int64_t row = d->at[od].start * h->length + h->at[oh].start;
    return (lido_window_run){first, last, row * w->length + w->at[first].start};
}

int64_t lido_grid_position(const lido_grid *grid, const lido_window *const window[LIDO_MAX_AXES],
                           int64_t number) {
    int64_t at[LIDO_MAX_AXES];
    for (int a = LIDO_MAX_AXES - 1; a >= 0; a--) {
        const lido_windows *axis = &grid->axis[a];
        at[a] = window[a]->start + (number % axis->kernel - window[a]->skipped) * axis->step;
        number /= axis->kernel;
    }
    return (at[0] * grid->axis[1].length + at[1]) * grid->axis[2].length + at[2];
}

/* How many cells of a window come before `limit`. */
static int64_t cells_before(const lido_window *window, int64_t step, int64_t limit) {
    if (limit <= window->start) return 0;
    return smaller(window->count, divide_up(limit - window->start, step));
}

void lido_cells_begin(lido_cells *cells, const lido_grid *grid, int64_t od, int64_t oh, int64_t ow,
                      const lido_box *within) {
    const int64_t output[LIDO_MAX_AXES] = {od, oh, ow};
    bool none = false;
    cells->grid = grid;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const lido_window *window = &grid->axis[a].at[output[a]];
        const int64_t step = grid->axis[a].step;
        cells->window[a] = window;
        cells->first[a] = within ? cells_before(window, step, within->first[a]) : 0;
        cells->last[a] = within ? cells_before(window, step, within->last[a]) : window->count;
        cells->next[a] = cells->first[a];
        none |= cells->first[a] >= cells->last[a];
    }
    if (none) cells->next[0] = cells->last[0];
}

/* As many cells of the row to come as there are and fit; moves to the row after when it is done. */
static void list_row(lido_cells *cells) {
    const lido_windows *axis = cells->grid->axis;
    const lido_window *const *window = cells->window;
    int64_t *next = cells->next;
    int64_t d = window[0]->start + next[0] * axis[0].step;
    int64_t h = window[1]->start + next[1] * axis[1].step;
    int64_t w = window[2]->start + next[2] * axis[2].step;
    int64_t position = (d * axis[1].length + h) * axis[2].length + w;
    int64_t row = (window[0]->skipped + next[0]) * axis[1].kernel + window[1]->skipped + next[1];
    int64_t number = row * axis[2].kernel + window[2]->skipped + next[2];
    int64_t count = smaller(cells->last[2] - next[2], LIDO_LISTED_CELLS - cells->count);
    for (int64_t i = 0; i < count; i++) {
        cells->position[cells->count] = position + i * axis[2].step;
        cells->number[cells->count++] = (uint32_t)(number + i);
    }
    next[2] += count;
    for (int a = LIDO_MAX_AXES - 1; a > 0 && next[a] == cells->last[a]; a--) {
        next[a] = cells->first[a];
        next[a - 1]++;
    }
}

bool lido_cells_next(lido_cells *cells) {
    cells->count = 0;
    while (cells->count < LIDO_LISTED_CELLS && cells->next[0] < cells->last[0]) list_row(cells);
    return cells->count > 0;
}

void lido_box_run(const lido_grid *grid, const lido_box *box, int64_t *low, int64_t *high) {
    int64_t height = grid->axis[1].length, width = grid->axis[2].length;
    *low = (box->first[0] * height + box->first[1]) * width + box->first[2];
    *high = ((box->last[0] - 1) * height + box->last[1] - 1) * width + box->last[2];
}

/* Windows come in order of start, but for the first of those that skip padding by their step. */
static void reach(const lido_windows *windows, int64_t first, int64_t last, int64_t *from,
                  int64_t *to) {
    int64_t low = 0, high = windows->outputs;
    while (low < high && windows->at[high - 1].start >= last) high--;
    while (low < high && last_cell(windows, low) < first) low++;
    *from = low;
    *to = high;
}

void lido_grid_reaching(const lido_grid *grid, const lido_box *box, lido_box *outputs) {
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        reach(&grid->axis[a], box->first[a], box->last[a], &outputs->first[a], &outputs->last[a]);
}
