/* Blocks of rows: every row once, and sizes that depend on the width alone. */
#include "layers/blocks.h"

#include "team_of.h"

enum { ROWS = 50000 };

static void count_rows(const lido_call *call, int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; i++) call->y[i]++;
}

START_TEST(every_row_is_in_one_block) {
    static const int64_t widths[] = {1, 3, 1000, 16384, 100000};
    lido_real *seen = malloc(ROWS * sizeof *seen);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (int64_t rows = 1; rows <= ROWS; rows = rows * 7 + 1) {
            memset(seen, 0, ROWS * sizeof *seen);
            lido_each_block(&(lido_call){.y = seen, .team = team_of(3)}, rows, widths[w],
                            count_rows);
            for (int64_t i = 0; i < ROWS; i++) ck_assert(seen[i] == (i < rows ? 1 : 0));
        }
    free(seen);
}
END_TEST

START_TEST(blocks_have_about_16k_elements) {
    ck_assert_int_eq(lido_block_rows(1), 16384);
    ck_assert_int_eq(lido_block_rows(100), 163);
    ck_assert_int_eq(lido_block_rows(20000), 1);
    ck_assert_int_eq(lido_block_count(16384, 1), 1);
    ck_assert_int_eq(lido_block_count(16385, 1), 2);
    ck_assert_int_eq(lido_block_count(5, 20000), 5);
}
END_TEST

START_TEST(counts_the_output_over_the_batch) {
    lido_shape shape = {2, {1, 3, 5}, 7};
    lido_call call = {.batch = 2, .y_shape = &shape};
    ck_assert_int_eq(lido_call_rows(&call), 30);
    ck_assert_int_eq(lido_call_elements(&call), 210);
}
END_TEST

LIDO_TEST_MAIN("blocks", every_row_is_in_one_block, blocks_have_about_16k_elements,
               counts_the_output_over_the_batch)
