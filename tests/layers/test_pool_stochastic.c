/* test_pool_stochastic.c - which cell a random number draws, windows without probabilities, and
 * what is refused. (Values and gradients on all grids: test_registry.c.) */
#include "layers/pool_check.h"

#include "kernels/pool_stochastic.h"
#include "kernels/pool_window.h"
#include "layers/draws.h"

enum { CELLS = 4 };

/* One window of CELLS cells, drawn by u: its value and its cell. */
static lido_real draw(const lido_real x[CELLS], float u, uint32_t *chosen) {
    static const lido_box whole = {{0, 0, 0}, {1, 1, 1}};
    lido_window window[3];
    lido_grid grid = {.cells = CELLS};
    int64_t list[CELLS];
    for (int a = 0; a < 3; a++) {
        const int64_t length = a == 2 ? CELLS : 1;
        lido_windows_adapt(length, 1, &window[a]);
        grid.axis[a] = (lido_windows){
            .length = length, .outputs = 1, .kernel = length, .step = 1, .at = &window[a]};
    }
    lido_grid_finish(&grid, list);
    lido_real y = (lido_real)NAN;
    void *scratch = malloc(lido_stochastic_scratch(1));
    lido_stochastic_forward(x, &u, &grid, 1, &whole, scratch, &y, chosen);
    free(scratch);
    return y;
}

/* Of 1, 0, 2, 1 the running sums are 1/4, 1/4, 3/4 and 1 of the whole. */
START_TEST(a_number_draws_a_cell) {
    static const lido_real x[CELLS] = {1, 0, 2, 1};
    static const struct {
        float u;
        uint32_t cell;
    } draws[] = {{0, 0},       {0.2499F, 0}, {0.25F, 2},         {0.5F, 2},
                 {0.7499F, 2}, {0.75F, 3},   {0x1.fffffep-1F, 3}};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        uint32_t cell;
        lido_real y = draw(x, draws[i].u, &cell);
        ck_assert_uint_eq(cell, draws[i].cell);
        ck_assert(y == x[draws[i].cell]);
    }
}
END_TEST

START_TEST(zeros_are_never_drawn) {
    static const lido_real ends[CELLS] = {0, 0, 3, 0}, tiny[CELLS] = {0, (lido_real)1e-42, 0, 0};
    static const lido_real huge[CELLS] = {0, 0, (lido_real)3e38, (lido_real)3e38};
    static const float u[] = {0, 0.5F, 0x1.fffffep-1F};
    for (size_t i = 0; i < sizeof u / sizeof *u; i++) {
        uint32_t cell;
        ck_assert(draw(ends, u[i], &cell) == 3 && cell == 2);
        ck_assert(draw(tiny, u[i], &cell) == tiny[1] && cell == 1);
        ck_assert(draw(huge, u[i], &cell) == huge[2] && cell == (u[i] < 0.5F ? 2 : 3));
    }
}
END_TEST

START_TEST(windows_without_probabilities) {
    static const lido_real zeros[CELLS] = {0};
    static const lido_real infinite[CELLS] = {1, (lido_real)INFINITY, 2, (lido_real)INFINITY};
    static const lido_real nan[CELLS] = {1, (lido_real)NAN, (lido_real)INFINITY, 4};
    uint32_t cell;
    ck_assert(draw(zeros, 0.5F, &cell) == 0 && cell == LIDO_NO_CELL);
    ck_assert(isinf(draw(infinite, 0.5F, &cell)) && cell == 1);
    ck_assert(isnan(draw(nan, 0.5F, &cell)) && cell == 1);
}
END_TEST

static lido_rig open_stochastic(const char *json, const char *shape, int64_t batch) {
    lido_rig rig;
    assert_ok(lido_rig_open(json, shape, batch, true, &rig, &error));
    return rig;
}

