/* pool_slide.c - a window's columns are reduced once, and serve as many windows as hold them. */
#include "kernels/pool_slide.h"

#include "kernels/lanes.h"
#include "kernels/stream.h"

#include <stdint.h>

enum {
    SIDE = 3,  /* of the largest window */
    BLOCK = 4, /* lanes of neighbouring channels taken along together */
};

#if defined(LIDO_DOUBLE)
typedef int64_t mask __attribute__((vector_size(64)));
#else
typedef int32_t mask __attribute__((vector_size(64)));
#endif

typedef struct slide_run {
    const lido_real *x; /* rows of the input lie `row` numbers apart, cells `channels` */
    lido_real *y;
    const lido_window *at; /* where each begins; NULL: in steps */
    int64_t row, channels, windows;
    lido_real divisor;
    bool streams;
} slide_run;

LIDO_INLINE void take(lido_slide kind, const lido_lanes *value, lido_lanes *kept) {
    if (kind == LIDO_SLIDE_SUM) {
        *kept += *value;
        return;
    }
    const mask better = kind == LIDO_SLIDE_MAXIMUM ? *value > *kept : *value < *kept;
    *kept = (lido_lanes)((better & (mask)*value) | (~better & (mask)*kept));
}

/* The column of `side` cells at x; seen += its numbers, where a NaN would be lost. */
LIDO_INLINE void take_column(lido_slide kind, int side, const lido_real *x, int64_t row,
                             lido_lanes *kept, lido_lanes *seen) {
    lido_lanes_load(kept, x, LIDO_LANES);
    if (kind != LIDO_SLIDE_SUM) *seen += *kept;
    for (int i = 1; i < side; i++) {
        lido_lanes value;
        lido_lanes_load(&value, x + i * row, LIDO_LANES);
        take(kind, &value, kept);
        if (kind != LIDO_SLIDE_SUM) *seen += value;
    }
}

LIDO_INLINE bool are_numbers(const lido_lanes *lanes) {
    lido_real value[LIDO_LANES];
    bool numbers = true;
    lido_lanes_store(lanes, value, LIDO_LANES);
    for (int i = 0; i < LIDO_LANES; i++) numbers &= value[i] == value[i];
    return numbers;
}

/* `block` lanes of channels of all windows. kind, side, advance and block are known where this is
 * called: columns stay in registers. */
LIDO_INLINE bool slide(lido_slide kind, int side, int advance, int block, const slide_run *run,
                       int64_t first_channel) {
    const int64_t row = run->row, channels = run->channels, windows = run->windows;
    const int shared = side - advance; /* columns of the window before */
    const lido_real *x = run->x + first_channel;
    lido_real *y = run->y + first_channel;
    lido_lanes column[SIDE][BLOCK], seen[BLOCK] = {{0}};
    for (int i = 0; i < shared; i++)
        for (int b = 0; b < block; b++)
            take_column(kind, side, x + i * channels + b * LIDO_LANES, row, &column[advance + i][b],
                        &seen[b]);
    for (int64_t w = 0; w < windows; w++, x += advance * channels, y += channels) {
        if (shared == 0 && run->at)
            x = run->x + (run->at[w].start - run->at[0].start) * channels + first_channel;
        for (int b = 0; b < block; b++) {
            for (int i = 0; i < shared; i++) column[i][b] = column[advance + i][b];
            for (int i = shared; i < side; i++)
                take_column(kind, side, x + i * channels + b * LIDO_LANES, row, &column[i][b],
                            &seen[b]);
            lido_lanes result = column[0][b];
            for (int i = 1; i < side; i++) take(kind, &column[i][b], &result);
            if (kind == LIDO_SLIDE_SUM) result /= run->divisor;
            if (run->streams)
                lido_lanes_stream(&result, y + b * LIDO_LANES);
            else
                lido_lanes_store(&result, y + b * LIDO_LANES, LIDO_LANES);
        }
    }
    for (int b = 1; b < block; b++) seen[0] += seen[b];
    return are_numbers(&seen[0]);
}

/* slide with all that it knows beforehand: each a function of its own. */
typedef bool (*slider)(const slide_run *run, int64_t first_channel);

#define LIDO_SLIDER(name, kind, side, advance, block)                           \
    LIDO_CLONES static bool name(const slide_run *run, int64_t first_channel) { \
        return slide(kind, side, advance, block, run, first_channel);           \
    }
