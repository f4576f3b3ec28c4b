/* test_window.c - window tables against the definitions, cell by cell. */
#include "kernels/window.h"
#include "lido_check.h"

static lido_error error;

enum { MOST = 64 };

static lido_geometry slide(int64_t length, int64_t k, int64_t s, int64_t d, int64_t before,
                           int64_t after, bool ceil) {
    lido_window_options options = {
        .kernel = {1, {k}},
        .stride = {1, {s}},
        .dilation = {1, {d}},
        .padding = {.mode = LIDO_EXPLICIT, .count = 1, .before = {before}, .after = {after}},
        .ceil = ceil};
    lido_shape shape = {.rank = 1, .axis = {1, 1, length}, .channels = 1};
    lido_geometry geometry;
    assert_ok(lido_geometry_make(&options, &shape, &geometry, &error));
    return geometry;
}

static void assert_window(lido_window got, int64_t start, int64_t count, int64_t skipped,
                          int64_t padded) {
    ck_assert_int_eq(got.start, start);
    ck_assert_int_eq(got.count, count);
    ck_assert_int_eq(got.skipped, skipped);
    ck_assert_int_eq(got.padded, padded);
}

START_TEST(sliding_windows_by_hand) {
    lido_window at[MOST];
    lido_geometry g = slide(5, 3, 2, 1, 1, 1, true);
    lido_windows_slide(&g, 2, at);
    assert_window(at[0], 0, 2, 1, 3);
    assert_window(at[1], 1, 3, 0, 3);
    assert_window(at[2], 3, 2, 0, 3);

    g = slide(6, 3, 2, 1, 1, 1, true); /* the last window begins at 5 and reaches beyond 6 + 1 */
    ck_assert_int_eq(g.output[2], 4);
    lido_windows_slide(&g, 2, at);
    assert_window(at[3], 5, 1, 0, 2);

    g = slide(7, 3, 2, 2, 3, 2, false); /* cells -3 -1 1 | -1 1 3 | 1 3 5 | 3 5 7 */
    ck_assert_int_eq(g.output[2], 4);
    lido_windows_slide(&g, 2, at);
    assert_window(at[0], 1, 1, 2, 3);
    assert_window(at[1], 1, 2, 1, 3);
    assert_window(at[2], 1, 3, 0, 3);
    assert_window(at[3], 3, 2, 0, 3);
}
END_TEST

/* Every cell of every window is in the table exactly when it is inside. */
static void check_slide(const lido_geometry *g) {
    lido_window at[MOST];
    lido_windows_slide(g, 2, at);
    for (int64_t o = 0; o < g->output[2]; o++) {
        int64_t count = 0, padded = 0, first = -1, skipped = 0;
        for (int64_t i = 0; i < g->kernel[2]; i++) {
            int64_t cell = o * g->stride[2] - g->before[2] + i * g->dilation[2];
            padded += cell < g->input[2] + g->after[2];
            if (cell < 0 || cell >= g->input[2]) continue;
            if (count++ == 0) first = cell, skipped = i;
        }
        assert_window(at[o], first, count, skipped, padded);
    }
}

START_TEST(sliding_windows_by_counting) {
    for (int64_t length = 3; length <= 11; length++)
        for (int64_t k = 1; k <= 4; k++)
            for (int64_t s = 1; s <= 4; s++)
                for (int64_t d = 1; d <= 3; d++)
                    for (int mask = 0; mask < 32; mask++) {
                        int64_t extent = d * (k - 1) + 1, before = mask & 3, after = mask >> 2 & 3;
                        if (before >= extent || after >= extent) continue;
                        if (length + before + after < extent) continue;
                        lido_geometry g = slide(length, k, s, d, before, after, mask >> 4);
                        check_slide(&g);
                    }
}
END_TEST

/* torch.nn.AdaptiveAvgPool1d: from floor(o L / O) to ceil((o + 1) L / O). */
START_TEST(adaptive_windows) {
    lido_window at[MOST];
    for (int64_t length = 1; length <= 20; length++)
        for (int64_t outputs = 1; outputs <= 20; outputs++) {
            int64_t most = 0;
            lido_windows_adapt(length, outputs, at);
            for (int64_t o = 0; o < outputs; o++) {
                int64_t start = o * length / outputs;
                int64_t stop = ((o + 1) * length + outputs - 1) / outputs;
                assert_window(at[o], start, stop - start, 0, stop - start);
                if (stop - start > most) most = stop - start;
            }
            ck_assert_int_eq(lido_adaptive_kernel(length, outputs), most);
        }
}
END_TEST

/* ---- grids --------------------------------------------------------------------------------- */

typedef struct test_grid {
    lido_grid grid;
    lido_window windows[LIDO_MAX_AXES][MOST];
    int64_t list[LIDO_LISTED_CELLS];
} test_grid;

