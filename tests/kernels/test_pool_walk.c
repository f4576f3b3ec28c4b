/* test_pool_walk.c - the walk visits every window of a box and every cell of each, once and in
 * order, as lido_cells lists them one window at a time. */
#include "lido_check.h"

#include "kernels/pool_walk.h"

enum { MOST = 400 };

typedef struct setting {
    int64_t length[LIDO_MAX_AXES], kernel[LIDO_MAX_AXES], stride, dilation, padding;
} setting;

static const setting settings[] = {
    {{1, 5, 7}, {1, 3, 2}, 2, 1, 0},  {{1, 6, 7}, {1, 3, 3}, 1, 1, 1},
    {{1, 7, 9}, {1, 3, 3}, 2, 2, 2},  {{3, 4, 5}, {2, 3, 2}, 1, 1, 1},
    {{1, 1, 11}, {1, 1, 4}, 3, 1, 0}, {{1, 18, 17}, {1, 17, 16}, 1, 1, 0},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

typedef struct table {
    lido_grid grid;
    lido_window window[LIDO_MAX_AXES][MOST];
    int64_t list[LIDO_LISTED_CELLS];
} table;

static void fill_table(const setting *s, table *t) {
    lido_geometry geometry = {0};
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const bool meant = s->kernel[a] > 1;
        const int64_t padding = meant ? s->padding : 0, dilation = meant ? s->dilation : 1;
        geometry.input[a] = s->length[a];
        geometry.kernel[a] = s->kernel[a];
        geometry.stride[a] = meant ? s->stride : 1;
        geometry.dilation[a] = dilation;
        geometry.before[a] = geometry.after[a] = padding;
        geometry.output[a] =
            (s->length[a] + 2 * padding - dilation * (s->kernel[a] - 1) - 1) / geometry.stride[a] +
            1;
        ck_assert(geometry.output[a] >= 1 && geometry.output[a] <= MOST);
        lido_windows_slide(&geometry, a, t->window[a]);
        t->grid.axis[a] = (lido_windows){.length = s->length[a],
                                         .outputs = geometry.output[a],
                                         .kernel = s->kernel[a],
                                         .step = dilation,
                                         .at = t->window[a]};
    }
    lido_grid_finish(&t->grid, t->list);
}

/* The walk's cells of its window, those it wants, against a plain listing within `box`. */
static void check_window(lido_walk *walk, int64_t od, int64_t oh, int64_t ow, const lido_box *box) {
    const lido_grid *grid = walk->grid;
    lido_cells plain;
    int at = 0;
    ck_assert_int_eq(walk->output, (od * grid->axis[1].outputs + oh) * grid->axis[2].outputs + ow);
    ck_assert_int_eq(walk->cells, grid->axis[0].at[od].count * grid->axis[1].at[oh].count *
                                      grid->axis[2].at[ow].count);
    lido_cells_begin(&plain, grid, od, oh, ow, box);
    plain.count = 0;
    while (lido_walk_cells(walk))
        for (int i = 0; i < walk->count; i++) {
            int64_t position = lido_walk_position(walk, i);
            if (box && !lido_walk_wants(walk, position)) continue;
            if (at == plain.count) ck_assert(lido_cells_next(&plain)), at = 0;
            ck_assert_int_eq(position, plain.position[at]);
            ck_assert_uint_eq(walk->number[i], plain.number[at++]);
        }
    ck_assert_int_eq(at, plain.count);
    ck_assert(!lido_cells_next(&plain));
}

/* Every window of a box of outputs, and each a second time. */
static void check_walk(lido_walk *walk, const lido_box *outputs, const lido_box *box) {
    for (int64_t od = outputs->first[0]; od < outputs->last[0]; od++)
        for (int64_t oh = outputs->first[1]; oh < outputs->last[1]; oh++)
            for (int64_t ow = outputs->first[2]; ow < outputs->last[2]; ow++) {
                ck_assert(lido_walk_window(walk));
                check_window(walk, od, oh, ow, box);
                lido_walk_again(walk);
                check_window(walk, od, oh, ow, box);
            }
    ck_assert(!lido_walk_window(walk));
}

/* Rows first..last of the longest first axis, whole along the others. */
static lido_box part(const int64_t length[LIDO_MAX_AXES], int64_t first, int64_t last) {
    const int axis = length[0] > 1 ? 0 : length[1] > 1 ? 1 : 2;
    lido_box box = {.last = {length[0], length[1], length[2]}};
    box.first[axis] = length[axis] * first / 3;
    box.last[axis] = length[axis] * last / 3;
    return box;
}

START_TEST(windows_of_outputs) {
    static table t;
    static lido_walk walk;
    fill_table(&settings[_i], &t);
    const int64_t outputs[] = {t.grid.axis[0].outputs, t.grid.axis[1].outputs,
                               t.grid.axis[2].outputs};
    for (int64_t first = 0; first < 3; first++)
        for (int64_t last = first; last <= 3; last++) {
            const lido_box box = part(outputs, first, last);
            lido_walk_outputs(&walk, &t.grid, &box);
            check_walk(&walk, &box, NULL);
        }
}
END_TEST

START_TEST(windows_that_reach_inputs) {
    static table t;
    static lido_walk walk;
    fill_table(&settings[_i], &t);
    for (int64_t first = 0; first < 3; first++)
        for (int64_t last = first + 1; last <= 3; last++) {
            const lido_box box = part(settings[_i].length, first, last);
            lido_box reach;
            if (box.first[0] == box.last[0]) continue;
            lido_grid_reaching(&t.grid, &box, &reach);
            lido_walk_inputs(&walk, &t.grid, &box);
            check_walk(&walk, &reach, &box);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pool_walk");
    TCase *tcase = tcase_create("pool_walk");
    tcase_add_loop_test(tcase, windows_of_outputs, 0, SETTINGS);
    tcase_add_loop_test(tcase, windows_that_reach_inputs, 0, SETTINGS);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
