/* Runs and boxes of windows together make up a grid, and maxima of runs follow the rule of maximum
 * pooling. */
#include "kernels/pool_runs.h"

#include "kernels/pool_window.h"
#include "lido_check.h"

#include <math.h>
#include <string.h>

enum {
    HEIGHT = 7,
    WIDTH = 40,
    CHANNELS = 48, /* a row of outputs is longer than a run */
    MOST_OUTPUTS = (HEIGHT + 2) * (WIDTH + 2)
};

typedef struct plane {
    lido_grid grid;
    lido_window at[LIDO_MAX_AXES][WIDTH + 2];
    int64_t cells[LIDO_LISTED_CELLS];
} plane;

/* Windows of side x side, `stride` apart, padded by one cell. */
static void make_plane(int side, int stride, plane *made) {
    const int64_t length[] = {1, HEIGHT, WIDTH};
    lido_geometry geometry = {.rank = LIDO_MAX_AXES};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const bool flat = length[a] == 1;
        lido_windows *axis = &made->grid.axis[a];
        geometry.input[a] = length[a];
        geometry.kernel[a] = flat ? 1 : side;
        geometry.stride[a] = flat ? 1 : stride;
        geometry.dilation[a] = 1;
        geometry.before[a] = geometry.after[a] = !flat;
        geometry.output[a] = flat ? 1 : (length[a] + 2 - side) / stride + 1;
        lido_windows_slide(&geometry, a, made->at[a]);
        *axis = (lido_windows){.length = length[a],
                               .outputs = geometry.output[a],
                               .kernel = geometry.kernel[a],
                               .step = 1,
                               .at = made->at[a]};
    }
    lido_grid_finish(&made->grid, made->cells);
}

typedef struct check {
    const plane *plane;
    const lido_real *x;
    int *seen; /* of each output */
    int *runs;
} check;

static void see_box(const void *reducer, const lido_box *box) {
    const check *c = reducer;
    lido_walk walk;
    lido_walk_outputs(&walk, &c->plane->grid, box);
    while (lido_walk_window(&walk)) c->seen[walk.output]++;
}

/* The run's maxima against those of its windows one by one. */
static void see_run(const void *reducer, const lido_run *run) {
    const check *c = reducer;
    const lido_grid *grid = &c->plane->grid;
    const int64_t elements = lido_run_elements(CHANNELS);
    lido_real *best = malloc((size_t)elements * sizeof *best), wanted[CHANNELS];
    uint32_t *where = malloc((size_t)elements * sizeof *where), cell[CHANNELS];
    lido_walk walk;
    ck_assert(best && where && run->windows * CHANNELS <= elements);
    lido_run_max(grid, CHANNELS, run, c->x, best, where);
    lido_walk_outputs(&walk, grid, &run->box);
    for (int64_t w = 0; w < run->windows; w++) {
        ck_assert(lido_walk_window(&walk));
        ck_assert_int_eq(walk.output, run->output + w);
        c->seen[walk.output]++;
        lido_window_max(&walk, c->x, CHANNELS, wanted, cell);
        for (int i = 0; i < CHANNELS; i++) {
            const lido_real got = best[w * CHANNELS + i];
            ck_assert(got == wanted[i] || (isnan(got) && isnan(wanted[i])));
            ck_assert_uint_eq(where[w * CHANNELS + i], cell[i]);
        }
    }
    ck_assert(!lido_walk_window(&walk));
    ++*c->runs;
    free(best);
    free(where);
}

/* Small whole numbers: many are equal. */
static void fill(lido_real *x, bool with_nan) {
    static float numbers[HEIGHT * WIDTH * CHANNELS];
    lido_fill_uniform(lido_key_make(3, "test", 0), 0, numbers, HEIGHT * WIDTH * CHANNELS);
    for (int64_t i = 0; i < HEIGHT * WIDTH * CHANNELS; i++)
        x[i] = (lido_real)((int)(8 * numbers[i]) - 4);
    for (int64_t i = 11; with_nan && i < HEIGHT * WIDTH * CHANNELS; i += 1009) x[i] = NAN;
}

static void check_plane(int side, int stride, bool with_nan) {
    static lido_real x[HEIGHT * WIDTH * CHANNELS];
    int seen[MOST_OUTPUTS] = {0}, runs = 0;
    plane made;
    make_plane(side, stride, &made);
    fill(x, with_nan);
    const check c = {&made, x, seen, &runs};
    const lido_run_visitor visitor = {&made.grid, CHANNELS, &c, see_run, see_box};
    const lido_box all = {{0, 0, 0}, {1, made.grid.axis[1].outputs, made.grid.axis[2].outputs}};
    lido_runs_forward(&visitor, &all);
    for (int64_t o = 0; o < lido_grid_outputs(&made.grid); o++) ck_assert_int_eq(seen[o], 1);
    ck_assert_int_eq(runs > 0, side <= 3 && stride <= side);
}

START_TEST(every_window_is_seen_once) {
    for (int side = 2; side <= 4; side++)
        for (int stride = 1; stride <= side; stride++) {
            check_plane(side, stride, false);
            check_plane(side, stride, true);
        }
}
END_TEST

LIDO_TEST_MAIN("pool runs", every_window_is_seen_once)
