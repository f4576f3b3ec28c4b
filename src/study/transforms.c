/* transforms.c - changed copies of pictures. Each picture is one piece of work, computed from
 * nothing but itself, its number and the change. A further change is a row of the table `changers`
 * and its function. */
#include "study/transforms.h"

#include "base/team.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const lido_fill_names[] = {"zero", "edge", "circular", NULL};

enum { BLUR_REACH = 4 }; /* sigmas */

/* All that is the same for every picture. */
typedef struct changing {
    const lido_change *change;
    const lido_dataset *set;
    const int64_t *samples; /* NULL: 0, 1, 2, ... */
    lido_dataset *changed;
    int64_t height, width, channels;
    double cosine, sine; /* from a place in the changed picture to one in the picture */
    int64_t radius;      /* of the blur */
    double *weight;      /* weight[radius + 1]: of the blur, from the middle outwards */
    double *rows;        /* (workers, H, W, C): blurred across */
} changing;

static uint8_t byte_of(double value) {
    return (uint8_t)fmin(fmax(floor(value + 0.5), 0), 255);
}

static int64_t clamp(int64_t value, int64_t count) {
    return value < 0 ? 0 : value >= count ? count - 1 : value;
}

/* ---- shift ---------------------------------------------------------------------------------- */

/* The place in 0..count-1 that is seen at `at`, which may lie outside; -1: nothing is. */
static int64_t seen_at(int64_t at, int64_t count, lido_fill fill) {
    if (at >= 0 && at < count) return at;
    if (fill == LIDO_FILL_EDGE) return clamp(at, count);
    return fill == LIDO_FILL_CIRCULAR ? (at % count + count) % count : -1;
}

static void shift(const changing *of, int64_t sample, int worker, const uint8_t *x, uint8_t *y) {
    (void)sample, (void)worker;
    const lido_change *change = of->change;
    for (int64_t i = 0; i < of->height; i++) {
        const int64_t row = seen_at(i - change->down, of->height, change->fill);
        for (int64_t j = 0; j < of->width; j++, y += of->channels) {
            const int64_t column = seen_at(j - change->right, of->width, change->fill);
            if (row < 0 || column < 0)
                memset(y, 0, (size_t)of->channels);
            else
                memcpy(y, x + (row * of->width + column) * of->channels, (size_t)of->channels);
        }
    }
}

/* ---- rotation and scale --------------------------------------------------------------------- */

/* The picture's pixel, black outside. */
static double pixel_at(const changing *of, const uint8_t *x, int64_t i, int64_t j, int64_t c) {
    if (i < 0 || i >= of->height || j < 0 || j >= of->width) return 0;
    return x[(i * of->width + j) * of->channels + c];
}

static void interpolate(const changing *of, const uint8_t *x, double row, double column,
                        uint8_t *y) {
    if (!(row > -1 && row < (double)of->height && column > -1 && column < (double)of->width)) {
        memset(y, 0, (size_t)of->channels);
        return;
    }
    const int64_t i = (int64_t)floor(row), j = (int64_t)floor(column);
    const double down = row - (double)i, right = column - (double)j;
    for (int64_t c = 0; c < of->channels; c++) {
        const double above =
            (1 - right) * pixel_at(of, x, i, j, c) + right * pixel_at(of, x, i, j + 1, c);
        const double below =
            (1 - right) * pixel_at(of, x, i + 1, j, c) + right * pixel_at(of, x, i + 1, j + 1, c);
        y[c] = byte_of((1 - down) * above + down * below);
    }
}

/* Rows count downwards: turning the picture counter-clockwise looks clockwise for its pixels. */
static void resample(const changing *of, int64_t sample, int worker, const uint8_t *x, uint8_t *y) {
    (void)sample, (void)worker;
    const double middle_row = (double)(of->height - 1) / 2;
    const double middle_column = (double)(of->width - 1) / 2;
    for (int64_t i = 0; i < of->height; i++)
        for (int64_t j = 0; j < of->width; j++, y += of->channels) {
            const double down = (double)i - middle_row, right = (double)j - middle_column;
            interpolate(of, x, middle_row + of->cosine * down + of->sine * right,
                        middle_column + of->cosine * right - of->sine * down, y);
        }
}

/* ---- noise ---------------------------------------------------------------------------------- */

static void add_noise(const changing *of, int64_t sample, int worker, const uint8_t *x,
                      uint8_t *y) {
    (void)worker;
    const lido_key key = lido_key_make(of->change->seed, "measure noise", (uint64_t)sample);
    const int64_t size = of->height * of->width * of->channels;
    for (int64_t i = 0; i < size; i += 2) {
        double pair[2];
        lido_random_normal(key, 0, (uint64_t)(i / 2), pair);
        for (int64_t k = i; k < i + 2 && k < size; k++)
            y[k] = byte_of(x[k] + 255 * of->change->amount * pair[k - i]);
    }
}

