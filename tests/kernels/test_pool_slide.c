/* Sliding windows against the plain loop: every side and step, blocks of lanes and single ones,
 * past the caches or not. */
#include "kernels/pool_slide.h"

#include "lido_check.h"

#include <math.h>

enum { WIDTH = 11, MOST_CHANNELS = 112, MOST = 3 * WIDTH * MOST_CHANNELS };

/* Windows of side x side, `advance` apart, on a map 3 rows high. */
static lido_grid grid_of(int side, int advance) {
    lido_grid grid = {.cells = side * side};
    grid.axis[0] = (lido_windows){.length = 1, .kernel = 1, .step = 1};
    grid.axis[1] = (lido_windows){.length = 3, .kernel = side, .step = 1};
    grid.axis[2] = (lido_windows){.length = WIDTH, .kernel = side, .step = 1, .advance = advance};
    return grid;
}

static int64_t windows_of(int side, int advance) {
    return (WIDTH - side) / advance + 1;
}

static void fill(lido_real *values, int64_t count) {
    static float numbers[MOST];
    lido_fill_uniform(lido_key_make(7, "test", 0), 0, numbers, count);
    for (int64_t i = 0; i < count; i++) values[i] = numbers[i] - (lido_real)0.5;
}

static lido_real expected(lido_slide kind, int side, int64_t channels, const lido_real *x,
                          lido_real divisor) {
    lido_real sum = 0, best = x[0];
    for (int j = 0; j < side; j++) {
        lido_real column = 0;
        for (int i = 0; i < side; i++) {
            const lido_real value = x[(i * WIDTH + j) * channels];
            column = i == 0 ? value : column + value;
            if (kind == LIDO_SLIDE_MAXIMUM ? value > best : value < best) best = value;
        }
        sum = j == 0 ? column : sum + column;
    }
    return kind == LIDO_SLIDE_SUM ? sum / divisor : best;
}

static void check_run(lido_slide kind, int side, int advance, int64_t channels, bool streams) {
    static lido_real x[MOST];
    static _Alignas(64) lido_real y[MOST];
    const lido_grid grid = grid_of(side, advance);
    const int64_t windows = windows_of(side, advance), outputs = windows * channels;
    fill(x, 3 * WIDTH * channels);
    for (int64_t i = 0; i <= outputs; i++) y[i] = -99;
    ck_assert(lido_slides(&grid, channels));
    ck_assert(lido_slide_run(kind, &grid, channels, windows, x, 7, streams, y));
    for (int64_t w = 0; w < windows; w++)
        for (int64_t c = 0; c < channels; c++)
            ck_assert(y[w * channels + c] ==
                      expected(kind, side, channels, x + w * advance * channels + c, 7));
    ck_assert(y[outputs] == -99);
}

START_TEST(equals_the_plain_loop) {
    for (int side = 2; side <= 3; side++)
        for (int advance = 1; advance <= side; advance++)
            for (int64_t channels = 16; channels <= MOST_CHANNELS; channels += 16)
                for (int kind = LIDO_SLIDE_SUM; kind <= LIDO_SLIDE_MINIMUM; kind++) {
                    check_run((lido_slide)kind, side, advance, channels, false);
                    check_run((lido_slide)kind, side, advance, channels, true);
                }
}
END_TEST

START_TEST(tells_where_an_extremum_met_a_nan) {
    static lido_real x[MOST], y[MOST];
    const lido_grid grid = grid_of(3, 1);
    const int64_t windows = windows_of(3, 1);
    for (int64_t at = 0; at < 3 * WIDTH * 16; at += 5) {
        fill(x, 3 * WIDTH * 16);
        x[at] = NAN;
        ck_assert(!lido_slide_run(LIDO_SLIDE_MAXIMUM, &grid, 16, windows, x, 1, false, y));
        ck_assert(!lido_slide_run(LIDO_SLIDE_MINIMUM, &grid, 16, windows, x, 1, false, y));
        ck_assert(lido_slide_run(LIDO_SLIDE_SUM, &grid, 16, windows, x, 1, false, y));
    }
}
END_TEST

START_TEST(windows_any_distance_apart) {
    static lido_real x[MOST], y[MOST];
    const lido_window at[] = {{.start = 0}, {.start = 1}, {.start = 4}, {.start = 4}, {.start = 8}};
    const int64_t channels = 80, first = 1, windows = 4;
    for (int side = 2; side <= 3; side++)
        for (int kind = LIDO_SLIDE_SUM; kind <= LIDO_SLIDE_MINIMUM; kind++) {
            lido_grid grid = grid_of(side, 0);
            grid.axis[2].at = at;
            fill(x, 3 * WIDTH * channels);
            y[windows * channels] = -99;
            ck_assert(lido_slides_apart(&grid, channels) && !lido_slides(&grid, channels));
            ck_assert(lido_slide_apart((lido_slide)kind, &grid, channels, first, windows,
                                       x + at[first].start * channels, 7, false, y));
            for (int64_t w = 0; w < windows; w++)
                for (int64_t c = 0; c < channels; c++)
                    ck_assert(y[w * channels + c] ==
                              expected((lido_slide)kind, side, channels,
                                       x + at[first + w].start * channels + c, 7));
            ck_assert(y[windows * channels] == -99);
        }
}
END_TEST

START_TEST(other_windows_do_not_slide) {
    lido_grid grid = grid_of(3, 1);
    ck_assert(!lido_slides(&grid, 17));
    grid.axis[2].advance = 4;
    ck_assert(!lido_slides(&grid, 16));
    grid = grid_of(3, 1);
    grid.axis[1].kernel = 2;
    ck_assert(!lido_slides(&grid, 16));
    grid = grid_of(2, 1);
    grid.axis[2].step = 2;
    ck_assert(!lido_slides(&grid, 16));
    grid = grid_of(2, 1);
    grid.axis[0].kernel = 2;
    ck_assert(!lido_slides(&grid, 16));
}
END_TEST

LIDO_TEST_MAIN("pool_slide", equals_the_plain_loop, tells_where_an_extremum_met_a_nan,
               windows_any_distance_apart, other_windows_do_not_slide)
