/* test_random_windows.c - windows drawn along one axis: PyTorch's, those worked out by hand, and
 * what holds for any random number. */
#include "kernels/random_windows.h"
#include "lido_check.h"

#include "base/json.h"

#include <stdlib.h>

enum { LONGEST = 2048 };

static void assert_starts(const lido_window *windows, const int64_t *starts, int count) {
    for (int i = 0; i < count; i++) ck_assert_int_eq(windows[i].start, starts[i]);
}

/* POOLING: u = 0.35, 7 windows of 10 cells. */
START_TEST(worked_out_by_hand) {
    lido_window windows[LONGEST];
    lido_windows_overlap(10, 7, 2, 0.35F, windows);
    assert_starts(windows, (const int64_t[]){0, 1, 3, 4, 5, 7, 8}, 7);
    for (int i = 0; i < 7; i++) ck_assert_int_eq(windows[i].count, 2);
    lido_windows_abut(10, 7, 0.35F, windows);
    assert_starts(windows, (const int64_t[]){0, 1, 3, 4, 6, 7, 9}, 7);
    ck_assert_int_eq(windows[6].count, 1);
    lido_windows_overlap(10, 1, 3, 0.35F, windows);
    ck_assert_int_eq(windows[0].start, 7);
}
END_TEST

static int64_t number(const lido_json *object, const char *key) {
    return (int64_t)lido_json_number(lido_json_get(object, key));
}

START_TEST(as_pytorch) {
    lido_error error;
    lido_json *file;
    lido_window windows[LONGEST];
    assert_ok(lido_json_read(LIDO_SOURCE_DIR "/tests/golden/fractional.json", &file, &error));
    const lido_json *cases = lido_json_get(file, "cases");
    ck_assert_int_ge(lido_json_count(cases), 39);
    for (const lido_json *c = lido_json_first(cases); c; c = lido_json_next(c)) {
        lido_windows_overlap(number(c, "length"), number(c, "outputs"), number(c, "kernel"),
                             (float)lido_json_number(lido_json_get(c, "u")), windows);
        const lido_json *start = lido_json_first(lido_json_get(c, "starts"));
        for (int i = 0; start; start = lido_json_next(start), i++)
            ck_assert_int_eq(windows[i].start, (int64_t)lido_json_number(start));
    }
    lido_json_free(file);
}
END_TEST

/* Windows side by side: each ends where the next begins, none is empty or larger than told. */
static void assert_abut(const lido_window *windows, int64_t length, int64_t outputs, int64_t most) {
    int64_t next = 0;
    for (int64_t i = 0; i < outputs; i++) {
        ck_assert_int_eq(windows[i].start, next);
        ck_assert_int_ge(windows[i].count, 1);
        ck_assert_int_le(windows[i].count, most);
        next += windows[i].count;
    }
    ck_assert_int_eq(next, length);
}

START_TEST(no_window_is_empty) {
    static const float u[] = {0, 0.25F, 0.35F, 0.5F, 0.99999994F};
    lido_window windows[LONGEST];
    for (int64_t length = 1; length < 60; length++)
        for (int64_t outputs = 1; outputs <= length; outputs++)
            for (size_t i = 0; i < sizeof u / sizeof *u; i++) {
                lido_windows_abut(length, outputs, u[i], windows);
                assert_abut(windows, length, outputs, lido_abutting_kernel(length, outputs));
            }
}
END_TEST

START_TEST(shuffled_steps) {
    const float draws[] = {0.99F, 0.5F, 0, 0.7F, 0.2F, 0.9F};
    lido_window windows[LONGEST];
    ck_assert_int_eq(lido_shuffle_draws(7, false), 6);
    ck_assert_int_eq(lido_shuffle_draws(7, true), 5);
    ck_assert_int_eq(lido_shuffle_draws(1, true), 0);
    lido_windows_shuffle(10, 7, false, draws, windows);
    assert_abut(windows, 10, 7, 2);
    lido_windows_shuffle(10, 7, true, draws, windows);
    for (int i = 0; i < 7; i++) ck_assert_int_eq(windows[i].count, 2);
    ck_assert_int_eq(windows[0].start, 0);
    ck_assert_int_eq(windows[6].start, 8);
}
END_TEST

/* Of each 4 positions 2, by hand; and every pair about equally often. */
START_TEST(kept_positions) {
    const float draws[] = {0.6F, 0.5F, 0.9F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F};
    lido_window windows[LONGEST];
    lido_windows_keep(8, 4, 2, 3, draws, windows);
    assert_starts(windows, (const int64_t[]){1, 3, 4, 5}, 4);
    ck_assert_int_eq(windows[2].count, 3);
    lido_windows_keep(3, 1, 1, 2, NULL, windows);
    assert_starts(windows, (const int64_t[]){0, 1, 2}, 3);
    ck_assert_int_eq(windows[2].count, 1);

    int chosen[16] = {0};
    const lido_key key = lido_key_make(1, "pairs", 0);
    for (uint64_t i = 0; i < 6000; i++) {
        float four[4];
        lido_fill_uniform(key, i, four, 4);
        lido_windows_keep(4, 4, 2, 1, four, windows);
        chosen[windows[0].start * 4 + windows[1].start]++;
    }
    for (int a = 0; a < 4; a++)
        for (int b = a + 1; b < 4; b++) ck_assert(abs(chosen[a * 4 + b] - 1000) < 120);
}
END_TEST

LIDO_TEST_MAIN("random_windows", worked_out_by_hand, as_pytorch, no_window_is_empty, shuffled_steps,
               kept_positions)
