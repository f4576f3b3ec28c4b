/* synthetic.c - sets that need no download: digits drawn from skeletons, 28x28 grey ("synthetic"),
 * 32x32 in colour with the neighbours of a house number at the sides ("synthetic-color"), the grey
 * ones with a label for each pixel ("synthetic-map"), and up to four of any size somewhere in 48x48
 * with a box around each ("synthetic-scenes").
 *
 * Picture i of a split is a function of (seed, split, i) alone, so neither the number of pictures
 * nor that of threads changes it. How it is made: a label and a way of writing it are drawn; the
 * skeleton is scaled, sheared, rotated, moved and bent by two sine waves; its strokes are drawn
 * with a random width; a stray stroke may cross it in ink, another may wipe some of it out; ink and
 * ground get grey values or colours, the ground a gradient; every pixel gets noise.
 *
 * synthetic-map has the pictures of synthetic. A pixel that the digit's strokes cover by half or
 * more, once some are wiped out, has the label 1 + digit; ground and stray strokes have 0.
 *
 * In a scene each digit is drawn in a hand of its own, at a place where its box keeps clear of the
 * others; one that finds no place is left out. A box is (0, x1, y1, x2, y2) with pixel i reaching
 * from i to i + 1, as tight as the pixels half covered by ink; boxes left over are all 0, their
 * label -1. */
#include "data/format.h"

#include "base/team.h"
#include "data/drawing.h"
#include "data/glyphs.h"

#include <math.h>
#include <string.h>

enum { CURVE_STEPS = 4, PICTURES_A_PIECE = 50, TRAIN = 10000, TEST = 2000 };
enum { BOXES = 4, PLACE_TRIES = 20 }; /* of a scene */

/* How hard a set is: every range is drawn from uniformly. Lengths are in pixels. */
typedef struct style {
    int side, channels;
    float half_height[2], aspect[2];
    float rotation, shear, move; /* -x..x; radians, fraction, pixels */
    float bend, half_width[2];
    float stray, wipe; /* probability of a stroke that crosses in ink, that wipes out */
    float contrast[2], gradient, noise;
    bool neighbours;
    const char *purpose[2]; /* of the draws: training, test */
} style;

static const style grey_style = {
    .side = 28,
    .channels = 1,
    .half_height = {7.0f, 10.5f},
    .aspect = {0.85f, 1.35f},
    .rotation = 0.25f,
    .shear = 0.25f,
    .move = 2.8f,
    .bend = 1.0f,
    .half_width = {0.7f, 1.7f},
    .stray = 0.2f,
    .wipe = 0.2f,
    .contrast = {0.6f, 0.95f},
    .gradient = 0.1f,
    .noise = 0.12f,
    .purpose = {"synthetic/train", "synthetic/test"},
};

static const style colour_style = {
    .side = 32,
    .channels = 3,
    .half_height = {8.5f, 12.5f},
    .aspect = {0.8f, 1.3f},
    .rotation = 0.2f,
    .shear = 0.2f,
    .move = 2.5f,
    .bend = 0.7f,
    .half_width = {0.9f, 2.2f},
    .stray = 0.15f,
    .wipe = 0.15f,
    .contrast = {0.2f, 0.6f},
    .gradient = 0.25f,
    .noise = 0.1f,
    .neighbours = true,
    .purpose = {"synthetic/train", "synthetic/test"},
};

/* `move` is not used: a digit of a scene lies anywhere. */
static const style scene_style = {
    .side = 48,
    .channels = 1,
    .half_height = {5.0f, 11.0f},
    .aspect = {0.85f, 1.35f},
    .rotation = 0.25f,
    .shear = 0.25f,
    .bend = 0.7f,
    .half_width = {0.7f, 1.4f},
    .contrast = {0.6f, 0.95f},
    .gradient = 0.1f,
    .noise = 0.12f,
    .purpose = {"scenes/train", "scenes/test"},
};

/* ---- drawing ------------------------------------------------------------------------------- */

