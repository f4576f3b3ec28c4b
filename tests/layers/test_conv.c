/* Every algorithm of convolution against the obvious loop, on shapes where blocks, tiles and panels
 * end unevenly; and which algorithm is chosen. The layer as a whole is in the registry-wide test.
 */
#include "layers/conv.h"

#include "harness/rig.h"
#include "team_of.h"

#include <math.h>
#include <stdio.h>

static lido_error error;

#define LIDO_CONV_ALGORITHM(name) extern const lido_conv_algorithm lido_conv_##name;
#include "layers/conv_algorithms.def"
#undef LIDO_CONV_ALGORITHM

static const lido_conv_algorithm *const algorithms[] = {
#define LIDO_CONV_ALGORITHM(name) &lido_conv_##name,
#include "layers/conv_algorithms.def"
#undef LIDO_CONV_ALGORITHM
};

enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

typedef struct sample {
    const char *shape, *layer;
    int64_t batch;
    const char *chosen;
} sample;

static const sample samples[] = {
    {"[13,13,32]", "{'filters': 64, 'kernel': 3}", 3, "winograd"},
    {"[11,14,17]", "{'filters': 33, 'kernel': 3, 'padding': [[2,1],[0,2]]}", 9, "winograd"},
    {"[8,8,96]", "{'filters': 130, 'kernel': 3, 'padding': 'same'}", 20, "winograd"},
    {"[6,6,16]", "{'filters': 16, 'kernel': 3, 'padding': 1, 'bias': false}", 1, "winograd"},
    {"[2,2,16]", "{'filters': 16, 'kernel': 3, 'padding': 1}", 2, "im2col"},
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
    {"[28,28,1]", "{'filters': 16, 'kernel': 3}", 2, "im2col"},
    {"[12,12,3]", "{'filters': 32, 'kernel': 3}", 2, "im2col"},
    {"[9,9,9]", "{'filters': 8, 'kernel': 3}", 3, "im2col"},
    {"[6,7,24]", "{'filters': 40, 'kernel': 1}", 5, "im2col"},
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static lido_rig open_rig(const sample *s) {
    char text[512];
    snprintf(text, sizeof text, "%s", s->layer);
    for (char *p = text; *p; p++)
        if (*p == '\'') *p = '"';
    char layer[560];
    snprintf(layer, sizeof layer, "{\"type\": \"conv\", %s", text + 1);
    lido_rig rig;
    assert_ok(lido_rig_open(layer, s->shape, s->batch, false, &rig, &error));
    return rig;
}

typedef struct results {
    lido_real *y, *dx, *dw, *db;
} results;

static lido_real *numbers(int64_t count) {
    lido_real *values = malloc((size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++) values[i] = (lido_real)NAN;
    return values;
}

static void *lines(size_t bytes) {
    return aligned_alloc(64, (bytes / 64 + 1) * 64);
}

/* Runs one algorithm both ways on the rig's inputs. */
static results run(const lido_rig *rig, const lido_conv_algorithm *algorithm, int threads) {
    lido_needs needs = rig->needs;
    needs.scratch = needs.scratch_worker = 0;
    const lido_conv *conv = rig->tables.data;
    ck_assert(algorithm->memory(conv, rig->batch, &needs));
    const bool bias = rig->needs.params > 1;
    results r = {numbers(lido_count(&rig->y)), numbers(lido_count(&rig->x[0])),
                 numbers(lido_count(&rig->w[0])), bias ? numbers(lido_count(&rig->w[1])) : NULL};
    const lido_real *x[1] = {lido_start(&rig->x[0])};
    lido_real *dx[1] = {r.dx};
    const size_t stride = (needs.scratch_worker + 63) / 64 * 64;
    lido_call call = {.config = rig->config,
                      .tables = conv,
                      .inputs = 1,
                      .batch = rig->batch,
                      .x_shape = rig->x_shape,
                      .y_shape = &rig->needs.y,
                      .x = x,
                      .y = r.y,
                      .dy = lido_start(&rig->dy),
                      .dx = dx,
                      .w = {lido_start(&rig->w[0]), bias ? lido_start(&rig->w[1]) : NULL},
                      .dw = {r.dw, r.db},
                      .scratch = lines(needs.scratch),
                      .worker_scratch = lines(stride * (size_t)threads),
                      .worker_stride = stride,
                      .team = team_of(threads),
                      .training = true};
    algorithm->forward(conv, &call);
    algorithm->backward(conv, &call);
    free(call.scratch);
    free(call.worker_scratch);
    return r;
}

static void release(results *r) {
    free(r->y);
    free(r->dx);
    free(r->dw);
    free(r->db);
}

/* Largest difference over the root mean square of the expected values. */
static double difference(const lido_real *got, const lido_real *expected, int64_t count) {
    double worst = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) {
        const double d = fabs((double)got[i] - expected[i]);
        if (!(d <= worst)) worst = d;
        squares += (double)expected[i] * expected[i];
    }
    return worst / sqrt(squares / (double)count);
}

/* Products over patches add in another order; Winograd's larger interpolation points cost it one
 * digit. In double both are far below what any training could see. */
static double tolerance(const lido_conv_algorithm *algorithm) {
    const double epsilon = sizeof(lido_real) == 4 ? 1.2e-7 : 2.2e-16;
    return epsilon * (strcmp(algorithm->name, "winograd") == 0 ? 1000 : 300);
}

START_TEST(every_algorithm_equals_the_loop) {
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig rig = open_rig(&samples[i]);
        results expected = run(&rig, &lido_conv_direct, 2);
        for (int a = 0; a < ALGORITHMS; a++) {
            if (!algorithms[a]->applicable(rig.tables.data)) continue;
            results got = run(&rig, algorithms[a], 2);
            const double most = tolerance(algorithms[a]);
            ck_assert_double_lt(difference(got.y, expected.y, lido_count(&rig.y)), most);
            ck_assert_double_lt(difference(got.dx, expected.dx, lido_count(&rig.x[0])), most);
            ck_assert_double_lt(difference(got.dw, expected.dw, lido_count(&rig.w[0])), most);
            if (got.db)
                ck_assert_double_lt(difference(got.db, expected.db, lido_count(&rig.w[1])), most);
            release(&got);
        }
        release(&expected);
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(the_same_bits_for_any_threads) {
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig rig = open_rig(&samples[i]);
        for (int a = 0; a < ALGORITHMS; a++) {
            if (!algorithms[a]->applicable(rig.tables.data)) continue;
            results one = run(&rig, algorithms[a], 1), three = run(&rig, algorithms[a], 3);
            ck_assert_mem_eq(one.y, three.y, (size_t)lido_count(&rig.y) * sizeof(lido_real));
            ck_assert_mem_eq(one.dx, three.dx, (size_t)lido_count(&rig.x[0]) * sizeof(lido_real));
            ck_assert_mem_eq(one.dw, three.dw, (size_t)lido_count(&rig.w[0]) * sizeof(lido_real));
            release(&one);
            release(&three);
        }
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(chooses_by_shape) {
    for (int i = 0; i < SAMPLES; i++) {
        lido_rig rig = open_rig(&samples[i]);
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

LIDO_TEST_MAIN("conv", every_algorithm_equals_the_loop, the_same_bits_for_any_threads,
               chooses_by_shape, refuses_what_does_not_fit)
