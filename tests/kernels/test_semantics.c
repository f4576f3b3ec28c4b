/* test_semantics.c - each engine's defaults and border rules, by hand. */
#include "lido_check.h"

#include "kernels/semantics.h"

static lido_error error;

/* A window over one or two axes as it is written; zero: not written. */
typedef struct written {
    const char *engine;
    int64_t length, kernel, stride, padding;
    int ceil;   /* -1: not written */
    bool valid; /* "padding": "valid" is written */
} written;

static const lido_engine *engine_of(const char *name) {
    int i = 0;
    while (strcmp(lido_engine_names[i], name) != 0) i++;
    ck_assert_str_eq(lido_engine_at(i)->name, name);
    return lido_engine_at(i);
}

static lido_axes one(int64_t number) {
    return (lido_axes){.count = number > 0, .at = {number}};
}

static lido_window_options options_of(const written *w) {
    lido_window_options options = {
        .kernel = one(w->kernel), .stride = one(w->stride), .ceil = w->ceil == 1};
    if (w->padding > 0)
        options.padding =
            (lido_padding){LIDO_EXPLICIT, 1, .before = {w->padding}, .after = {w->padding}};
    return options;
}

static lido_status resolve(const written *w, lido_geometry *geometry) {
    const int64_t dims[] = {w->length, 1};
    lido_shape shape;
    assert_ok(lido_shape_make(dims, 2, &shape, &error));
    lido_window_options options = options_of(w);
    lido_status status = lido_engine_apply(engine_of(w->engine), w->padding > 0 || w->valid,
                                           w->ceil >= 0, &options, &error);
    return status ? status : lido_geometry_make(&options, &shape, geometry, &error);
}

START_TEST(sizes) {
    static const struct {
        written w;
        int64_t output, stride, before, after;
    } cases[] = {
        {{"torch", 7, 3, 0, 0, -1, false}, 2, 3, 0, 0},
        {{"torch", 8, 3, 2, 0, -1, false}, 3, 2, 0, 0},
        {{"torch", 7, 2, 2, 1, 1, false}, 4, 2, 1, 1},
        {{"torch", 5, 1, 3, 0, 1, false}, 2, 3, 0, 0},
        {{"keras", 7, 3, 0, 0, -1, false}, 2, 3, 0, 0},
        {{"onnx", 7, 3, 0, 0, -1, false}, 5, 1, 0, 0},
        {{"onnx", 7, 3, 2, 1, -1, false}, 4, 2, 1, 1},
        {{"caffe", 7, 3, 0, 0, -1, false}, 3, 3, 0, 0},
        {{"caffe", 8, 3, 2, 0, -1, false}, 4, 2, 0, 0},
        {{"caffe", 8, 3, 2, 0, 0, false}, 3, 2, 0, 0},
        /* ceil(7 / 2) + 1 = 5, and the fifth would start at 8 = 7 + 1 */
        {{"caffe", 7, 2, 2, 1, -1, false}, 4, 2, 1, 1},
        {{"darknet", 7, 2, 0, 0, -1, false}, 7, 1, 0, 1},
        {{"darknet", 416, 2, 2, 0, -1, false}, 208, 2, 0, 1},
        {{"darknet", 7, 3, 2, 0, -1, false}, 4, 2, 1, 1},
        {{"darknet", 7, 4, 3, 5, -1, false}, 3, 3, 2, 3},
        {{"darknet", 8, 2, 2, 0, -1, true}, 4, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_geometry geometry;
        assert_ok(resolve(&cases[i].w, &geometry));
        ck_assert_int_eq(geometry.output[2], cases[i].output);
        ck_assert_int_eq(geometry.stride[2], cases[i].stride);
        ck_assert_int_eq(geometry.before[2], cases[i].before);
        ck_assert_int_eq(geometry.after[2], cases[i].after);
    }
}
END_TEST

/* Caffe looks at both axes: padding on one takes the last window of the other away. */
START_TEST(caffe_keeps_the_last_window_without_padding) {
    lido_window_options options = {.kernel = {.count = 2, .at = {2, 1}},
                                   .stride = {.count = 2, .at = {2, 3}},
                                   .padding = {LIDO_EXPLICIT, 2, {1, 0}, {1, 0}}};
    const int64_t dims[] = {6, 5, 1};
    lido_shape shape;
    lido_geometry geometry;
    assert_ok(lido_shape_make(dims, 3, &shape, &error));
    assert_ok(lido_engine_apply(engine_of("caffe"), true, false, &options, &error));
    assert_ok(lido_geometry_make(&options, &shape, &geometry, &error));
    ck_assert_int_eq(geometry.output[1], 4);
    ck_assert_int_eq(geometry.output[2], 2);

    const written unpadded = {"caffe", 5, 1, 3, 0, -1, false};
    assert_fails(resolve(&unpadded, &geometry), LIDO_SHAPE,
                 "width: window 2 has no cell inside the input of length 5 (padding 0 before, "
                 "stride 3, dilation 1)");
}
END_TEST

START_TEST(totals_are_split_for_each_axis) {
    lido_window_options options = {.kernel = {.count = 2, .at = {4, 3}}};
    assert_ok(lido_engine_apply(engine_of("darknet"), false, false, &options, &error));
    ck_assert_int_eq(options.padding.count, 2);
    ck_assert_int_eq(options.padding.before[0], 1);
    ck_assert_int_eq(options.padding.after[0], 2);
    ck_assert_int_eq(options.padding.before[1], 1);
    ck_assert_int_eq(options.padding.after[1], 1);
}
END_TEST

START_TEST(averages) {
    static const bool counts[] = {true, false, false, true, false};
    for (int i = 0; lido_engine_names[i]; i++)
        ck_assert(lido_engine_at(i)->counts_padding == counts[i]);
    ck_assert_ptr_eq(lido_engine_at(-1), lido_engine_at(0));
}
END_TEST

static void assert_lacks(const char *engine, lido_window_options options, const char *text) {
    assert_fails(lido_engine_apply(engine_of(engine), true, options.ceil, &options, &error),
                 LIDO_SPEC, text);
}

START_TEST(what_an_engine_has_not) {
    static const char *const plain[] = {"caffe", "darknet"};
    for (int i = 0; i < 2; i++) {
        assert_lacks(plain[i], (lido_window_options){.kernel = {1, {3}}, .dilation = {2, {1, 2}}},
                     "\"dilation\" is 2, but pooling in");
        assert_lacks(plain[i],
                     (lido_window_options){.kernel = {1, {3}}, .padding = {.mode = LIDO_SAME}},
                     "is padded by numbers");
    }
    assert_lacks("darknet", (lido_window_options){.kernel = {1, {3}}, .ceil = true},
                 "\"ceil\" is true, but darknet rounds down");
    assert_lacks("darknet",
                 (lido_window_options){.kernel = {1, {3}}, .padding = {LIDO_EXPLICIT, 1, {0}, {1}}},
                 "padding in darknet is one total");
    const written wide = {"caffe", 7, 2, 2, 2, -1, false};
    lido_geometry geometry;
    assert_fails(resolve(&wide, &geometry), LIDO_SHAPE, "must be smaller than the window's extent");
}
END_TEST

LIDO_TEST_MAIN("semantics", sizes, caffe_keeps_the_last_window_without_padding,
               totals_are_split_for_each_axis, averages, what_an_engine_has_not)
