/* test_pool_properties.c - what holds for every reducer on every grid it works on, whatever it
 * computes: the number of axes, channels beside it, windows of one cell, NaN and infinities, maps
 * that are large. */
#include "layers/pool_reducers.h"

#include <math.h>

#ifdef LIDO_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 1e-6;
#endif

static const lido_way training = {0}, evaluation = {.evaluation = true};

/* ---- reducers and grids -------------------------------------------------------------------- */

static bool is_among(const char *type, const char *const *names) {
    for (; *names; names++)
        if (strcmp(type, *names) == 0) return true;
    return false;
}

/* The grids of a map of 8x12. None has explicit padding, which an average counts. */
static const char *const grids[] = {
    "\"kernel\": 2",
    "\"kernel\": 3, \"stride\": 2, \"padding\": \"same\"",
    "\"kernel\": [3, 2], \"stride\": [1, 3], \"dilation\": [2, 3], \"ceil\": true",
    "\"kernel\": 2, \"stride\": 3, \"ceil\": true",
    "\"kernel\": 3, \"stride\": 1",
    "\"kernel\": 2, \"stride\": 1, \"padding\": \"same\"",
    "\"global\": true",
    "\"output_size\": [3, 5]",
    "\"output_size\": [11, 4]",
    "\"levels\": [1, 2, 3]",
    "\"fractional\": {\"kernel\": 2, \"ratio\": 0.7}",
    "\"fractional\": {\"ratio\": 0.6, \"overlap\": false}",
    "\"fractional\": {\"output_size\": [5, 7], \"mode\": \"random\"}",
    "\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}",
};
enum { GRIDS = sizeof grids / sizeof *grids };

/* So many channels that full windows of 2x2 and 3x3 are taken a run at a time. */
enum { SLIDING = 16 };

/* ---- comparing ----------------------------------------------------------------------------- */

static void assert_near(const char *type, const char *grid, const char *what, int64_t i, double got,
                        double wanted, double scale) {
    if (got == wanted || (isnan(got) && isnan(wanted))) return;
    if (fabs(got - wanted) <= tolerance * scale) return;
    ck_abort_msg("%s, %s: %s[%lld] is %.12g, not %.12g", type, grid, what, (long long)i, got,
                 wanted);
}

static double scale_of(const lido_buffer *buffer) {
    double most = 1;
    for (int64_t i = 0; i < lido_count(buffer); i++)
        most = fmax(most, fabs((double)lido_reals(buffer)[i]));
    return most;
}

static void fill_all(const lido_buffer *buffer, double value) {
    for (int64_t i = 0; i < lido_count(buffer); i++) lido_start(buffer)[i] = (lido_real)value;
}

/* ---- 1-D = 2-D = 3-D ----------------------------------------------------------------------- */

/* A grid along one axis, and the same of two and three. */
static const struct {
    const char *of[3];
} strips[] = {
    {{"\"kernel\": 3, \"stride\": 2, \"padding\": [[1, 0]]",
      "\"kernel\": [1, 3], \"stride\": [1, 2], \"padding\": [[0, 0], [1, 0]]",
      "\"kernel\": [1, 1, 3], \"stride\": [1, 1, 2], \"padding\": [[0, 0], [0, 0], [1, 0]]"}},
    {{"\"kernel\": 2, \"stride\": 3, \"dilation\": 2, \"ceil\": true",
      "\"kernel\": [1, 2], \"stride\": [1, 3], \"dilation\": [1, 2], \"ceil\": true",
      "\"kernel\": [1, 1, 2], \"stride\": [1, 1, 3], \"dilation\": [1, 1, 2], \"ceil\": true"}},
    {{"\"kernel\": 4, \"stride\": 1, \"padding\": \"same\"",
      "\"kernel\": [1, 4], \"stride\": 1, \"padding\": \"same\"",
      "\"kernel\": [1, 1, 4], \"stride\": 1, \"padding\": \"same\""}},
    {{"\"global\": true", "\"global\": true", "\"global\": true"}},
    {{"\"output_size\": 5", "\"output_size\": [1, 5]", "\"output_size\": [1, null, 5]"}},
    {{"\"output_size\": 17", "\"output_size\": [1, 17]", "\"output_size\": [1, 1, 17]"}},
    {{"\"levels\": [1]", "\"levels\": [1]", "\"levels\": [1]"}},
    {{"\"fractional\": {\"kernel\": 3, \"output_size\": 7}",
      "\"fractional\": {\"kernel\": [1, 3], \"output_size\": [1, 7]}",
      "\"fractional\": {\"kernel\": [1, 1, 3], \"output_size\": [1, 1, 7]}"}},
    {{"\"fractional\": {\"output_size\": 5, \"overlap\": false, \"mode\": \"random\"}",
      "\"fractional\": {\"output_size\": [1, 5], \"overlap\": false, \"mode\": \"random\"}",
      "\"fractional\": {\"output_size\": [1, 1, 5], \"overlap\": false, \"mode\": \"random\"}"}},
    {{"\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}",
      "\"stochastic_grid\": {\"cell\": [1, 4], \"keep\": [1, 2]}",
      "\"stochastic_grid\": {\"cell\": [1, 1, 4], \"keep\": [1, 1, 2]}"}},
};
enum { STRIPS = sizeof strips / sizeof *strips };

