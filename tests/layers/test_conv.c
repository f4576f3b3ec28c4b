/* Every algorithm of convolution against the obvious loop, on shapes where blocks, tiles and panels
 * end unevenly; which algorithm is chosen, and what is said of one that does not apply. The layer
 * as a whole is in the registry-wide test.
 */
#include "harness/rig.h"
#include "lido_check.h"

#include <math.h>
#include <stdio.h>

static lido_error error;

typedef struct sample {
    const char *shape, *layer;
    int64_t batch;
    const char *chosen;
} sample;

static const sample samples[] = {
    {"[13,13,32]", "{'filters': 64, 'kernel': 3}", 3, "winograd_4x4"},
    {"[11,14,17]", "{'filters': 33, 'kernel': 3, 'padding': [[2,1],[0,2]]}", 9, "winograd_4x4"},
    {"[8,8,96]", "{'filters': 130, 'kernel': 3, 'padding': 'same'}", 20, "winograd_4x4"},
    {"[6,6,16]", "{'filters': 16, 'kernel': 3, 'padding': 1, 'bias': false}", 1, "winograd_2x2"},
    {"[2,2,16]", "{'filters': 16, 'kernel': 3, 'padding': 1}", 2, "winograd_2x2"},
    {"[5,6,33]", "{'filters': 70, 'kernel': 3, 'padding': 1}", 9, "winograd_2x2"},
    {"[3,4,200]", "{'filters': 200, 'kernel': 3, 'padding': [[2,0],[1,2]]}", 3, "winograd_4x4"},
    {"[1,9,16]", "{'filters': 16, 'kernel': 3, 'padding': 1}", 2, "im2col"},
    {"[13,13,15]", "{'filters': 64, 'kernel': 3}", 1, "im2col"},
    {"[28,28,1]", "{'filters': 6, 'kernel': 5, 'padding': 2}", 10, "rows"},
    {"[28,28,1]", "{'filters': 8, 'kernel': 3, 'stride': 2, 'padding': 'same'}", 2, "im2col"},
    {"[14,14,6]", "{'filters': 16, 'kernel': 5}", 10, "rows"},
    {"[9,9,200]", "{'filters': 140, 'kernel': 5, 'padding': 2}", 2, "im2col"},
    {"[9,11,12]", "{'filters': 6, 'kernel': [3,2], 'stride': [2,1], 'groups': 3, 'dilation': 2}", 4,
     "im2col"},
    {"[9,11,4]", "{'filters': 6, 'kernel': 3, 'padding': 2, 'padding_mode': 'circular'}", 4,
     "im2col"},
    {"[9,11,4]", "{'filters': 6, 'kernel': 3, 'padding': 2, 'padding_mode': 'reflect'}", 4,
     "im2col"},
    {"[40,5]", "{'filters': 7, 'kernel': 3, 'padding': 1}", 3, "rows"},
    {"[7,6,5,3]", "{'filters': 4, 'kernel': 3, 'padding': [[0,1],[1,1],[2,0]]}", 3, "rows"},
    {"[9,9,8]", "{'filters': 15, 'kernel': 3, 'padding': [[2,0],[1,2]]}", 9, "rows"},
    {"[6,5,3]", "{'filters': 9, 'kernel': [3,4], 'bias': false}", 3, "rows"},
    {"[28,28,1]", "{'filters': 16, 'kernel': 3}", 2, "rows"},
    {"[12,12,3]", "{'filters': 32, 'kernel': 3}", 2, "rows"},
    {"[9,10,4]", "{'filters': 64, 'kernel': 3, 'padding': 1}", 2, "rows"},
    {"[9,9,3]", "{'filters': 65, 'kernel': 3}", 2, "im2col"},
    {"[9,9,8]", "{'filters': 33, 'kernel': 3}", 2, "im2col"},
    {"[11,12,8]", "{'filters': 3, 'kernel': [7, 10]}", 2, "im2col"},
    {"[33,6,1]", "{'filters': 16, 'kernel': [33, 2]}", 2, "im2col"},
    {"[9,9,9]", "{'filters': 8, 'kernel': 3}", 3, "im2col"},
    {"[6,7,24]", "{'filters': 40, 'kernel': 1}", 5, "pointwise"},
    {"[23,9,130]", "{'filters': 260, 'kernel': 1, 'bias': false}", 9, "pointwise"},
    {"[1,1,3]", "{'filters': 1, 'kernel': 1}", 1, "pointwise"},
    {"[5,3,4,7]", "{'filters': 3, 'kernel': 1, 'dilation': 2}", 3, "pointwise"},
    {"[6,7,24]", "{'filters': 40, 'kernel': 1, 'stride': 2}", 5, "im2col"},
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static lido_status open_rig(const sample *s, const char *algorithm, lido_rig *rig) {
    char text[512], layer[640];
    snprintf(text, sizeof text, "%s", s->layer);
    for (char *p = text; *p; p++)
        if (*p == '\'') *p = '"';
    snprintf(layer, sizeof layer, "{\"type\": \"conv\", \"algorithm\": \"%s\", %s", algorithm,
             text + 1);
    return lido_rig_open(layer, s->shape, s->batch, false, rig, &error);
}

/* Largest difference over the root mean square of the expected values. */
static double difference(const lido_buffer *got, const lido_buffer *expected) {
    const lido_real *a = lido_reals(got), *b = lido_reals(expected);
    double worst = 0, squares = 0;
    for (int64_t i = 0; i < lido_count(expected); i++) {
        const double d = fabs((double)a[i] - b[i]);
        if (!(d <= worst)) worst = d;
        squares += (double)b[i] * b[i];
    }
    return worst / sqrt(squares / (double)lido_count(expected));
}

/* Products over patches add in another order; Winograd's larger interpolation points cost it one
 * digit (test_conv_winograd.c). In double both are far below what any training could see. */
static double tolerance(const char *algorithm) {
    const double epsilon = sizeof(lido_real) == 4 ? 1.2e-7 : 2.2e-16;
    return epsilon * (strcmp(algorithm, "winograd_4x4") == 0 ? 1000 : 300);
}

static void assert_equal_to_loop(lido_rig *rig, lido_rig *loop, double most) {
    lido_rig_run(rig, &(lido_way){.threads = 2});
    lido_rig_run(loop, &(lido_way){.threads = 2});
    ck_assert_double_lt(difference(&rig->y, &loop->y), most);
    ck_assert_double_lt(difference(&rig->dx[0], &loop->dx[0]), most);
    for (int i = 0; i < rig->needs.params; i++)
        ck_assert_double_lt(difference(&rig->dw[i], &loop->dw[i]), most);
}

static void assert_same(const lido_buffer *a, const lido_buffer *b) {
    ck_assert_mem_eq(a->data, b->data, a->bytes);
}

static void assert_same_bits_of_threads(lido_rig *one, lido_rig *three) {
    lido_rig_run(one, &(lido_way){.threads = 1});
    lido_rig_run(three, &(lido_way){.threads = 3});
    assert_same(&one->y, &three->y);
    assert_same(&one->dx[0], &three->dx[0]);
    for (int i = 0; i < one->needs.params; i++) assert_same(&one->dw[i], &three->dw[i]);
}

/* Opens sample and algorithm; false when it does not apply, which the sample's own choice does. */
static bool opens(const sample *s, const char *algorithm, lido_rig *rig) {
    if (open_rig(s, algorithm, rig)) {
        ck_assert_int_eq(error.status, LIDO_SHAPE);
        ck_assert_ptr_nonnull(strstr(error.message, "does not apply: it needs"));
        ck_assert_str_ne(algorithm, s->chosen);
        return false;
    }
    ck_assert_str_eq(rig->needs.algorithm, algorithm);
    return true;
}

/* _i: one of the algorithms, without "auto" and "direct", which is the loop. */
START_TEST(every_algorithm_equals_the_loop) {
    const char *algorithm = lido_conv_algorithm_names[_i];
    int run = 0;
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig rig, loop;
        if (!opens(&samples[i], algorithm, &rig)) continue;
        assert_ok(open_rig(&samples[i], "direct", &loop));
        assert_equal_to_loop(&rig, &loop, tolerance(algorithm));
        lido_rig_free(&loop);
        lido_rig_free(&rig);
        run++;
    }
    ck_assert_int_ge(run, 4);
}
END_TEST