static void make_grid(const lido_geometry *g, test_grid *made) {
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        lido_windows_slide(g, a, made->windows[a]);
        made->grid.axis[a] = (lido_windows){.length = g->input[a],
                                            .outputs = g->output[a],
                                            .kernel = g->kernel[a],
                                            .step = g->dilation[a],
                                            .at = made->windows[a]};
    }
    lido_grid_finish(&made->grid, made->list);
}

static lido_geometry cube(void) {
    lido_window_options options = {
        .kernel = {3, {2, 3, 3}},
        .stride = {3, {1, 2, 2}},
        .dilation = {3, {2, 1, 1}},
        .padding = {.mode = LIDO_EXPLICIT, .count = 1, .before = {1}, .after = {1}}};
    lido_shape shape = {.rank = 3, .axis = {4, 7, 9}, .channels = 1};
    lido_geometry geometry;
    assert_ok(lido_geometry_make(&options, &shape, &geometry, &error));
    return geometry;
}

/* The cells of output (od, oh, ow) in order, one by one. */
static int listed(const lido_geometry *g, const int64_t o[LIDO_MAX_AXES], int64_t *position,
                  uint32_t *number) {
    int count = 0;
    uint32_t n = 0;
    int64_t i[LIDO_MAX_AXES];
    for (i[0] = 0; i[0] < g->kernel[0]; i[0]++)
        for (i[1] = 0; i[1] < g->kernel[1]; i[1]++)
            for (i[2] = 0; i[2] < g->kernel[2]; i[2]++, n++) {
                bool inside = true;
                int64_t at = 0;
                for (int a = 0; a < LIDO_MAX_AXES; a++) {
                    int64_t cell = o[a] * g->stride[a] - g->before[a] + i[a] * g->dilation[a];
                    inside &= cell >= 0 && cell < g->input[a];
                    at = at * g->input[a] + cell;
                }
                if (!inside) continue;
                position[count] = at;
                number[count++] = n;
            }
    return count;
}

static void check_output(const lido_geometry *g, const lido_grid *grid,
                         const int64_t o[LIDO_MAX_AXES]) {
    int64_t position[MOST];
    uint32_t number[MOST];
    lido_cells cells;
    lido_cells_begin(&cells, grid, o[0], o[1], o[2], NULL);
    ck_assert(lido_cells_next(&cells));
    ck_assert_int_eq(cells.count, listed(g, o, position, number));
    for (int i = 0; i < cells.count; i++) {
        ck_assert_int_eq(cells.position[i], position[i]);
        ck_assert_int_eq(cells.number[i], number[i]);
        ck_assert_int_eq(lido_grid_position(grid, cells.window, number[i]), position[i]);
    }
    ck_assert(!lido_cells_next(&cells));
}

START_TEST(cells_of_windows) {
    lido_geometry g = cube();
    test_grid made;
    make_grid(&g, &made);
    ck_assert_int_eq(made.grid.cells, 18);
    int64_t o[LIDO_MAX_AXES];
    for (o[0] = 0; o[0] < g.output[0]; o[0]++)
        for (o[1] = 0; o[1] < g.output[1]; o[1]++)
            for (o[2] = 0; o[2] < g.output[2]; o[2]++) check_output(&g, &made.grid, o);
}
END_TEST

/* Of every output, the cells within a box: those of the whole list that lie there, and no others.
 */
static void check_within(const lido_grid *grid, const int64_t o[LIDO_MAX_AXES],
                         const lido_box *box) {
    lido_cells all, some;
    lido_cells_begin(&all, grid, o[0], o[1], o[2], NULL);
    lido_cells_begin(&some, grid, o[0], o[1], o[2], box);
    lido_cells_next(&all);
    lido_cells_next(&some);
    int found = 0;
    for (int i = 0; i < all.count; i++) {
        const int64_t at[] = {all.position[i] / 63, all.position[i] / 9 % 7, all.position[i] % 9};
        bool inside = true;
        for (int a = 0; a < LIDO_MAX_AXES; a++)
            inside &= at[a] >= box->first[a] && at[a] < box->last[a];
        if (!inside) continue;
        ck_assert_int_lt(found, some.count);
        ck_assert_int_eq(some.position[found], all.position[i]);
        ck_assert_int_eq(some.number[found++], all.number[i]);
    }
    ck_assert_int_eq(found, some.count);
}

START_TEST(cells_within_a_box) {
    static const lido_box boxes[] = {{{0, 0, 0}, {4, 7, 9}},
                                     {{1, 0, 0}, {2, 7, 9}},
                                     {{0, 3, 2}, {4, 4, 5}},
                                     {{3, 6, 8}, {4, 7, 9}}};
    lido_geometry g = cube();
    test_grid made;
    make_grid(&g, &made);
    int64_t o[LIDO_MAX_AXES];
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        for (o[0] = 0; o[0] < g.output[0]; o[0]++)
            for (o[1] = 0; o[1] < g.output[1]; o[1]++)
                for (o[2] = 0; o[2] < g.output[2]; o[2]++) check_within(&made.grid, o, &boxes[i]);
}
END_TEST

