/* transforms.h - changed copies of pictures: shifted, turned, scaled, with noise, blurred.
 *
 * A picture of bytes becomes a picture of bytes, as it could lie on file (so do Hendrycks &
 * Dietterich 2019, "Benchmarking neural network robustness to common corruptions"): computed in
 * double, rounded to the nearest byte (halves up) and limited to 0..255 once, at the end. Amount 0
 * (scale: 1) gives the picture itself, bit for bit. Nothing here depends on threads. */
#ifndef LIDO_STUDY_TRANSFORMS_H
#define LIDO_STUDY_TRANSFORMS_H

#include <lido/data.h>

/* What moves in from outside. */
typedef enum lido_fill {
    LIDO_FILL_ZERO,     /* black */
    LIDO_FILL_EDGE,     /* the nearest pixel of the picture */
    LIDO_FILL_CIRCULAR, /* what moved out on the other side */
    LIDO_FILLS
} lido_fill;

extern const char *const lido_fill_names[]; /* "zero", "edge", "circular", NULL */

typedef enum lido_change_kind {
    LIDO_CHANGE_SHIFT,
    LIDO_CHANGE_ROTATION,
    LIDO_CHANGE_SCALE,
    LIDO_CHANGE_NOISE,
    LIDO_CHANGE_BLUR
} lido_change_kind;

/* y[p] is the changed picture at pixel p, x the picture, black outside (bilinear interpolation
 * blends with the black); the centre is ((H - 1) / 2, (W - 1) / 2).
 *   shift     y[i][j] = x[i - down][j - right], by whole pixels, what moves in by `fill`
 *   rotation  by `amount` degrees, counter-clockwise, about the centre, bilinear
 *   scale     by the factor `amount` > 0 about the centre, bilinear: 2 shows the middle quarter,
 *             0.5 the whole at half the size
 *   noise     y = x + 255 * amount * z, z standard normal, one for each byte, drawn from (seed,
 *             number of the picture in its set, number of the byte): the same z for every amount
 *   blur      Gaussian of sigma `amount` pixels on both axes, cut off at 4 sigma (rounded to whole
 *             pixels) and normalised, edges repeated */
typedef struct lido_change {
    lido_change_kind kind;
    double amount;
    int64_t down, right;
    lido_fill fill;
    uint64_t seed;
} lido_change;

/* samples[i] = floor(i * total / count) for i < count: a part of a set that is the same for all who
 * ask and holds its share of every stretch of the set, which may be sorted by class. */
void lido_spread_samples(int64_t total, int64_t count, int64_t *samples);

/* A set of the changed copies of set->samples[count] (NULL: the first `count`), with their labels;
 * the caller frees it. Only for sets with one label a picture. LIDO_MEMORY, LIDO_TOO_LARGE. */
lido_status lido_change_make(const lido_dataset *set, const int64_t *samples, int64_t count,
                             const lido_change *change, lido_team *team, lido_dataset **changed,
                             lido_error *error);

#endif
