/* test_loss.c - losses against their formulas, their gradients against differences, and sums that
 * do not depend on threads. */
#include "team_of.h"
#include "net/loss.h"

#include <math.h>

static const double tolerance = sizeof(lido_real) == 8 ? 1e-13 : 1e-6;

enum { ROWS = 1000, CLASSES = 7, VALUES = ROWS * CLASSES };

static lido_real z[VALUES], dz[VALUES];
static int32_t labels[ROWS];
static lido_loss_part part[ROWS];

static lido_loss_call random_call(int64_t rows) {
    lido_key key = lido_key_make(3, "loss", 0);
    static float uniform[VALUES];
    lido_fill_uniform(key, 0, uniform, VALUES);
    for (int i = 0; i < VALUES; i++) z[i] = 8 * uniform[i] - 4;
    for (int i = 0; i < ROWS; i++)
        labels[i] = (int32_t)lido_random_below(key, 1, (uint64_t)i, CLASSES);
    return (lido_loss_call){
        .z = z, .labels = labels, .rows = rows, .classes = CLASSES, .dz = dz, .part = part};
}

static int64_t count_correct(int64_t rows) {
    int64_t correct = 0;
    for (int64_t r = 0; r < rows; r++) {
        bool largest = true;
        for (int c = 0; c < CLASSES; c++)
            largest &= z[r * CLASSES + c] <= z[r * CLASSES + labels[r]];
        correct += largest;
    }
    return correct;
}

START_TEST(cross_entropy_is_its_formula) {
    lido_loss_call call = random_call(ROWS);
    lido_result result;
    lido_loss_cross_entropy(&call, &result);
    double loss = 0;
    for (int r = 0; r < ROWS; r++) {
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) sum += exp((double)z[r * CLASSES + c]);
        loss -= log(exp((double)z[r * CLASSES + labels[r]]) / sum);
        for (int c = 0; c < CLASSES; c++) {
            double expected = (exp((double)z[r * CLASSES + c]) / sum - (c == labels[r])) / ROWS;
            ck_assert_double_eq_tol((double)dz[r * CLASSES + c] * ROWS, expected * ROWS, tolerance);
        }
    }
    ck_assert_double_eq_tol(result.loss, loss / ROWS, 1e-12);
    ck_assert_int_eq(result.rows, ROWS);
    ck_assert_int_eq(result.correct, count_correct(ROWS));
}
END_TEST

START_TEST(squared_is_its_formula) {
    lido_loss_call call = random_call(ROWS);
    lido_result result;
    lido_loss_squared(&call, &result);
    double loss = 0;
    for (int i = 0; i < VALUES; i++) {
        double difference = (double)z[i] - (i % CLASSES == labels[i / CLASSES]);
        loss += difference * difference;
        ck_assert_double_eq_tol((double)dz[i] * VALUES, 2 * difference, 10 * tolerance);
    }
    ck_assert_double_eq_tol(result.loss, loss / VALUES, 1e-12);
    ck_assert_int_eq(result.correct, count_correct(ROWS));
}
END_TEST

START_TEST(huge_logits_neither_overflow_nor_vanish) {
    lido_real logits[6] = {1000, 0, -1000, -1000, 0, 1000}, gradient[6];
    int32_t label[2] = {0, 0};
    lido_loss_call call = {
        .z = logits, .labels = label, .rows = 2, .classes = 3, .dz = gradient, .part = part};
    lido_result result;
    lido_loss_cross_entropy(&call, &result);
    ck_assert_double_eq(result.loss, 1000);
    const double expected[6] = {0, 0, 0, -0.5, 0, 0.5};
    for (int i = 0; i < 6; i++) ck_assert_double_eq((double)gradient[i], expected[i]);
}
END_TEST

START_TEST(a_sure_and_right_row_keeps_a_small_exact_gradient) {
    lido_real logits[2] = {30, 0}, gradient[2];
    int32_t label = 0;
    lido_loss_call call = {
        .z = logits, .labels = &label, .rows = 1, .classes = 2, .dz = gradient, .part = part};
    lido_result result;
    lido_loss_cross_entropy(&call, &result);
    double wrong = exp(-30) / (1 + exp(-30));
    ck_assert_double_eq_tol((double)gradient[1] / wrong, 1, 1e-6);
    ck_assert_double_eq_tol((double)gradient[0] / -wrong, 1, 1e-2);
}
END_TEST

START_TEST(the_first_of_equal_outputs_counts) {
    lido_real outputs[4] = {1, 1, 1, 1};
    int32_t label[2] = {0, 1};
    lido_loss_call call = {.z = outputs, .labels = label, .rows = 2, .classes = 2, .part = part};
    lido_result result;
    lido_loss_cross_entropy(&call, &result);
    ck_assert_int_eq(result.correct, 1);
    lido_loss_squared(&call, &result);
    ck_assert_int_eq(result.correct, 1);
}
END_TEST