/* Random numbers for a rig of more axes: those of the axes it has more come first, then what the
 * line's sample takes. */
static float *lengthen(const lido_rig *line, const float *draws, const lido_rig *more) {
    const int64_t has = line->needs.draws, wants = more->needs.draws, extra = wants - has;
    float *row = malloc((size_t)(more->batch * wants + 1) * sizeof *row);
    ck_assert(row && extra >= 0);
    for (int64_t n = 0; n < more->batch; n++)
        for (int64_t i = 0; i < wants; i++)
            row[n * wants + i] = i < extra ? 0.5f : draws[n * has + i - extra];
    return row;
}

static void assert_same_bits(const char *type, const char *grid, const char *what,
                             const lido_buffer *a, const lido_buffer *b) {
    ck_assert_msg(a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0,
                  "%s, %s: another %s than on one axis", type, grid, what);
}

static void compare_strips(const char *type, int s, const lido_rig *line, int axes) {
    static const char *const shapes[] = {"[12,3]", "[1,12,3]", "[1,1,12,3]"};
    const char *grid = strips[s].of[axes - 1];
    lido_rig more, one = *line;
    ck_assert_msg(open_on(type, grid, shapes[axes - 1], 2, &more), "%s, %s: %s", type, grid,
                  error.message);
    float *draws = lido_rig_draws(&one), *longer = lengthen(&one, draws, &more);
    for (int e = 0; e < 2; e++) {
        one.draws = draws;
        more.draws = longer;
        lido_rig_run(&one, &(lido_way){.evaluation = e});
        lido_rig_run(&more, &(lido_way){.evaluation = e});
        assert_same_bits(type, grid, "y", &one.y, &more.y);
        if (!e) assert_same_bits(type, grid, "dx", &one.dx[0], &more.dx[0]);
        for (int i = 0; !e && i < one.needs.params; i++)
            assert_same_bits(type, grid, one.needs.param[i].name, &one.dw[i], &more.dw[i]);
    }
    free(draws);
    free(longer);
    lido_rig_free(&more);
}

static void check_axes(const char *type) {
    for (int s = 0; s < STRIPS; s++) {
        lido_rig line, more;
        if (!open_on(type, strips[s].of[0], "[12,3]", 2, &line)) {
            ck_assert(!open_on(type, strips[s].of[1], "[1,12,3]", 2, &more));
            ck_assert(!open_on(type, strips[s].of[2], "[1,1,12,3]", 2, &more));
            continue;
        }
        compare_strips(type, s, &line, 2);
        compare_strips(type, s, &line, 3);
        lido_rig_free(&line);
    }
}

START_TEST(a_strip_is_a_line) {
    each_reducer(check_axes);
}
END_TEST

/* ---- channels ------------------------------------------------------------------------------ */

/* The numbers of one channel in each of many. */
static void spread(const lido_buffer *one, int64_t channels, const lido_buffer *many) {
    for (int64_t i = 0; i < lido_count(many); i++)
        lido_start(many)[i] = lido_start(one)[i / channels];
}