/* From skeleton to canvas: an affine map, then a bend. */
typedef struct hand {
    lido_point centre, across, down; /* where the skeleton's unit vectors go */
    float bend, wave_x, wave_y, phase_x, phase_y, half_width;
} hand;

static hand draw_hand(lido_picks *d, const style *s) {
    float height = lido_pick_within(d, s->half_height),
          width = height * lido_pick_within(d, s->aspect);
    float angle = lido_pick(d, -s->rotation, s->rotation),
          shear = lido_pick(d, -s->shear, s->shear);
    float cosine = cosf(angle), sine = sinf(angle), middle = (float)(s->side - 1) / 2;
    hand h;
    h.centre.x = middle + lido_pick(d, -s->move, s->move);
    h.centre.y = middle + lido_pick(d, -s->move, s->move);
    h.across = (lido_point){width * cosine, width * sine};
    h.down = (lido_point){height * (shear * cosine - sine), height * (shear * sine + cosine)};
    h.bend = lido_pick(d, 0, s->bend);
    h.wave_x = lido_pick(d, 0.2f, 0.5f);
    h.wave_y = lido_pick(d, 0.2f, 0.5f);
    h.phase_x = lido_pick(d, 0, 6.2831853f);
    h.phase_y = lido_pick(d, 0, 6.2831853f);
    h.half_width = lido_pick_within(d, s->half_width);
    return h;
}

static lido_point place(const hand *h, float x, float y) {
    lido_point p = {h->centre.x + x * h->across.x + y * h->down.x,
                    h->centre.y + x * h->across.y + y * h->down.y};
    return (lido_point){p.x + h->bend * sinf(h->wave_x * p.y + h->phase_x),
                        p.y + h->bend * sinf(h->wave_y * p.x + h->phase_y)};
}