#define LIDO_SLIDERS(name, kind, block)        \
    LIDO_SLIDER(name##_2_1, kind, 2, 1, block) \
    LIDO_SLIDER(name##_2_2, kind, 2, 2, block) \
    LIDO_SLIDER(name##_3_1, kind, 3, 1, block) \
    LIDO_SLIDER(name##_3_2, kind, 3, 2, block) \
    LIDO_SLIDER(name##_3_3, kind, 3, 3, block)
LIDO_SLIDERS(sum_one, LIDO_SLIDE_SUM, 1)
LIDO_SLIDERS(sum_block, LIDO_SLIDE_SUM, BLOCK)
LIDO_SLIDERS(max_one, LIDO_SLIDE_MAXIMUM, 1)
LIDO_SLIDERS(max_block, LIDO_SLIDE_MAXIMUM, BLOCK)
LIDO_SLIDERS(min_one, LIDO_SLIDE_MINIMUM, 1)
LIDO_SLIDERS(min_block, LIDO_SLIDE_MINIMUM, BLOCK)
#undef LIDO_SLIDERS
#undef LIDO_SLIDER

/* By side and advance. */
#define LIDO_BY_WINDOW(name) \
    { [2] = {[1] = name##_2_1, name##_2_2}, [3] = {[1] = name##_3_1, name##_3_2, name##_3_3}, }
static const slider one[][SIDE + 1][SIDE + 1] = {
    [LIDO_SLIDE_SUM] = LIDO_BY_WINDOW(sum_one),
    [LIDO_SLIDE_MAXIMUM] = LIDO_BY_WINDOW(max_one),
    [LIDO_SLIDE_MINIMUM] = LIDO_BY_WINDOW(min_one),
};
static const slider blocks[][SIDE + 1][SIDE + 1] = {
    [LIDO_SLIDE_SUM] = LIDO_BY_WINDOW(sum_block),
    [LIDO_SLIDE_MAXIMUM] = LIDO_BY_WINDOW(max_block),
    [LIDO_SLIDE_MINIMUM] = LIDO_BY_WINDOW(min_block),
};
#undef LIDO_BY_WINDOW

bool lido_slides_apart(const lido_grid *grid, int64_t channels) {
    const lido_windows *d = &grid->axis[0], *h = &grid->axis[1], *w = &grid->axis[2];
    const bool is_square = d->kernel == 1 && h->kernel == w->kernel && h->step == 1 && w->step == 1;
    return is_square && w->kernel >= 2 && w->kernel <= SIDE && channels % LIDO_LANES == 0;
}

bool lido_slides(const lido_grid *grid, int64_t channels) {
    const lido_windows *w = &grid->axis[2];
    return lido_slides_apart(grid, channels) && w->advance >= 1 && w->advance <= w->kernel;
}

static bool slide_lanes(lido_slide kind, int64_t side, int64_t advance, const slide_run *run) {
    bool is_number = true;
    for (int64_t c = 0, taken; c < run->channels; c += taken * LIDO_LANES) {
        taken = run->channels - c >= BLOCK * LIDO_LANES ? BLOCK : 1;
        const slider by = (taken == BLOCK ? blocks : one)[kind][side][advance];
        is_number &= by(run, c);
    }
    if (run->streams) lido_stream_end();
    return is_number;
}

static slide_run make_run(const lido_grid *grid, int64_t channels, int64_t windows,
                          const lido_real *x, lido_real divisor, bool streams, lido_real *y) {
    return (slide_run){.x = x,
                       .y = y,
                       .row = grid->axis[2].length * channels,
                       .channels = channels,
                       .windows = windows,
                       .divisor = divisor,
                       .streams = streams && (uintptr_t)y % 16 == 0};
}

bool lido_slide_run(lido_slide kind, const lido_grid *grid, int64_t channels, int64_t windows,
                    const lido_real *x, lido_real divisor, bool streams, lido_real *y) {
    const lido_windows *w = &grid->axis[2];
    const slide_run run = make_run(grid, channels, windows, x, divisor, streams, y);
    return slide_lanes(kind, w->kernel, w->advance, &run);
}

bool lido_slide_apart(lido_slide kind, const lido_grid *grid, int64_t channels, int64_t first,
                      int64_t windows, const lido_real *x, lido_real divisor, bool streams,
                      lido_real *y) {
    const lido_windows *w = &grid->axis[2];
    slide_run run = make_run(grid, channels, windows, x, divisor, streams, y);
    run.at = w->at + first;
    return slide_lanes(kind, w->kernel, w->kernel, &run);
}