static void compare_channels(const char *type, const char *grid, const char *what, int64_t channels,
                             const lido_buffer *one, const lido_buffer *many) {
    const double scale = scale_of(one);
    for (int64_t i = 0; i < lido_count(many); i++)
        assert_near(type, grid, what, i, (double)lido_reals(many)[i],
                    (double)lido_reals(one)[i / channels], scale);
}

/* In training only where no channel has random numbers of its own. */
static void check_channels(const char *type, const char *grid, int64_t channels) {
    lido_rig one, many;
    char shape[32];
    snprintf(shape, sizeof shape, "[8,12,%d]", (int)channels);
    if (!open_on(type, grid, "[8,12,1]", 2, &one)) return;
    ck_assert(open_on(type, grid, shape, 2, &many));
    spread(&one.x[0], channels, &many.x[0]);
    spread(&one.dy, channels, &many.dy);
    for (int e = one.needs.draws != many.needs.draws; e < 2; e++) {
        lido_rig_run(&one, &(lido_way){.evaluation = e});
        lido_rig_run(&many, &(lido_way){.evaluation = e});
        compare_channels(type, grid, "y", channels, &one.y, &many.y);
        if (!e) compare_channels(type, grid, "dx", channels, &one.dx[0], &many.dx[0]);
    }
    lido_rig_free(&one);
    lido_rig_free(&many);
}

static const char *const mixes_channels[] = {"dgm_pool", NULL};

static void check_each_channel(const char *type) {
    static const int64_t channels[] = {2, 3, 6, 7, 16, 33};
    if (is_among(type, mixes_channels)) return;
    for (int g = 0; g < GRIDS; g++)
        for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
            check_channels(type, grids[g], channels[i]);
}

START_TEST(channels_beside_it_do_not_matter) {
    each_reducer(check_each_channel);
}
END_TEST

/* ---- windows of one cell ------------------------------------------------------------------- */

/* Twice as many windows as cells along each axis: each holds one cell, each cell lies in four. */
static void check_one_cell(const char *type) {
    lido_rig rig;
    if (!open_on(type, "\"output_size\": [6, 8]", "[3,4,2]", 1, &rig)) return;
    double cell[3 * 4 * 2] = {0};
    lido_rig_run(&rig, &training);
    for (int64_t i = 0; i < lido_count(&rig.y); i++) {
        int64_t at = (i / 16 / 2 * 4 + i / 2 % 8 / 2) * 2 + i % 2;
        assert_near(type, "O = 2 L", "y", i, (double)lido_reals(&rig.y)[i],
                    (double)lido_reals(&rig.x[0])[at], 1);
        cell[at] += (double)lido_reals(&rig.dy)[i];
    }
    for (int64_t i = 0; i < lido_count(&rig.dx[0]); i++)
        assert_near(type, "O = 2 L", "dx", i, (double)lido_reals(&rig.dx[0])[i], cell[i], 4);
    lido_rig_run(&rig, &evaluation);
    for (int64_t i = 0; i < lido_count(&rig.y); i++)
        assert_near(type, "O = 2 L", "evaluated y", i, (double)lido_reals(&rig.y)[i],
                    (double)lido_reals(&rig.x[0])[(i / 16 / 2 * 4 + i / 2 % 8 / 2) * 2 + i % 2], 1);
    lido_rig_free(&rig);
}

START_TEST(one_cell_is_its_own_summary) {
    each_reducer(check_one_cell);
}
END_TEST

/* ---- sum(dx) = sum(dy) --------------------------------------------------------------------- */

/* Those that follow when a number is added to the whole map. */
static const char *const shifted[] = {
    "max_pool",          "min_pool", "avg_pool",  "median_pool", "mixed_pool",
    "mixed_choice_pool", "lse_pool", "soft_pool", "lip_pool",    NULL};

static double sum_of(const lido_buffer *buffer) {
    double sum = 0;
    for (int64_t i = 0; i < lido_count(buffer); i++) sum += (double)lido_reals(buffer)[i];
    return sum;
}