/* A window of 17 x 40 cells comes in lists of at most 256, none lost. */
START_TEST(large_windows_come_in_lists) {
    lido_window all[2] = {{.start = 0, .count = 17, .padded = 17},
                          {.start = 0, .count = 40, .padded = 40}};
    lido_window one = {.start = 0, .count = 1, .padded = 1};
    lido_grid grid = {
        .axis = {{.length = 1, .outputs = 1, .kernel = 1, .step = 1, .at = &one},
                 {.length = 17, .outputs = 1, .kernel = 17, .step = 1, .at = &all[0]},
                 {.length = 40, .outputs = 1, .kernel = 40, .step = 1, .at = &all[1]}}};
    lido_grid_finish(&grid, NULL);
    ck_assert_ptr_null(grid.cell);
    lido_cells cells;
    int64_t next = 0;
    lido_cells_begin(&cells, &grid, 0, 0, 0, NULL);
    while (lido_cells_next(&cells)) {
        ck_assert_int_le(cells.count, LIDO_LISTED_CELLS);
        for (int i = 0; i < cells.count; i++, next++) {
            ck_assert_int_eq(cells.position[i], next);
            ck_assert_int_eq(cells.number[i], next);
        }
    }
    ck_assert_int_eq(next, 17 * 40);
}
END_TEST

/* Runs hold full windows within the bounds only, and all of them: cells are the listed ones. */
START_TEST(runs_are_full_windows) {
    lido_geometry g = cube();
    test_grid made;
    make_grid(&g, &made);
    const lido_windows *w = &made.grid.axis[2];
    lido_window_run none = lido_grid_run(&made.grid, 0, 0, 0, w->outputs, 0, w->length);
    ck_assert_int_eq(none.first, none.last); /* depth begins in the padding */
    lido_window_run run = lido_grid_run(&made.grid, 1, 1, 0, w->outputs, 0, w->length);
    ck_assert_int_eq(run.first, 1); /* cells 1 2 3 | 3 4 5 | 5 6 7 of 9 */
    ck_assert_int_eq(run.last, 4);
    ck_assert_int_eq(w->advance, 2);
    ck_assert_int_eq(run.position, (0 * 7 + 1) * 9 + 1);
    run = lido_grid_run(&made.grid, 1, 1, 0, w->outputs, 2, 7);
    ck_assert_int_eq(run.first, 2);
    ck_assert_int_eq(run.last, 3);
    run = lido_grid_run(&made.grid, 1, 1, 3, 4, 0, w->length);
    ck_assert_int_eq(run.first, 3);
    ck_assert_int_eq(run.last, 4);
    run = lido_grid_run(&made.grid, 1, 1, 4, 5, 0, w->length);
    ck_assert_int_eq(run.first, 4);
    ck_assert_int_eq(run.last, 4);
}
END_TEST

static bool touches(const lido_windows *axis, int64_t o, int64_t first, int64_t last) {
    for (int64_t i = 0; i < axis->at[o].count; i++) {
        int64_t cell = axis->at[o].start + i * axis->step;
        if (cell >= first && cell < last) return true;
    }
    return false;
}

START_TEST(reaching_outputs_are_never_missed) {
    for (int64_t s = 1; s <= 4; s++)
        for (int64_t d = 1; d <= 3; d++)
            for (int64_t before = 0; before <= 2; before++) {
                lido_geometry g = slide(13, 3, s, d, before, 1, true);
                test_grid made;
                make_grid(&g, &made);
                for (int64_t first = 0; first < 13; first++)
                    for (int64_t last = first + 1; last <= 13; last++) {
                        lido_box box = {{0, 0, first}, {1, 1, last}}, found;
                        lido_grid_reaching(&made.grid, &box, &found);
                        for (int64_t o = 0; o < g.output[2]; o++)
                            if (touches(&made.grid.axis[2], o, first, last))
                                ck_assert(o >= found.first[2] && o < found.last[2]);
                    }
            }
}
END_TEST

START_TEST(boxes_are_runs_of_memory) {
    lido_geometry g = cube();
    test_grid made;
    make_grid(&g, &made);
    int64_t low, high;
    lido_box_run(&made.grid, &(lido_box){{1, 0, 0}, {3, 7, 9}}, &low, &high);
    ck_assert_int_eq(low, 63);
    ck_assert_int_eq(high, 189);
}
END_TEST

LIDO_TEST_MAIN("window", sliding_windows_by_hand, sliding_windows_by_counting, adaptive_windows,
               cells_of_windows, cells_within_a_box, large_windows_come_in_lists,
               runs_are_full_windows, reaching_outputs_are_never_missed, boxes_are_runs_of_memory)
