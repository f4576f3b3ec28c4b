/* A sample's numbers are its own: the same in any place of a batch, and replaced by given ones. */
#include "layers/draws.h"

#include "lido_check.h"

enum { COUNT = 11 };

static lido_draw make_draw(const int64_t *sample) {
    return (lido_draw){.key = lido_key_make(7, "pool", 0), .step = 3, .sample = sample};
}

START_TEST(do_not_depend_on_the_place) {
    const int64_t one[] = {5, 9}, other[] = {9, 5};
    lido_draw first = make_draw(one), second = make_draw(other);
    float a[COUNT], b[COUNT];
    lido_draws(&first, 1, COUNT, a);
    lido_draws(&second, 0, COUNT, b);
    ck_assert_mem_eq(a, b, sizeof a);
    lido_draws(&first, 0, COUNT, b);
    for (int i = 0; i < COUNT; i++) ck_assert(a[i] >= 0 && a[i] < 1 && a[i] != b[i]);
    second.step = 4;
    lido_draws(&second, 0, COUNT, b);
    for (int i = 0; i < COUNT; i++) ck_assert(a[i] != b[i]);
}
END_TEST

START_TEST(are_given_row_by_row) {
    const int64_t sample[] = {5, 9};
    float given[2 * COUNT], got[COUNT];
    for (int i = 0; i < 2 * COUNT; i++) given[i] = (float)i / 32;
    lido_draw draw = make_draw(sample);
    draw.given = given;
    lido_draws(&draw, 1, COUNT, got);
    ck_assert_mem_eq(got, given + COUNT, sizeof got);
}
END_TEST

START_TEST(come_in_parts) {
    const int64_t sample[] = {5, 9};
    float whole[2][COUNT], part[COUNT];
    lido_draw draw = make_draw(sample);
    for (int64_t n = 0; n < 2; n++) lido_draws(&draw, n, COUNT, whole[n]);
    for (int given = 0; given < 2; given++, draw.given = whole[0])
        for (int64_t first = 0; first < COUNT; first += 4) {
            lido_draws_from(&draw, 1, COUNT, first, COUNT - first, part);
            ck_assert_mem_eq(part, whole[1] + first, (size_t)(COUNT - first) * sizeof *part);
        }
}
END_TEST

LIDO_TEST_MAIN("draws", do_not_depend_on_the_place, are_given_row_by_row, come_in_parts)