static void check_sums(const char *type) {
    if (!is_among(type, shifted)) return;
    for (int g = 0; g < GRIDS; g++) {
        lido_rig rig;
        ck_assert(open_on(type, grids[g], "[8,12,3]", 2, &rig));
        for (int64_t i = 0; i < lido_count(&rig.x[0]); i++) /* ties, and zeros as after relu */
            lido_start(&rig.x[0])[i] =
                (lido_real)fmax(0, floor(8 * (double)lido_start(&rig.x[0])[i]) - 3);
        lido_rig_run(&rig, &training);
        assert_near(type, grids[g], "sum(dx)", 0, sum_of(&rig.dx[0]), sum_of(&rig.dy),
                    (double)lido_count(&rig.dy));
        lido_rig_free(&rig);
    }
}

START_TEST(gradients_are_passed_on_whole) {
    each_reducer(check_sums);
}
END_TEST

/* ---- NaN and infinities -------------------------------------------------------------------- */

/* One NaN comes out of the windows that hold it and of no other. Which do is asked of the average.
 */
static void check_one_nan(const char *type, const char *grid, int64_t channels,
                          bool is_evaluation) {
    const int64_t cell = (3 * 12 + 4) * channels + 1; /* (3, 4), channel 1 of the first sample */
    const lido_way way = {.evaluation = is_evaluation};
    lido_rig clean, rig, average;
    char shape[32];
    snprintf(shape, sizeof shape, "[8,12,%d]", (int)channels);
    if (!open_on(type, grid, shape, 2, &rig)) return;
    ck_assert(open_on(type, grid, shape, 2, &clean));
    ck_assert(open_on("avg_pool", grid, shape, 2, &average));
    float *draws = lido_rig_draws(&rig),
          *first = malloc(2 * (size_t)(average.needs.draws + 1) * sizeof *first);
    ck_assert_ptr_nonnull(first);
    for (int64_t i = 0; i < 2 * average.needs.draws; i++)
        first[i] = draws[i / average.needs.draws * rig.needs.draws + i % average.needs.draws];
    average.draws = first;
    lido_start(&rig.x[0])[cell] = lido_start(&average.x[0])[cell] = (lido_real)NAN;
    lido_rig_run(&rig, &way);
    lido_rig_run(&clean, &way);
    lido_rig_run(&average, &way);
    for (int64_t i = 0; i < lido_count(&rig.y); i++) {
        bool holds = isnan(lido_reals(&average.y)[i]);
        double wanted = holds ? NAN : (double)lido_reals(&clean.y)[i];
        assert_near(type, grid, is_evaluation ? "evaluated y" : "y", i,
                    (double)lido_reals(&rig.y)[i], wanted, 0);
    }
    free(draws);
    free(first);
    lido_rig_free(&rig);
    lido_rig_free(&clean);
    lido_rig_free(&average);
}

static void check_nans(const char *type) {
    for (int g = 0; g < GRIDS && !is_among(type, mixes_channels); g++) {
        check_one_nan(type, grids[g], 2, false);
        check_one_nan(type, grids[g], 2, true);
        check_one_nan(type, grids[g], SLIDING, false);
        check_one_nan(type, grids[g], SLIDING, true);
    }
}

START_TEST(a_nan_comes_out_of_its_windows) {
    each_reducer(check_nans);
}
END_TEST

/* What a map of one value comes to. */
static void check_constant_on(const char *type, const char *grid, const char *shape, double value,
                              double wanted) {
    lido_rig rig;
    if (!open_on(type, grid, shape, 1, &rig)) return;
    fill_all(&rig.x[0], value);
    for (int e = 0; e < 2; e++) {
        lido_rig_run(&rig, &(lido_way){.evaluation = e});
        for (int64_t i = 0; i < lido_count(&rig.y); i++)
            assert_near(type, grid, e ? "evaluated y" : "y", i, (double)lido_reals(&rig.y)[i],
                        wanted, fabs(wanted));
    }
    lido_rig_free(&rig);
}

static void check_constant(const char *type, const char *grid, double value, double wanted) {
    check_constant_on(type, grid, "[8,12,3]", value, wanted);
    check_constant_on(type, grid, "[8,12,16]", value, wanted);
}

static void check_all_nan(const char *type) {
    for (int g = 0; g < GRIDS; g++) check_constant(type, grids[g], NAN, NAN);
}

START_TEST(nothing_but_nan) {
    each_reducer(check_all_nan);
}
END_TEST

/* stochastic_pool takes no negative numbers; in dgm_pool, and under the signed weights of gated and
 * tree pooling, infinities meet their opposites. */
