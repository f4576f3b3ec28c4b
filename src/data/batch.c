/* batch.c - from stored bytes to network input: normalisation, augmentation, batches. */
#include <lido/data.h>

#include "base/team.h"

#include <math.h>
#include <string.h>

enum { VALUES = 256, SAMPLES_A_PIECE = 16 };

/* What the words drawn for a sample are used for: the upper half of the random counter. */
enum { DRAW_CROP_Y, DRAW_CROP_X, DRAW_SHIFT_Y, DRAW_SHIFT_X, DRAW_FLIP };

const lido_option lido_augment_options[] = {
    {.name = "shift",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(lido_augment, shift),
     .fallback = "0",
     .min = 0,
     .max = 64,
     .doc = "moves pictures by -shift..shift whole pixels on each axis, black moving in"},
    {.name = "crop",
     .kind = LIDO_OPTION_BOOL,
     .offset = offsetof(lido_augment, crop),
     .fallback = "false",
     .doc = "pictures larger than the input: a random crop instead of the centre"},
    {.name = "flip",
     .kind = LIDO_OPTION_BOOL,
     .offset = offsetof(lido_augment, flip),
     .fallback = "false",
     .doc = "mirrors pictures left-right with probability 1/2"},
    {0},
};

/* ---- normalisation ------------------------------------------------------------------------- */

/* How often each value occurs in a channel: everything about its distribution, exactly. */
typedef struct histogram {
    int64_t count[LIDO_MAX_INPUT_CHANNELS][VALUES];
} histogram;

static void count_values(const uint8_t *pixels, int64_t positions, int64_t channels,
                         histogram *values) {
    for (int64_t p = 0; p < positions; p++)
        for (int64_t c = 0; c < channels; c++) values->count[c][*pixels++]++;
}

static void moments(const int64_t *count, double *mean, double *deviation) {
    int64_t total = 0, sum = 0;
    for (int v = 0; v < VALUES; v++) {
        total += count[v];
        sum += v * count[v];
    }
    *mean = (double)sum / (double)total;
    double squares = 0;
    for (int v = 0; v < VALUES; v++) squares += (double)count[v] * (v - *mean) * (v - *mean);
    *deviation = sqrt(squares / (double)total) / 255;
    *mean /= 255;
    if (*deviation == 0) *deviation = 1;
}

void lido_normalisation_measure(const lido_dataset *set, const int64_t *samples, int64_t count,
                                lido_normalisation *normalisation) {
    histogram values = {0};
    int64_t size = lido_shape_size(&set->shape), channels = set->shape.channels;
    for (int64_t i = 0; i < count; i++) {
        int64_t sample = samples ? samples[i] : i;
        count_values(set->pixels + sample * size, size / channels, channels, &values);
    }
    *normalisation = (lido_normalisation){.channels = (int)channels};
    for (int64_t c = 0; c < channels; c++)
        moments(values.count[c], &normalisation->mean[c], &normalisation->deviation[c]);
}

/* ---- batches ------------------------------------------------------------------------------- */

static lido_status check_channels(const lido_batch_rule *rule, lido_error *error) {
    int64_t channels = rule->set->shape.channels;
    if (channels > LIDO_MAX_INPUT_CHANNELS)
        return lido_fail(error, LIDO_SHAPE,
                         "%s: pictures have %lld channels, at most %d can be fed", rule->set->name,
                         (long long)channels, LIDO_MAX_INPUT_CHANNELS);
    if (rule->normalisation.channels != channels)
        return lido_fail(error, LIDO_SHAPE, "%s: normalisation of %d channels for pictures of %lld",
                         rule->set->name, rule->normalisation.channels, (long long)channels);
    return LIDO_OK;
}

static lido_status check_boxes(const lido_batch_rule *rule, lido_error *error) {
    const lido_augment *augment = rule->augment;
    bool moved = augment && (augment->shift > 0 || augment->flip || augment->crop);
    if (!rule->set->boxes || (!moved && lido_shape_equal(&rule->set->shape, &rule->input)))
        return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s: pictures with boxes are taken whole and as they lie: no \"shift\", "
                     "\"crop\" or \"flip\", and an input of their size",
                     rule->set->name);
}

lido_status lido_batch_check(const lido_batch_rule *rule, bool crop_allowed, lido_error *error) {
    const lido_shape *from = &rule->set->shape, *to = &rule->input;
    bool crop = crop_allowed || (rule->augment && rule->augment->crop);
    bool larger = from->axis[1] >= to->axis[1] && from->axis[2] >= to->axis[2];
    bool same_kind = from->rank == 2 && to->rank == 2 && from->channels == to->channels;
    if (!lido_shape_equal(from, to) && !(crop && larger && same_kind)) {
        char from_text[LIDO_TEXT_SIZE], to_text[LIDO_TEXT_SIZE];
        return lido_fail(error, LIDO_SHAPE, "%s: pictures are %s, the network's input is %s%s",
                         rule->set->name, lido_shape_text(from, from_text, sizeof from_text),
                         lido_shape_text(to, to_text, sizeof to_text),
                         larger && same_kind ? "; augmentation \"crop\" would cut them to size"
                                             : "");
    }
    lido_status status = check_boxes(rule, error);
    return status ? status : check_channels(rule, error);
}

/* Where the input's pixel (0, 0) lies in the picture, and whether x runs backwards. */
typedef struct placement {
    int64_t y, x;
    bool flip;
} placement;

typedef struct batch {
    const lido_batch_rule *rule;
    lido_key key;
    const int64_t *samples;
    int64_t count;
    lido_real *x;
    int32_t *labels;
    lido_real table[LIDO_MAX_INPUT_CHANNELS][VALUES]; /* the input for a byte of a channel */
} batch;

