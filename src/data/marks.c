/* marks.c - two sets that need no download, drawn with the same short marks, 28x28 grey: one in
 * which only their proportions tell the class ("synthetic-texture"), one in which only what some of
 * them make up does ("synthetic-shape").
 *
 * synthetic-texture: marks lie anywhere and cross. There are five directions, 36 degrees apart, and
 * two densities; class = 2 * direction + density. Three marks of ten have the class's direction,
 * the others any: every direction is there in every picture, one of them more often.
 *
 * synthetic-shape: six figures (triangle, square, cross, plus, T, Z), each of straight strokes as
 * wide as the marks, somewhere among marks of all directions, fewer than in a texture.
 *
 * Picture i of a split is a function of (seed, split, i) alone. */
#include "data/format.h"

#include "base/team.h"
#include "data/drawing.h"

#include <math.h>

enum { SIDE = 28, TRAIN = 10000, TEST = 2000, PICTURES_A_PIECE = 50 };
enum { DIRECTIONS = 5, FIGURES = 6, MOST_STROKES = 4 };

static const float pi = 3.1415927f;
static const float half_width[2] = {0.4f, 0.8f}, mark_length[2] = {4, 7};
static const float texture_marks[2][2] = {{12, 17}, {22, 29}}; /* by density */
static const float shape_marks[2][2] = {{3, 6}, {6, 10}};

typedef struct figure {
    int strokes;
    float stroke[MOST_STROKES][4]; /* x1, y1, x2, y2 in -1..1 */
} figure;

static const figure figures[FIGURES] = {
    {3, {{0, -1, 1, 0.8f}, {1, 0.8f, -1, 0.8f}, {-1, 0.8f, 0, -1}}},
    {4,
     {{-0.9f, -0.9f, 0.9f, -0.9f},
      {0.9f, -0.9f, 0.9f, 0.9f},
      {0.9f, 0.9f, -0.9f, 0.9f},
      {-0.9f, 0.9f, -0.9f, -0.9f}}},
    {2, {{-0.9f, -0.9f, 0.9f, 0.9f}, {0.9f, -0.9f, -0.9f, 0.9f}}},
    {2, {{0, -1, 0, 1}, {-1, 0, 1, 0}}},
    {2, {{-1, -0.9f, 1, -0.9f}, {0, -0.9f, 0, 1}}},
    {3, {{-0.9f, -0.9f, 0.9f, -0.9f}, {0.9f, -0.9f, -0.9f, 0.9f}, {-0.9f, 0.9f, 0.9f, 0.9f}}},
};

/* A mark anywhere, its angle a little off. */
static void draw_mark(lido_canvas *c, lido_picks *d, float angle, float width) {
    float half = lido_pick_within(d, mark_length) / 2, turned = angle + lido_pick(d, -0.1f, 0.1f);
    lido_point at = {lido_pick(d, 0, SIDE - 1), lido_pick(d, 0, SIDE - 1)};
    lido_point reach = {half * cosf(turned), half * sinf(turned)};
    lido_canvas_line(c, (lido_point){at.x - reach.x, at.y - reach.y},
                     (lido_point){at.x + reach.x, at.y + reach.y}, width, LIDO_PEN_INK);
}

/* `share` of the marks point in the direction, the others in any. */
static void draw_marks(lido_canvas *c, lido_picks *d, const float number[2], int direction,
                       float share, float width) {
    int count = (int)lido_pick_within(d, number);
    for (int i = 0; i < count; i++) {
        bool of_class = lido_pick(d, 0, 1) < share;
        int any = lido_pick_below(d, DIRECTIONS);
        draw_mark(c, d, (float)(of_class ? direction : any) * pi / DIRECTIONS, width);
    }
}