/* ---- blur ----------------------------------------------------------------------------------- */

static void blur_across(const changing *of, const uint8_t *x, double *out) {
    const int64_t channels = of->channels;
    for (int64_t i = 0; i < of->height; i++, x += of->width * channels)
        for (int64_t j = 0; j < of->width; j++)
            for (int64_t c = 0; c < channels; c++) {
                double sum = of->weight[0] * x[j * channels + c];
                for (int64_t k = 1; k <= of->radius; k++)
                    sum += of->weight[k] * (x[clamp(j - k, of->width) * channels + c] +
                                            x[clamp(j + k, of->width) * channels + c]);
                *out++ = sum;
            }
}

static void blur(const changing *of, int64_t sample, int worker, const uint8_t *x, uint8_t *y) {
    (void)sample;
    const int64_t row = of->width * of->channels;
    double *rows = of->rows + worker * of->height * row;
    blur_across(of, x, rows);
    for (int64_t i = 0; i < of->height; i++)
        for (int64_t e = 0; e < row; e++) {
            double sum = of->weight[0] * rows[i * row + e];
            for (int64_t k = 1; k <= of->radius; k++)
                sum += of->weight[k] * (rows[clamp(i - k, of->height) * row + e] +
                                        rows[clamp(i + k, of->height) * row + e]);
            *y++ = byte_of(sum);
        }
}

static lido_status prepare_blur(changing *of, int workers, lido_error *error) {
    const double sigma = of->change->amount;
    const size_t size = (size_t)(of->height * of->width * of->channels);
    double sum = -1; /* the middle is counted once */
    of->radius = (int64_t)(BLUR_REACH * sigma + 0.5);
    of->weight = calloc((size_t)of->radius + 1, sizeof *of->weight);
    of->rows = calloc((size_t)workers, size * sizeof *of->rows);
    if (!of->weight || !of->rows) return lido_fail(error, LIDO_MEMORY, "out of memory to blur");
    for (int64_t k = 0; k <= of->radius; k++) {
        const double far = k == 0 ? 0 : (double)k / sigma;
        of->weight[k] = exp(-far * far / 2);
        sum += 2 * of->weight[k];
    }
    for (int64_t k = 0; k <= of->radius; k++) of->weight[k] /= sum;
    return LIDO_OK;
}

/* ---- sets ----------------------------------------------------------------------------------- */

/* y = the changed x, number `sample` of its set. */
typedef void (*changer)(const changing *of, int64_t sample, int worker, const uint8_t *x,
                        uint8_t *y);

static const changer changers[] = {
    [LIDO_CHANGE_SHIFT] = shift,    [LIDO_CHANGE_ROTATION] = resample,
    [LIDO_CHANGE_SCALE] = resample, [LIDO_CHANGE_NOISE] = add_noise,
    [LIDO_CHANGE_BLUR] = blur,
};

static void change_picture(void *context, int64_t index, int worker) {
    const changing *of = context;
    const int64_t size = of->height * of->width * of->channels;
    const int64_t sample = of->samples ? of->samples[index] : index;
    of->changed->labels[index] = of->set->labels[sample];
    changers[of->change->kind](of, sample, worker, of->set->pixels + sample * size,
                               of->changed->pixels + index * size);
}

static lido_status prepare(changing *of, int workers, lido_error *error) {
    static const double degree = 3.14159265358979323846 / 180;
    const double amount = of->change->amount;
    const bool turned = of->change->kind == LIDO_CHANGE_ROTATION;
    of->cosine = turned ? cos(amount * degree) : 1 / amount;
    of->sine = turned ? sin(amount * degree) : 0;
    return of->change->kind == LIDO_CHANGE_BLUR ? prepare_blur(of, workers, error) : LIDO_OK;
}

void lido_spread_samples(int64_t total, int64_t count, int64_t *samples) {
    /* i * total / count without a product that could overflow */
    for (int64_t i = 0; i < count; i++)
        samples[i] = i * (total / count) + i * (total % count) / count;
}

lido_status lido_change_make(const lido_dataset *set, const int64_t *samples, int64_t count,
                             const lido_change *change, lido_team *team, lido_dataset **changed,
                             lido_error *error) {
    changing of = {.change = change,
                   .set = set,
                   .samples = samples,
                   .height = set->shape.axis[1],
                   .width = set->shape.axis[2],
                   .channels = set->shape.channels};
    lido_status status =
        lido_dataset_new(set->name, &set->shape, count, set->classes, 1, &of.changed, error);
    if (!status) status = prepare(&of, lido_team_threads(team), error);
    if (!status) lido_team_run(team, count, change_picture, &of);
    free(of.weight);
    free(of.rows);
    if (status) lido_dataset_free(of.changed);
    *changed = status ? NULL : of.changed;
    return status;
}