START_TEST(the_same_bits_for_any_threads) {
    const char *algorithm = lido_conv_algorithm_names[_i];
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig one, three;
        if (!opens(&samples[i], algorithm, &one)) continue;
        assert_ok(open_rig(&samples[i], algorithm, &three));
        assert_same_bits_of_threads(&one, &three);
        lido_rig_free(&three);
        lido_rig_free(&one);
    }
}
END_TEST

START_TEST(chooses_by_shape) {
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig rig;
        assert_ok(open_rig(&samples[i], "auto", &rig));
        ck_assert_str_eq(rig.needs.algorithm, samples[i].chosen);
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(refuses_what_does_not_fit) {
    static const struct {
        const char *layer, *shape, *message;
        lido_status status;
    } refused[] = {
        {"{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3, \"groups\": 3}", "[8,8,4]",
         "\"groups\" 3 must divide", LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 4, \"kernel\": 9}", "[8,8,4]", "", LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 4, \"kernel\": 3}", "[8]", "", LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 4, \"kernel\": 5, \"padding\": 3, \"padding_mode\": "
         "\"reflect\"}",
         "[3,8,4]", "\"reflect\" padding of 3 needs an input longer than 3", LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 16, \"kernel\": 5, \"algorithm\": \"winograd_2x2\"}",
         "[8,8,16]",
         "\"algorithm\" \"winograd_2x2\" does not apply: it needs two spatial axes, a 3x3 kernel",
         LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 16, \"kernel\": 1, \"algorithm\": \"pointwise\", "
         "\"stride\": 2}",
         "[8,8,16]", "\"algorithm\" \"pointwise\" does not apply: it needs a kernel of 1, stride 1",
         LIDO_SHAPE},
        {"{\"type\": \"conv\", \"filters\": 16, \"kernel\": 3, \"algorithm\": \"fft\"}", "[8,8,16]",
         "winograd_2x2", LIDO_SPEC},
        {"{\"type\": \"conv\", \"filters\": 1048576, \"kernel\": 100}", "[200,200,4]",
         "more than 2^31 weights", LIDO_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        lido_rig rig;
        assert_fails(lido_rig_open(refused[i].layer, refused[i].shape, 1, false, &rig, &error),
                     refused[i].status, refused[i].message);
    }
}
END_TEST

int main(void) {
    int loop = 0;
    while (strcmp(lido_conv_algorithm_names[loop], "direct") != 0) loop++;
    Suite *suite = suite_create("conv");
    TCase *tcase = tcase_create("conv");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, every_algorithm_equals_the_loop, 1, loop);
    tcase_add_loop_test(tcase, the_same_bits_for_any_threads, 1, loop);
    tcase_add_test(tcase, chooses_by_shape);
    tcase_add_test(tcase, refuses_what_does_not_fit);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
