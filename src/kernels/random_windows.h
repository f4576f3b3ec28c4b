/* random_windows.h - windows drawn at random, along one axis, from given uniform numbers in [0, 1):
 * fractional pooling (Graham 2014) and the stochastic grid of S3Pool (Zhai et al. 2017).
 *
 * Positions of the pseudo-random kind are worked out in float whatever lido_real is, so that the
 * same numbers give the same windows everywhere (and PyTorch's). */
#ifndef LIDO_KERNELS_RANDOM_WINDOWS_H
#define LIDO_KERNELS_RANDOM_WINDOWS_H

#include "kernels/window.h"

/* The longest axis on which a float is exact enough. */
enum { LIDO_FRACTION_LENGTH = 1 << 20 };

/* All fill windows[outputs] in order, each with 1 to kernel cells inside the input. */

/* Windows of `kernel` cells that may overlap, outputs + kernel - 1 <= length. With alpha =
 * (length - kernel) / (outputs - 1), window j starts at floor((j + u) alpha) - floor(u alpha), the
 * last at length - kernel. */
void lido_windows_overlap(int64_t length, int64_t outputs, int64_t kernel, float u,
                          lido_window *windows);
/* Windows side by side, outputs <= length: with alpha = length / outputs, window j begins at
 * floor((j + u) alpha) - floor(u alpha); the last ends the axis. */
void lido_windows_abut(int64_t length, int64_t outputs, float u, lido_window *windows);
/* The cells of the largest such window. */
int64_t lido_abutting_kernel(int64_t length, int64_t outputs);

/* Steps of floor(length / outputs) and one more, shuffled by draws[outputs - 1] (Fisher-Yates from
 * the last down). Abutting: these are the windows. Overlapping: they are the distances of
 * neighbouring windows of floor(length / outputs) + 1 cells, there is one fewer (and one draw
 * fewer), and outputs must not divide length. */
void lido_windows_shuffle(int64_t length, int64_t outputs, bool overlap, const float *draws,
                          lido_window *windows);
/* The numbers it takes. */
int64_t lido_shuffle_draws(int64_t outputs, bool overlap);

/* Of each `cell` neighbouring positions `keep` are chosen, every choice equally likely, by
 * draws[length] (one for each position); a window starts at each and has `kernel` cells, less where
 * the axis ends. cell divides length; with cell == keep nothing is drawn. */
void lido_windows_keep(int64_t length, int64_t cell, int64_t keep, int64_t kernel,
                       const float *draws, lido_window *windows);

#endif