/* Turned by up to 0.3 radians, wholly inside the picture. */
static void draw_figure(lido_canvas *c, lido_picks *d, const figure *f, float width) {
    float size = lido_pick(d, 4.5f, 6.5f), angle = lido_pick(d, -0.3f, 0.3f);
    float cosine = size * cosf(angle), sine = size * sinf(angle), reach = 1.4142136f * size;
    float x = lido_pick(d, reach, SIDE - 1 - reach), y = lido_pick(d, reach, SIDE - 1 - reach);
    for (int i = 0; i < f->strokes; i++) {
        const float *s = f->stroke[i];
        lido_canvas_line(
            c, (lido_point){x + cosine * s[0] - sine * s[1], y + sine * s[0] + cosine * s[1]},
            (lido_point){x + cosine * s[2] - sine * s[3], y + sine * s[2] + cosine * s[3]}, width,
            LIDO_PEN_INK);
    }
}

/* Each returns the class. */
static int32_t draw_texture(lido_canvas *c, lido_picks *d, float width) {
    int direction = lido_pick_below(d, DIRECTIONS), density = lido_pick_below(d, 2);
    draw_marks(c, d, texture_marks[density], direction, 0.3f, width);
    return 2 * direction + density;
}

static int32_t draw_shape(lido_canvas *c, lido_picks *d, float width) {
    int which = lido_pick_below(d, FIGURES);
    draw_marks(c, d, shape_marks[lido_pick_below(d, 2)], 0, 0, width);
    draw_figure(c, d, &figures[which], width);
    return which;
}

typedef struct kind {
    int classes;
    int32_t (*draw)(lido_canvas *c, lido_picks *d, float width);
    const char *purpose[2]; /* of the draws: training, test */
} kind;

static const kind texture = {2 * DIRECTIONS, draw_texture, {"texture/train", "texture/test"}};
static const kind shape = {FIGURES, draw_shape, {"shape/train", "shape/test"}};

/* Light ink on a dark ground, and noise. */
static void paint(const lido_canvas *c, lido_picks *d, uint8_t *pixels) {
    float ground = lido_pick(d, 0, 0.2f), contrast = lido_pick(d, 0.5f, 0.8f);
    for (int i = 0; i < SIDE * SIDE; i++) {
        float value = ground + contrast * c->ink[i] + 0.1f * lido_pick_noise(d);
        pixels[i] = (uint8_t)(fminf(fmaxf(value, 0), 1) * 255 + 0.5f);
    }
}

typedef struct job {
    const kind *kind;
    lido_key key;
    lido_dataset *set;
} job;

static void make_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    int64_t first = index * PICTURES_A_PIECE;
    for (int64_t i = first; i < first + PICTURES_A_PIECE && i < j->set->count; i++) {
        lido_picks d = {.key = j->key, .picture = (uint64_t)i};
        lido_canvas c = {.side = SIDE};
        j->set->labels[i] = j->kind->draw(&c, &d, lido_pick_within(&d, half_width));
        paint(&c, &d, j->set->pixels + i * SIDE * SIDE);
    }
}

static lido_status load(const kind *k, const lido_load_request *request, lido_dataset **set,
                        lido_error *error) {
    lido_shape pixels;
    int64_t count = request->split == LIDO_TRAIN ? TRAIN : TEST;
    if (request->limit < count) count = request->limit;
    lido_status status = lido_shape_make((int64_t[]){SIDE, SIDE, 1}, 3, &pixels, error);
    if (!status)
        status = lido_dataset_new(request->name, &pixels, count, k->classes, 1, set, error);
    if (status) return status;
    const char *purpose = k->purpose[request->split == LIDO_TEST];
    job j = {k, lido_key_make(request->seed, purpose, 0), *set};
    lido_team_run(request->team, (count + PICTURES_A_PIECE - 1) / PICTURES_A_PIECE, make_piece, &j);
    return LIDO_OK;
}

static lido_status load_texture(const lido_load_request *request, lido_dataset **set,
                                lido_error *error) {
    return load(&texture, request, set, error);
}

static lido_status load_shape(const lido_load_request *request, lido_dataset **set,
                              lido_error *error) {
    return load(&shape, request, set, error);
}

const lido_format lido_format_synthetic_texture = {
    .name = "synthetic-texture",
    .doc = "drawn marks whose proportions are the class, grey",
    .load = load_texture,
};

const lido_format lido_format_synthetic_shape = {
    .name = "synthetic-shape",
    .doc = "a drawn figure among marks, grey",
    .load = load_shape,
};
