/* random_windows.c - windows of fractional pooling and of the stochastic grid. */
#include "kernels/random_windows.h"

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static lido_window window_of(int64_t start, int64_t count) {
    return (lido_window){.start = start, .count = count, .padded = count};
}

/* ---- pseudo-random ------------------------------------------------------------------------- */

/* floor((j + u) alpha) - floor(u alpha) */
static int64_t offset(int64_t j, float u, float alpha) {
    return (int64_t)(((float)j + u) * alpha) - (int64_t)(u * alpha);
}

void lido_windows_overlap(int64_t length, int64_t outputs, int64_t kernel, float u,
                          lido_window *windows) {
    const int64_t last = length - kernel;
    const float alpha = outputs > 1 ? (float)last / (float)(outputs - 1) : 0;
    for (int64_t j = 0; j < outputs - 1; j++)
        windows[j] = window_of(smaller(offset(j, u, alpha), last), kernel);
    windows[outputs - 1] = window_of(last, kernel);
}

/* Rounding may carry a start one cell too far: every window keeps a cell. */
static int64_t abutting_start(int64_t length, int64_t outputs, int64_t j, float u) {
    const float alpha = (float)length / (float)outputs;
    return smaller(larger(offset(j, u, alpha), j), length - outputs + j);
}

void lido_windows_abut(int64_t length, int64_t outputs, float u, lido_window *windows) {
    for (int64_t j = 0; j < outputs; j++) {
        const int64_t start = abutting_start(length, outputs, j, u);
        const int64_t stop = j + 1 < outputs ? abutting_start(length, outputs, j + 1, u) : length;
        windows[j] = window_of(start, stop - start);
    }
}

/* ceil(length / outputs), and one for the rounding of starts. */
int64_t lido_abutting_kernel(int64_t length, int64_t outputs) {
    return smaller((length + outputs - 1) / outputs + 1, length - outputs + 1);
}

/* ---- shuffled steps ------------------------------------------------------------------------ */

static int64_t steps_of(int64_t outputs, bool overlap) {
    return overlap ? outputs - 1 : outputs;
}

int64_t lido_shuffle_draws(int64_t outputs, bool overlap) {
    return larger(steps_of(outputs, overlap) - 1, 0);
}

/* An integer in [0, below). */
static int64_t pick(float u, int64_t below) {
    return smaller((int64_t)((double)u * (double)below), below - 1);
}

/* windows[j].count = step j, shuffled. */
static void shuffle_steps(int64_t shorter, int64_t longer_ones, int64_t steps, const float *draws,
                          lido_window *windows) {
    for (int64_t j = 0; j < steps; j++) windows[j].count = shorter + (j < longer_ones);
    for (int64_t j = steps - 1; j > 0; j--) {
        const int64_t other = pick(*draws++, j + 1), count = windows[j].count;
        windows[j].count = windows[other].count;
        windows[other].count = count;
    }
}

void lido_windows_shuffle(int64_t length, int64_t outputs, bool overlap, const float *draws,
                          lido_window *windows) {
    const int64_t shorter = length / outputs, left = length % outputs;
    shuffle_steps(shorter, overlap ? left - 1 : left, steps_of(outputs, overlap), draws, windows);
    for (int64_t j = 0, start = 0; j < outputs; j++) {
        const int64_t step = windows[j].count;
        windows[j] = window_of(start, overlap ? shorter + 1 : step);
        start += step;
    }
}

/* ---- kept positions ------------------------------------------------------------------------ */

/* Selection sampling: a position is kept with the share of those still to be kept among those still
 * to come. */
void lido_windows_keep(int64_t length, int64_t cell, int64_t keep, int64_t kernel,
                       const float *draws, lido_window *windows) {
    for (int64_t i = 0, left = 0; i < length; i++) {
        if (i % cell == 0) left = keep;
        const int64_t to_come = cell - i % cell;
        if (left < to_come && (double)draws[i] * (double)to_come >= (double)left) continue;
        *windows++ = window_of(i, smaller(kernel, length - i));
        left--;
    }
}