/* The Catmull-Rom spline through b and c, at t in [0, 1]. */
static float spline(float a, float b, float c, float d, float t) {
    return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/* The point at t of the way from point i of a stroke to the next. A closed stroke (last point =
 * first) goes round smoothly; an open one has its ends doubled. */
static lido_point stroke_point(const lido_stroke *s, const hand *h, int i, float t) {
    const int8_t(*p)[2] = s->point;
    int last = s->count - 1;
    bool closed = p[0][0] == p[last][0] && p[0][1] == p[last][1];
    int before = i > 0 ? i - 1 : closed ? last - 1 : 0;
    int after = i + 2 <= last ? i + 2 : closed ? 1 : last;
    float at[2];
    for (int axis = 0; axis < 2; axis++)
        at[axis] = s->kind == LIDO_STROKE_SMOOTH
                       ? spline(p[before][axis], p[i][axis], p[i + 1][axis], p[after][axis], t)
                       : (float)p[i][axis] + t * (float)(p[i + 1][axis] - p[i][axis]);
    return place(h, at[0] / 100, at[1] / 100);
}

static void draw_digit(lido_canvas *c, const hand *h, const lido_glyph *glyph) {
    for (int k = 0; k < LIDO_GLYPH_STROKES && glyph->stroke[k].kind != LIDO_STROKE_NONE; k++) {
        const lido_stroke *s = &glyph->stroke[k];
        lido_point from = stroke_point(s, h, 0, 0);
        for (int i = 0; i + 1 < s->count; i++)
            for (int step = 1; step <= CURVE_STEPS; step++) {
                lido_point to = stroke_point(s, h, i, (float)step / CURVE_STEPS);
                lido_canvas_line(c, from, to, h->half_width, LIDO_PEN_INK);
                from = to;
            }
    }
}

static const lido_glyph *draw_glyph(lido_picks *d, int digit) {
    return &lido_digits[digit].glyph[lido_pick_below(d, lido_digits[digit].variants)];
}

/* Digits to the left and right, in the same hand, mostly cut off by the edges. */
static void draw_neighbours(lido_canvas *c, lido_picks *d, const hand *h) {
    for (int side = -1; side <= 1; side += 2) {
        hand beside = *h;
        float gap = (float)side * lido_pick(d, 1.15f, 1.5f);
        beside.centre.x += gap * h->across.x + lido_pick(d, -1, 1);
        beside.centre.y += gap * h->across.y + lido_pick(d, -1, 1);
        const lido_glyph *glyph = draw_glyph(d, lido_pick_below(d, 10));
        if (lido_pick(d, 0, 1) < 0.8f) draw_digit(c, &beside, glyph);
    }
}

/* A stroke across the middle part, in a random direction. */
static void draw_stray(lido_canvas *c, lido_picks *d, float half_width, lido_pen with) {
    float side = (float)c->side;
    lido_point at = {lido_pick(d, 0.2f, 0.8f) * side, lido_pick(d, 0.2f, 0.8f) * side};
    float angle = lido_pick(d, 0, 3.1415927f), length = lido_pick(d, 0.1f, 0.35f) * side;
    lido_point half = {length * cosf(angle), length * sinf(angle)};
    lido_canvas_line(c, (lido_point){at.x - half.x, at.y - half.y},
                     (lido_point){at.x + half.x, at.y + half.y}, half_width, with);
}

/* ---- painting ------------------------------------------------------------------------------ */

/* Ground and ink of a channel, and the gradient over both. */
typedef struct paint {
    float ground, ink, slope_x, slope_y;
} paint;

/* Grey: light ink on a dark ground. Colour: any ground, and ink that differs from it in brightness
 * by the contrast, upwards or downwards, and a little in each channel. */
static void draw_paint(lido_picks *d, const style *s, paint *paints) {
    float contrast = lido_pick_within(d, s->contrast);
    float angle = lido_pick(d, 0, 6.2831853f),
          gradient = lido_pick(d, 0, s->gradient) / (float)s->side;
    bool colour = s->channels > 1;
    float sign = colour && lido_pick_below(d, 2) ? -1 : 1;
    for (int c = 0; c < s->channels; c++) {
        float tint = colour ? lido_pick(d, -0.15f, 0.15f) : 0;
        float room = 1 - contrast, low = lido_pick(d, 0, colour ? room : 0.3f * room);
        paints[c].ground = sign > 0 ? low : 1 - low;
        paints[c].ink = paints[c].ground + sign * contrast + tint;
        paints[c].slope_x = gradient * cosf(angle);
        paints[c].slope_y = gradient * sinf(angle);
    }
}

static void paint_picture(const lido_canvas *c, lido_picks *d, const style *s, uint8_t *pixels) {
    paint paints[3];
    draw_paint(d, s, paints);
    float noise = lido_pick(d, 0.3f * s->noise, s->noise) * 2;
    float middle = (float)(s->side - 1) / 2;
    for (int y = 0; y < s->side; y++)
        for (int x = 0; x < s->side; x++)
            for (int k = 0; k < s->channels; k++) {
                const paint *p = &paints[k];
                float slope = ((float)x - middle) * p->slope_x + ((float)y - middle) * p->slope_y;
                float value = p->ground + slope + c->ink[y * s->side + x] * (p->ink - p->ground) +
                              noise * lido_pick_noise(d);
                *pixels++ = (uint8_t)(fminf(fmaxf(value, 0), 1) * 255 + 0.5f);
            }
}

static void make_map(const lido_canvas *c, int digit, int32_t *map) {
    for (int i = 0; i < c->side * c->side; i++) map[i] = c->ink[i] >= 0.5f ? 1 + digit : 0;
}

/* Returns the digit; map is NULL where there is none. */
static int32_t make_picture(const style *s, lido_key key, int64_t index, uint8_t *pixels,
                            int32_t *map) {
    lido_picks d = {.key = key, .picture = (uint64_t)index};
    lido_canvas c = {.side = s->side};
    int digit = lido_pick_below(&d, 10);
    const lido_glyph *glyph = draw_glyph(&d, digit);
    hand h = draw_hand(&d, s);
    if (s->neighbours) draw_neighbours(&c, &d, &h);
    draw_digit(&c, &h, glyph);
    if (lido_pick(&d, 0, 1) < s->wipe) draw_stray(&c, &d, 0.8f, LIDO_PEN_ERASER);
    if (map) make_map(&c, digit, map);
    if (lido_pick(&d, 0, 1) < s->stray) draw_stray(&c, &d, 0.7f * h.half_width, LIDO_PEN_INK);
    paint_picture(&c, &d, s, pixels);
    return digit;
}

/* ---- scenes -------------------------------------------------------------------------------- */

/* Pixels half covered by ink lie in left <= x < right, top <= y < bottom. */
typedef struct extent {
    int left, top, right, bottom;
} extent;

static extent ink_extent(const lido_canvas *c) {
    extent e = {c->side, c->side, 0, 0};
    for (int y = 0; y < c->side; y++)
        for (int x = 0; x < c->side; x++) {
            if (c->ink[y * c->side + x] < 0.5f) continue;
            if (x < e.left) e.left = x;
            if (y < e.top) e.top = y;
            if (x >= e.right) e.right = x + 1;
            e.bottom = y + 1;
        }
    return e;
}

static bool overlap(const extent *a, const extent *b) {
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static bool is_clear(const extent *e, const extent *others, int count) {
    bool clear = e->left < e->right;
    for (int i = 0; i < count; i++) clear &= !overlap(e, &others[i]);
    return clear;
}

/* Draws the digit in a hand of its own, anywhere, into an empty canvas. */
static void draw_anywhere(lido_canvas *c, lido_picks *d, const style *s, const lido_glyph *glyph) {
    hand h = draw_hand(d, s);
    float reach = fabsf(h.down.x) + fabsf(h.across.x) / 2 + h.half_width + h.bend;
    float drop = fabsf(h.down.y) + fabsf(h.across.y) / 2 + h.half_width + h.bend;
    float last = (float)(s->side - 1);
    h.centre = (lido_point){lido_pick(d, reach, last - reach), lido_pick(d, drop, last - drop)};
    *c = (lido_canvas){.side = s->side};
    draw_digit(c, &h, glyph);
}

/* Adds a digit to the canvas where there is room for it; false when none was found. */
static bool add_digit(lido_canvas *c, lido_picks *d, const style *s, int digit, extent *boxes,
                      int count) {
    const lido_glyph *glyph = draw_glyph(d, digit);
    for (int i = 0; i < PLACE_TRIES; i++) {
        lido_canvas alone;
        draw_anywhere(&alone, d, s, glyph);
        boxes[count] = ink_extent(&alone);
        if (!is_clear(&boxes[count], boxes, count)) continue;
        for (int p = 0; p < s->side * s->side; p++) c->ink[p] = fmaxf(c->ink[p], alone.ink[p]);
        return true;
    }
    return false;
}

static void make_scene(const style *s, lido_key key, int64_t index, uint8_t *pixels, float *boxes,
                       int32_t *labels) {
    lido_picks d = {.key = key, .picture = (uint64_t)index};
    lido_canvas c = {.side = s->side};
    extent found[BOXES];
    int digits = 1 + lido_pick_below(&d, BOXES), count = 0;
    for (int i = 0; i < BOXES; i++) labels[i] = -1;
    memset(boxes, 0, BOXES * LIDO_BOX_NUMBERS * sizeof *boxes);
    for (int i = 0; i < digits; i++) {
        int digit = lido_pick_below(&d, 10);
        if (!add_digit(&c, &d, s, digit, found, count)) continue;
        const extent *e = &found[count];
        float box[LIDO_BOX_NUMBERS] = {0, (float)e->left, (float)e->top, (float)e->right,
                                       (float)e->bottom};
        memcpy(boxes + count * LIDO_BOX_NUMBERS, box, sizeof box);
        labels[count++] = digit;
    }
    paint_picture(&c, &d, s, pixels);
}

/* ---- the sets ------------------------------------------------------------------------------ */

typedef struct job {
    const style *style;
    lido_key key;
    lido_dataset *set;
} job;

static void make_one(const job *j, int64_t i) {
    lido_dataset *set = j->set;
    uint8_t *pixels = set->pixels + i * lido_shape_size(&set->shape);
    int32_t *labels = set->labels + i * set->labels_each;
    if (set->boxes)
        make_scene(j->style, j->key, i, pixels, set->boxes + i * BOXES * LIDO_BOX_NUMBERS, labels);
    else if (set->labels_each > 1)
        make_picture(j->style, j->key, i, pixels, labels);
    else
        *labels = make_picture(j->style, j->key, i, pixels, NULL);
}

static void make_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    int64_t first = index * PICTURES_A_PIECE;
    for (int64_t i = first; i < first + PICTURES_A_PIECE && i < j->set->count; i++) make_one(j, i);
}

/* What is known of a picture. */
typedef enum knowledge { A_CLASS, A_MAP, THE_BOXES } knowledge;

static lido_status new_set(const style *s, knowledge of, const lido_load_request *request,
                           lido_dataset **set, lido_error *error) {
    lido_shape shape;
    int64_t count = request->split == LIDO_TRAIN ? TRAIN : TEST;
    int64_t labels[] = {[A_CLASS] = 1, [A_MAP] = s->side * s->side, [THE_BOXES] = BOXES};
    if (request->limit < count) count = request->limit;
    lido_status status =
        lido_shape_make((int64_t[]){s->side, s->side, s->channels}, 3, &shape, error);
    if (!status)
        status = lido_dataset_new(request->name, &shape, count, of == A_MAP ? 11 : 10, labels[of],
                                  set, error);
    if (!status && of == THE_BOXES) status = lido_dataset_add_boxes(*set, error);
    return status;
}

static lido_status load(const style *s, knowledge of, const lido_load_request *request,
                        lido_dataset **set, lido_error *error) {
    lido_status status = new_set(s, of, request, set, error);
    if (status) {
        lido_dataset_free(*set);
        *set = NULL;
        return status;
    }
    const char *purpose = s->purpose[request->split == LIDO_TEST];
    job j = {s, lido_key_make(request->seed, purpose, (uint64_t)s->channels), *set};
    int64_t pieces = ((*set)->count + PICTURES_A_PIECE - 1) / PICTURES_A_PIECE;
    lido_team_run(request->team, pieces, make_piece, &j);
    return LIDO_OK;
}

static lido_status load_grey(const lido_load_request *request, lido_dataset **set,
                             lido_error *error) {
    return load(&grey_style, A_CLASS, request, set, error);
}

static lido_status load_colour(const lido_load_request *request, lido_dataset **set,
                               lido_error *error) {
    return load(&colour_style, A_CLASS, request, set, error);
}

static lido_status load_map(const lido_load_request *request, lido_dataset **set,
                            lido_error *error) {
    return load(&grey_style, A_MAP, request, set, error);
}

static lido_status load_scenes(const lido_load_request *request, lido_dataset **set,
                               lido_error *error) {
    return load(&scene_style, THE_BOXES, request, set, error);
}

const lido_format lido_format_synthetic = {
    .name = "synthetic",
    .doc = "drawn digits, grey",
    .load = load_grey,
};

const lido_format lido_format_synthetic_color = {
    .name = "synthetic-color",
    .doc = "drawn house numbers, colour",
    .load = load_colour,
};

const lido_format lido_format_synthetic_map = {
    .name = "synthetic-map",
    .doc = "drawn digits, grey, a label for each pixel",
    .load = load_map,
};

const lido_format lido_format_synthetic_scenes = {
    .name = "synthetic-scenes",
    .doc = "several drawn digits in a picture, grey, with boxes",
    .load = load_scenes,
};
