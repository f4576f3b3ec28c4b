/* pool_check.h - what the tests of pooling layers share: one layer, given numbers in, numbers out.
 */
#ifndef LIDO_POOL_CHECK_H
#define LIDO_POOL_CHECK_H

#include "harness/rig.h"
#include "lido_check.h"

#include <math.h>

#define VALUES(...) \
    (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double)

static lido_error error;

static inline lido_rig open_pool(const char *json, const char *shapes, int64_t batch) {
    lido_rig rig;
    assert_ok(lido_rig_open(json, shapes, batch, false, &rig, &error));
    return rig;
}

/* The buffer starts with these; one value stands for all. */
static inline void start_with(const lido_buffer *buffer, const double *value, size_t count) {
    ck_assert(count == 1 || (int64_t)count == lido_count(buffer));
    for (int64_t i = 0; i < lido_count(buffer); i++)
        lido_start(buffer)[i] = (lido_real)value[count == 1 ? 0 : i];
}

/* Bit for bit, but that one NaN is as good as another. */
static inline void assert_holds(const lido_buffer *buffer, const double *value, size_t count) {
    ck_assert_int_eq(lido_count(buffer), (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        lido_real got = lido_reals(buffer)[i], wanted = (lido_real)value[i];
        ck_assert_msg(got == wanted || (isnan(got) && isnan(wanted)), "[%zu] is %g, not %g", i,
                      (double)got, (double)wanted);
    }
}

static inline double sum_of(const lido_buffer *buffer) {
    double sum = 0;
    for (int64_t i = 0; i < lido_count(buffer); i++) sum += (double)lido_reals(buffer)[i];
    return sum;
}

/* The same numbers through two layers come out the same, forward and backward. */
static inline void assert_equal_layers(const char *json, const char *shapes, const char *other,
                                       const char *other_shapes) {
    lido_rig a = open_pool(json, shapes, 2), b = open_pool(other, other_shapes, 2);
    lido_rig_run(&a, &(lido_way){0});
    lido_rig_run(&b, &(lido_way){0});
    ck_assert_int_eq(lido_count(&a.y), lido_count(&b.y));
    ck_assert_mem_eq(a.y.data, b.y.data, a.y.bytes);
    ck_assert_mem_eq(a.dx[0].data, b.dx[0].data, a.dx[0].bytes);
    lido_rig_free(&a);
    lido_rig_free(&b);
}

/* The layer is refused; the message holds `text`. */
static inline void assert_refused(const char *json, const char *shapes, lido_status status,
                                  const char *text) {
    lido_rig rig;
    assert_fails(lido_rig_open(json, shapes, 1, false, &rig, &error), status, text);
}

#endif