/* sum x^2 / sum x, and its gradient (2 x - y) / sum x; windows: plain, zeros, NaN, infinite. */
START_TEST(the_weighted_mean) {
    lido_rig rig = open_stochastic(
        "{\"type\": \"stochastic_pool\", \"kernel\": 2, \"training\": \"weighted\"}", "[8,1]", 1);
    set_values(&rig.x[0], 1, 3, 0, 0, NAN, 1, 1, INFINITY);
    set_values(&rig.dy, 8, 8, 8, 8);
    lido_rig_run(&rig, &(lido_way){0});
    assert_values(&rig.y, 2.5, 0, NAN, INFINITY);
    assert_values(&rig.dx[0], -1, 7, 0, 0, 8, 0, 0, 8);
    lido_rig_run(&rig, &(lido_way){.evaluation = true});
    assert_values(&rig.y, 2.5, 0, NAN, INFINITY);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(large_and_small_values_stay_finite) {
    lido_rig rig = open_stochastic(
        "{\"type\": \"stochastic_pool\", \"kernel\": 2, \"training\": \"weighted\"}", "[4,1]", 1);
    set_values(&rig.x[0], 3e38, 3e38, 1e-30, 3e-30);
    set_values(&rig.dy, 4, 8);
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert(lido_reals(&rig.y)[0] == (lido_real)3e38);
    ck_assert(fabs((double)lido_reals(&rig.y)[1] / 2.5e-30 - 1) < 1e-6);
    assert_values(&rig.dx[0], 2, 2, -1, 7);
    lido_rig_free(&rig);
}
END_TEST

/* The gradient goes where the value came from; output element e is drawn by number e. */
START_TEST(the_drawn_cell_has_the_gradient) {
    lido_rig rig = open_stochastic("{\"type\": \"stochastic_pool\", \"kernel\": 2}", "[6,4,3]", 2);
    float u[18];
    lido_rig_run(&rig, &(lido_way){0});
    ck_assert_int_eq(rig.needs.draws, 18);
    const lido_draw from = lido_rig_draw(&rig);
    for (int64_t n = 0; n < 2; n++) {
        lido_draws(&from, n, 18, u);
        for (int64_t e = 0; e < 18; e++) {
            int64_t o = e / 3, c = e % 3;
            int64_t first = ((n * 6 + o / 2 * 2) * 4 + o % 2 * 2) * 3 + c;
            const int64_t cell[CELLS] = {first, first + 3, first + 12, first + 15};
            lido_real x[CELLS];
            uint32_t number;
            for (int i = 0; i < CELLS; i++) x[i] = lido_start(&rig.x[0])[cell[i]];
            lido_real y = draw(x, u[e], &number);
            ck_assert(lido_reals(&rig.y)[n * 18 + e] == y);
            for (uint32_t i = 0; i < CELLS; i++)
                ck_assert(lido_reals(&rig.dx[0])[cell[i]] ==
                          (i == number ? lido_start(&rig.dy)[n * 18 + e] : 0));
        }
    }
    lido_rig_free(&rig);
}
END_TEST

START_TEST(zeros_have_no_gradient) {
    lido_rig rig =
        open_stochastic("{\"type\": \"stochastic_pool\", \"global\": true}", "[5,5,2]", 1);
    start_with(&rig.x[0], VALUES(0));
    lido_rig_run(&rig, &(lido_way){0});
    assert_holds(&rig.y, VALUES(0, 0));
    for (int64_t i = 0; i < 50; i++) ck_assert(lido_reals(&rig.dx[0])[i] == 0);
    lido_rig_free(&rig);
}
END_TEST

/* Every cell as often as its value says: 4000 draws of 1, 0, 2, 1. */
START_TEST(cells_are_drawn_in_proportion) {
    enum { DRAWS = 4000 };
    lido_rig rig =
        open_stochastic("{\"type\": \"stochastic_pool\", \"kernel\": 4}", "[16000,1]", 1);
    int64_t count[CELLS] = {0};
    for (int64_t i = 0; i < CELLS * DRAWS; i++)
        lido_start(&rig.x[0])[i] = (const lido_real[]){1, 0, 2, 1}[i % CELLS];
    start_with(&rig.dy, VALUES(1));
    lido_rig_run(&rig, &(lido_way){0});
    for (int64_t i = 0; i < CELLS * DRAWS; i++) count[i % CELLS] += lido_reals(&rig.dx[0])[i] == 1;
    ck_assert_int_eq(count[1], 0);
    ck_assert_double_eq_tol((double)count[0], DRAWS / 4, 110); /* 4 standard deviations */
    ck_assert_double_eq_tol((double)count[2], DRAWS / 2, 127);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(a_negative_input_is_refused) {
    assert_refused("{\"type\": \"stochastic_pool\", \"kernel\": 2}", "[4,4,1]", LIDO_SPEC,
                   "the input of stochastic_pool may be negative");
}
END_TEST

LIDO_TEST_MAIN("pool_stochastic", a_number_draws_a_cell, zeros_are_never_drawn,
               windows_without_probabilities, the_weighted_mean, large_and_small_values_stay_finite,
               the_drawn_cell_has_the_gradient, zeros_have_no_gradient,
               cells_are_drawn_in_proportion, a_negative_input_is_refused)