static placement place(const lido_batch_rule *rule, lido_key key, int64_t sample) {
    const lido_augment none = {0}, *augment = rule->augment ? rule->augment : &none;
    int64_t spare_y = rule->set->shape.axis[1] - rule->input.axis[1];
    int64_t spare_x = rule->set->shape.axis[2] - rule->input.axis[2];
    placement at = {spare_y / 2, spare_x / 2, false};
    uint64_t s = (uint64_t)sample;
    if (augment->crop && spare_y > 0)
        at.y = (int64_t)lido_random_below(key, DRAW_CROP_Y, s, (uint64_t)spare_y + 1);
    if (augment->crop && spare_x > 0)
        at.x = (int64_t)lido_random_below(key, DRAW_CROP_X, s, (uint64_t)spare_x + 1);
    if (augment->shift > 0) {
        uint64_t places = 2 * (uint64_t)augment->shift + 1;
        at.y += (int64_t)lido_random_below(key, DRAW_SHIFT_Y, s, places) - augment->shift;
        at.x += (int64_t)lido_random_below(key, DRAW_SHIFT_X, s, places) - augment->shift;
    }
    at.flip = augment->flip && lido_random_below(key, DRAW_FLIP, s, 2) == 1;
    return at;
}

/* x[positions][channels] from as many bytes. The one-channel loop is worth its three lines: it is
 * the whole of MNIST. */
static void convert(const batch *b, const uint8_t *pixels, int64_t positions, int64_t channels,
                    lido_real *x) {
    if (channels == 1) {
        for (int64_t p = 0; p < positions; p++) x[p] = b->table[0][pixels[p]];
        return;
    }
    for (int64_t p = 0; p < positions; p++)
        for (int64_t c = 0; c < channels; c++) *x++ = b->table[c][*pixels++];
}

static void convert_placed(const batch *b, const uint8_t *pixels, placement at, lido_real *x) {
    const lido_shape *from = &b->rule->set->shape, *to = &b->rule->input;
    int64_t channels = to->channels, width = to->axis[2];
    static const uint8_t black[LIDO_MAX_INPUT_CHANNELS] = {0};
    for (int64_t row = 0; row < to->axis[1]; row++) {
        int64_t y = row + at.y;
        for (int64_t column = 0; column < width; column++, x += channels) {
            int64_t across = (at.flip ? width - 1 - column : column) + at.x;
            bool inside = y >= 0 && y < from->axis[1] && across >= 0 && across < from->axis[2];
            const uint8_t *pixel =
                inside ? pixels + (y * from->axis[2] + across) * channels : black;
            convert(b, pixel, 1, channels, x);
        }
    }
}

static void fill_sample(const batch *b, int64_t i) {
    const lido_batch_rule *rule = b->rule;
    int64_t sample = b->samples[i];
    const uint8_t *pixels = rule->set->pixels + sample * lido_shape_size(&rule->set->shape);
    lido_real *x = b->x + i * lido_shape_size(&rule->input);
    placement at = place(rule, b->key, sample);
    if (at.y == 0 && at.x == 0 && !at.flip && lido_shape_equal(&rule->set->shape, &rule->input))
        convert(b, pixels, lido_shape_positions(&rule->input), rule->input.channels, x);
    else
        convert_placed(b, pixels, at, x);
}

/* A label map moves as its picture does; what moves in has no label. */
static void fill_label_map(const batch *b, int64_t i) {
    const lido_shape *from = &b->rule->set->shape, *to = &b->rule->input;
    int64_t sample = b->samples[i], width = to->axis[2];
    const int32_t *map = b->rule->set->labels + sample * b->rule->set->labels_each;
    int32_t *out = b->labels + i * lido_shape_positions(to);
    placement at = place(b->rule, b->key, sample);
    for (int64_t row = 0; row < to->axis[1]; row++) {
        int64_t y = row + at.y;
        for (int64_t column = 0; column < width; column++) {
            int64_t x = (at.flip ? width - 1 - column : column) + at.x;
            bool inside = y >= 0 && y < from->axis[1] && x >= 0 && x < from->axis[2];
            *out++ = inside ? map[y * from->axis[2] + x] : -1;
        }
    }
}

static void fill_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const batch *b = context;
    int64_t first = index * SAMPLES_A_PIECE, last = first + SAMPLES_A_PIECE;
    for (int64_t i = first; i < last && i < b->count; i++) {
        if (b->x) fill_sample(b, i);
        if (!b->labels) continue;
        const lido_dataset *set = b->rule->set;
        int64_t each = set->labels_each;
        if (each > 1 && !set->boxes)
            fill_label_map(b, i);
        else
            memcpy(b->labels + i * each, set->labels + b->samples[i] * each,
                   (size_t)each * sizeof *b->labels);
    }
}

void lido_batch_fill(const lido_batch_rule *rule, uint64_t epoch, const int64_t *samples,
                     int64_t count, lido_real *x, int32_t *labels) {
    batch b = {.rule = rule,
               .key = lido_key_make(rule->seed, "augment", epoch),
               .samples = samples,
               .count = count,
               .x = x,
               .labels = labels};
    const lido_normalisation *n = &rule->normalisation;
    for (int v = 0; v < VALUES; v++)
        for (int c = 0; c < n->channels; c++)
            b.table[c][v] = (lido_real)((v / 255.0 - n->mean[c]) / n->deviation[c]);
    lido_team_run(rule->team, (count + SAMPLES_A_PIECE - 1) / SAMPLES_A_PIECE, fill_piece, &b);
}