START_TEST(nothing_but_minus_infinity) {
    static const struct {
        const char *type;
        double wanted;
    } of[] = {
        {"max_pool", -INFINITY}, {"min_pool", -INFINITY},    {"avg_pool", -INFINITY},
        {"sum_pool", -INFINITY}, {"median_pool", -INFINITY}, {"mixed_pool", -INFINITY},
        {"lse_pool", -INFINITY}, {"soft_pool", -INFINITY},   {"lip_pool", -INFINITY},
        {"lp_pool", INFINITY},   {"gem_pool", 1e-6},         {"mixed_choice_pool", -INFINITY}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        for (int g = 0; g < GRIDS; g++)
            check_constant(of[i].type, grids[g], -INFINITY, of[i].wanted);
}
END_TEST

/* ---- numbers of any size ------------------------------------------------------------------- */

/* Those that grow with the map in proportion. */
static const char *const proportional[] = {
    "max_pool",   "min_pool",          "avg_pool", "sum_pool",        "median_pool",
    "mixed_pool", "mixed_choice_pool", "lp_pool",  "stochastic_pool", NULL};

/* The map times 2^power: y grows as much, dx not at all. */
static void check_size(const char *type, const char *grid, const char *shape, int power) {
    lido_rig rig, larger;
    ck_assert(open_on(type, grid, shape, 2, &rig));
    ck_assert(open_on(type, grid, shape, 2, &larger));
    for (int64_t i = 0; i < lido_count(&rig.x[0]); i++)
        lido_start(&larger.x[0])[i] = (lido_real)ldexp((double)lido_start(&rig.x[0])[i], power);
    for (int e = 0; e < 2; e++) {
        lido_rig_run(&rig, &(lido_way){.evaluation = e});
        lido_rig_run(&larger, &(lido_way){.evaluation = e});
        for (int64_t i = 0; i < lido_count(&rig.y); i++) {
            const double y = (double)lido_reals(&rig.y)[i];
            assert_near(type, grid, "y", i, ldexp((double)lido_reals(&larger.y)[i], -power), y, y);
        }
        for (int64_t i = 0; !e && i < lido_count(&rig.dx[0]); i++)
            assert_near(type, grid, "dx", i, (double)lido_reals(&larger.dx[0])[i],
                        (double)lido_reals(&rig.dx[0])[i], scale_of(&rig.dx[0]));
    }
    lido_rig_free(&rig);
    lido_rig_free(&larger);
}

static void check_sizes(const char *type) {
    for (int g = 0; g < GRIDS && is_among(type, proportional); g++) {
        check_size(type, grids[g], "[8,12,3]", 100);
        check_size(type, grids[g], "[8,12,3]", -100);
        check_size(type, grids[g], "[8,12,16]", 100);
        check_size(type, grids[g], "[8,12,16]", -100);
    }
}

START_TEST(numbers_may_be_of_any_size) {
    each_reducer(check_sizes);
}
END_TEST

/* ---- large maps ---------------------------------------------------------------------------- */

static const char *const not_means[] = {"sum_pool", "lp_pool", "tree_pool", "dgm_pool", NULL};

/* Adding a million times 0.1 in float, one after the other, is off by a percent. */
static void check_large(const char *type) {
    const double tenth = (double)(lido_real)0.1;
    if (is_among(type, not_means)) return;
    check_constant_on(type, "\"global\": true", "[1024,1024,1]", tenth, tenth);
}

START_TEST(large_means_are_exact) {
    each_reducer(check_large);
    check_constant_on("sum_pool", "\"global\": true", "[1024,1024,1]", 0.125, 131072);
    check_constant_on("lp_pool", "\"global\": true, \"p\": 1, \"normalize\": true", "[1024,1024,1]",
                      0.25, 0.25);
    check_constant_on("lp_pool", "\"global\": true", "[1024,1024,1]", 0.25, 256);
}
END_TEST

LIDO_TEST_MAIN("pool properties", a_strip_is_a_line, channels_beside_it_do_not_matter,
               one_cell_is_its_own_summary, gradients_are_passed_on_whole,
               a_nan_comes_out_of_its_windows, nothing_but_nan, nothing_but_minus_infinity,
               numbers_may_be_of_any_size, large_means_are_exact)