START_TEST(a_nan_makes_the_loss_nan_and_the_row_wrong) {
    for (int at = 0; at < 2; at++) {
        lido_real outputs[2] = {1, 0};
        outputs[at] = (lido_real)NAN;
        int32_t label = 0;
        lido_loss_call call = {
            .z = outputs, .labels = &label, .rows = 1, .classes = 2, .part = part};
        lido_result result;
        lido_loss_cross_entropy(&call, &result);
        ck_assert(isnan(result.loss) && result.correct == 0);
        lido_loss_squared(&call, &result);
        ck_assert(isnan(result.loss) && result.correct == 0);
    }
}
END_TEST

START_TEST(threads_do_not_change_a_bit) {
    for (int64_t rows = 1; rows <= ROWS; rows += 111) {
        lido_loss_call call = random_call(rows);
        lido_result one, many;
        lido_real gradient[VALUES];
        lido_loss_cross_entropy(&call, &one);
        memcpy(gradient, dz, sizeof gradient);
        for (int threads = 2; threads <= 8; threads *= 2) {
            call.team = team_of(threads);
            lido_loss_cross_entropy(&call, &many);
            ck_assert_mem_eq(&one, &many, sizeof one);
            ck_assert_mem_eq(gradient, dz, sizeof gradient);
        }
    }
}
END_TEST

START_TEST(parts_cover_all_rows) {
    ck_assert_int_eq(lido_loss_parts(1, 1), 1);
    ck_assert_int_eq(lido_loss_parts(64, 1), 1);
    ck_assert_int_eq(lido_loss_parts(13, 5), 2);
    ck_assert_int_eq(lido_loss_parts(INT64_MAX, 2), 0);
}
END_TEST

START_TEST(names_are_those_of_a_spec) {
    ck_assert_str_eq(lido_loss_names[LIDO_LOSS_CROSS_ENTROPY], "cross_entropy");
    ck_assert_str_eq(lido_loss_names[LIDO_LOSS_SQUARED], "mse");
    ck_assert_ptr_null(lido_loss_names[2]);
}
END_TEST

/* Rows without a label among others: as if they were not there, and with no gradient. */
static void check_uncounted(void (*loss)(const lido_loss_call *, lido_result *)) {
    static lido_real kept_z[VALUES], kept_dz[VALUES];
    static int32_t kept_labels[ROWS];
    lido_loss_call call = random_call(ROWS);
    int64_t kept = 0;
    for (int r = 0; r < ROWS; r++) {
        if (r % 3 == 1) {
            labels[r] = -1;
            z[r * CLASSES] = (lido_real)NAN;
            continue;
        }
        memcpy(kept_z + kept * CLASSES, z + r * CLASSES, CLASSES * sizeof *z);
        kept_labels[kept++] = labels[r];
    }
    lido_loss_call alone = call;
    alone.z = kept_z, alone.labels = kept_labels, alone.dz = kept_dz, alone.rows = kept;
    lido_result all, few;
    loss(&alone, &few);
    loss(&call, &all);
    ck_assert_int_eq(all.rows, kept);
    ck_assert_int_eq(all.correct, few.correct);
    ck_assert_double_eq_tol(all.loss, few.loss, 1e-12);
    for (int64_t r = 0, k = 0; r < ROWS; r++)
        for (int c = 0; c < CLASSES; c++) {
            lido_real expected = r % 3 == 1 ? 0 : kept_dz[k * CLASSES + c];
            ck_assert(dz[r * CLASSES + c] == expected);
            k += r % 3 != 1 && c == CLASSES - 1;
        }
}

START_TEST(rows_without_a_label_do_not_count) {
    check_uncounted(lido_loss_cross_entropy);
    check_uncounted(lido_loss_squared);
}
END_TEST

START_TEST(no_label_at_all_is_no_loss) {
    lido_loss_call call = random_call(100);
    lido_result result;
    for (int r = 0; r < 100; r++) labels[r] = -1;
    lido_loss_cross_entropy(&call, &result);
    ck_assert(result.loss == 0 && result.rows == 0 && result.correct == 0);
    for (int i = 0; i < 100 * CLASSES; i++) ck_assert(dz[i] == 0);
}
END_TEST

START_TEST(the_first_largest) {
    ck_assert_int_eq(lido_largest((lido_real[]){1, 3, 3, 2}, 4), 1);
    ck_assert_int_eq(lido_largest((lido_real[]){1, NAN, 0}, 3), 0);
    ck_assert_int_eq(lido_largest((lido_real[]){NAN, 1, 0}, 3), 0);
    ck_assert_int_eq(lido_largest((lido_real[]){-INFINITY, -1}, 2), 1);
}
END_TEST

LIDO_TEST_MAIN("loss", the_first_largest, cross_entropy_is_its_formula, squared_is_its_formula,
               huge_logits_neither_overflow_nor_vanish,
               a_sure_and_right_row_keeps_a_small_exact_gradient, the_first_of_equal_outputs_counts,
               a_nan_makes_the_loss_nan_and_the_row_wrong, threads_do_not_change_a_bit,
               parts_cover_all_rows, names_are_those_of_a_spec, rows_without_a_label_do_not_count,
               no_label_at_all_is_no_loss)
