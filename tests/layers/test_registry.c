/* test_registry.c [LAYER] - what holds for every layer: each case of cases.def is run in every mode
 * below, or each case of that layer. A new layer is covered by its lines there and by its reference
 * in tests/reference. */
#include "lido_check.h"

#include "harness/reference.h"

#include <math.h>
#include <stdio.h>

typedef struct test_case {
    int64_t batch;
    const char *shapes, *json;
    bool large, nonnegative;
} test_case;

static const test_case cases[] = {
#define LIDO_CASE(batch, shapes, ...) {batch, shapes, #__VA_ARGS__, false, false},
#define LIDO_LARGE(batch, shapes, ...) {batch, shapes, #__VA_ARGS__, true, false},
#define LIDO_NONNEGATIVE(batch, shapes, ...) {batch, shapes, #__VA_ARGS__, false, true},
#define LIDO_REFUSED(option, shapes, reason, ...)
#include "layers/cases.def"
#undef LIDO_REFUSED
#undef LIDO_NONNEGATIVE
#undef LIDO_CASE
#undef LIDO_LARGE
};
enum { CASES = sizeof cases / sizeof *cases };

/* An option that a layer shares with its family and cannot honour: it says so. */
typedef struct refused_case {
    const char *option, *shapes, *reason, *json;
} refused_case;

static const refused_case refused[] = {
#define LIDO_CASE(batch, shapes, ...)
#define LIDO_LARGE(batch, shapes, ...)
#define LIDO_NONNEGATIVE(batch, shapes, ...)
#define LIDO_REFUSED(option, shapes, reason, ...) {#option, shapes, reason, #__VA_ARGS__},
#include "layers/cases.def"
#undef LIDO_REFUSED
#undef LIDO_NONNEGATIVE
#undef LIDO_CASE
#undef LIDO_LARGE
};
enum { REFUSED = sizeof refused / sizeof *refused };

#ifdef LIDO_DOUBLE
static const double value_tolerance = 1e-12, gradient_tolerance = 1e-6;
static const bool exhaustive = true;
#else
static const double value_tolerance = 2e-5, gradient_tolerance = 1e-4;
static const bool exhaustive = false;
#endif

static const lido_way training = {0}, evaluation = {.evaluation = true};

/* ---- helpers ------------------------------------------------------------------------------- */

/* Inside loops over values: an if and ck_abort_msg, since each ck_assert writes to a file. */

static void open_signed(const test_case *c, bool nonnegative, lido_rig *rig) {
    lido_error error = {0};
    lido_status status = lido_rig_open(c->json, c->shapes, c->batch, nonnegative, rig, &error);
    ck_assert_msg(status == LIDO_OK, "%s on %s: %s", c->json, c->shapes, error.message);
}

static void open_case(const test_case *c, lido_rig *rig) {
    open_signed(c, c->nonnegative, rig);
}

/* The largest magnitude, at least 1: what errors are measured against. */
static double scale_of(const double *value, int64_t count) {
    double scale = 1;
    for (int64_t i = 0; i < count; i++) scale = fmax(scale, fabs(value[i]));
    return scale;
}

static void assert_near(const test_case *c, const char *what, const lido_real *got,
                        const double *wanted, int64_t count, double tolerance) {
    double scale = scale_of(wanted, count);
    for (int64_t i = 0; i < count; i++) {
        if (fabs((double)got[i] - wanted[i]) <= tolerance * scale) continue;
        ck_abort_msg("%s on %s: %s[%lld] is %.12g, not %.12g", c->json, c->shapes, what,
                     (long long)i, (double)got[i], wanted[i]);
    }
}

static void assert_same(const test_case *c, const char *what, const lido_buffer *a,
                        const lido_buffer *b) {
    if (a->bytes == 0) return;
    if (memcmp(a->data, b->data, a->bytes) == 0) return;
    int64_t i = 0;
    while (memcmp(lido_reals(a) + i, lido_reals(b) + i, sizeof(lido_real)) == 0) i++;
    ck_abort_msg("%s on %s: %s[%lld] is %.12g or %.12g", c->json, c->shapes, what, (long long)i,
                 (double)lido_reals(a)[i], (double)lido_reals(b)[i]);
}

static void assert_same_gradients(const test_case *c, const lido_rig *a, const lido_rig *b, bool dx,
                                  bool dw) {
    for (int i = 0; dx && i < a->inputs; i++) assert_same(c, "dx", &a->dx[i], &b->dx[i]);
    for (int i = 0; dw && i < a->needs.params; i++) assert_same(c, "dw", &a->dw[i], &b->dw[i]);
}

static void assert_same_results(const test_case *c, const lido_rig *a, const lido_rig *b) {
    assert_same(c, "y", &a->y, &b->y);
    assert_same_gradients(c, a, b, true, true);
    for (int i = 0; i < a->needs.states; i++) assert_same(c, "state", &a->state[i], &b->state[i]);
}

static void assert_numbers(const test_case *c, const char *what, const lido_buffer *buffer) {
    for (int64_t i = 0; i < lido_count(buffer); i++)
        if (!isfinite(lido_reals(buffer)[i]))
            ck_abort_msg("%s on %s: %s[%lld] was not written", c->json, c->shapes, what,
                         (long long)i);
}

/* ---- the reference ------------------------------------------------------------------------- */

static double *doubles(const lido_buffer *buffer) {
    int64_t count = lido_count(buffer);
    double *value = malloc((size_t)count * sizeof *value);
    ck_assert_ptr_nonnull(value);
    for (int64_t i = 0; i < count; i++) value[i] = (double)lido_start(buffer)[i];
    return value;
}

static lido_example example_make(const lido_rig *rig, bool is_training) {
    lido_example e = {.options = rig->options,
                      .inputs = rig->inputs,
                      .batch = rig->batch,
                      .x_shape = rig->x_shape,
                      .y_shape = &rig->needs.y,
                      .training = is_training,
                      .draw = lido_rig_draw(rig),
                      .of = rig->of};
    for (int i = 0; i < rig->inputs; i++) e.x[i] = doubles(&rig->x[i]);
    for (int i = 0; i < rig->needs.params; i++) e.w[i] = doubles(&rig->w[i]);
    for (int i = 0; i < rig->needs.states; i++) e.state[i] = doubles(&rig->state[i]);
    return e;
}

static void example_free(lido_example *e) {
    for (int i = 0; i < LIDO_MAX_INPUTS; i++) free(e->x[i]);
    for (int i = 0; i < LIDO_MAX_PARAMS; i++) free(e->w[i]);
    for (int i = 0; i < LIDO_MAX_STATES; i++) free(e->state[i]);
}

static lido_reference reference_of(const lido_rig *rig) {
    lido_reference reference = lido_reference_find(rig->layer->name);
    ck_assert_msg(reference != NULL, "tests/reference has none for %s", rig->layer->name);
    return reference;
}

static void check_forward(const test_case *c, lido_rig *rig, const lido_way *way) {
    int64_t count = lido_count(&rig->y);
    double *wanted = malloc((size_t)count * sizeof *wanted);
    ck_assert_ptr_nonnull(wanted);
    lido_example e = example_make(rig, !way->evaluation);
    reference_of(rig)(&e, wanted);
    lido_rig_run(rig, way);
    assert_near(c, way->evaluation ? "evaluated y" : "y", lido_reals(&rig->y), wanted, count,
                value_tolerance);
    example_free(&e);
    free(wanted);
}

START_TEST(forward_equals_reference) {
    lido_rig rig;
    open_case(&cases[_i], &rig);
    check_forward(&cases[_i], &rig, &training);
    check_forward(&cases[_i], &rig, &evaluation);
    lido_rig_free(&rig);
}
END_TEST

/* ---- gradients ----------------------------------------------------------------------------- */

/* sum(dy y) of the reference. */
typedef struct objective {
    lido_reference reference;
    const lido_example *example;
    const double *dy;
    double *y;
    int64_t count;
} objective;

static double evaluate(const objective *o) {
    double sum = 0;
    o->reference(o->example, o->y);
    for (int64_t i = 0; i < o->count; i++) sum += o->dy[i] * o->y[i];
    return sum;
}

static double difference(const objective *o, double *value) {
    const double step = 1e-5, kept = *value;
    *value = kept + step;
    double above = evaluate(o);
    *value = kept - step;
    double below = evaluate(o);
    *value = kept;
    return (above - below) / (2 * step);
}

/* The layer's gradient against central differences of the reference, for every `stride`-th value.
 */
static void check_gradient(const test_case *c, const objective *o, const char *what,
                           const lido_buffer *gradient, double *value, int64_t stride) {
    for (int64_t i = 0; i < lido_count(gradient); i += stride) {
        double a = (double)lido_reals(gradient)[i], n = difference(o, &value[i]);
        if (fabs(a - n) <= gradient_tolerance * fmax(1, fmax(fabs(a), fabs(n)))) continue;
        ck_abort_msg("%s on %s: %s[%lld] is %.9g, differences say %.9g", c->json, c->shapes, what,
                     (long long)i, a, n);
    }
}

static void check_no_gradient(const test_case *c, const lido_buffer *gradient) {
    for (int64_t i = 0; i < lido_count(gradient); i++)
        if (lido_reals(gradient)[i] != 0)
            ck_abort_msg("%s on %s: a gradient to the boxes", c->json, c->shapes);
}

/* Every value, or a sample of them. */
static int64_t stride_of(const lido_buffer *buffer, bool every) {
    enum { SAMPLE = 12, SMALL = 1 << 13 };
    return every && lido_count(buffer) <= SMALL ? 1 : lido_count(buffer) / SAMPLE + 1;
}

/* Those the last run left. */
static void check_gradients(const test_case *c, const lido_rig *rig, bool every) {
    lido_example e = example_make(rig, true);
    objective o = {reference_of(rig), &e, doubles(&rig->dy), doubles(&rig->dy),
                   lido_count(&rig->dy)};
    for (int i = 0; i < rig->inputs; i++)
        if (lido_rig_is_boxes(rig, i))
            check_no_gradient(c, &rig->dx[i]);
        else
            check_gradient(c, &o, "dx", &rig->dx[i], e.x[i], stride_of(&rig->dx[i], every));
    for (int i = 0; i < rig->needs.params; i++)
        check_gradient(c, &o, rig->needs.param[i].name, &rig->dw[i], e.w[i],
                       stride_of(&rig->dw[i], every));
    free((double *)o.dy);
    free(o.y);
    example_free(&e);
}

/* Exhaustive in double on small shapes. */
START_TEST(gradients_equal_differences) {
    lido_rig rig;
    open_case(&cases[_i], &rig);
    lido_rig_run(&rig, &training);
    check_gradients(&cases[_i], &rig, exhaustive && !cases[_i].large);
    lido_rig_free(&rig);
}
END_TEST

/* ---- what must not matter ------------------------------------------------------------------ */

START_TEST(threads_do_not_matter) {
    static const int threads[] = {2, 3, LIDO_RIG_THREADS};
    lido_rig one, many;
    open_case(&cases[_i], &one);
    open_case(&cases[_i], &many);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        for (int e = 0; e < 2; e++) {
            lido_rig_run(&one, &(lido_way){.evaluation = e});
            lido_rig_run(&many, &(lido_way){.evaluation = e, .threads = threads[i]});
            assert_same_results(&cases[_i], &one, &many);
        }
    }
    lido_rig_free(&one);
    lido_rig_free(&many);
}
END_TEST

START_TEST(everything_is_written) {
    const test_case *c = &cases[_i];
    lido_rig rig;
    open_case(c, &rig);
    lido_rig_run(&rig, &evaluation);
    assert_numbers(c, "evaluated y", &rig.y);
    lido_rig_run(&rig, &training);
    assert_numbers(c, "y", &rig.y);
    for (int i = 0; i < rig.inputs; i++) assert_numbers(c, "dx", &rig.dx[i]);
    for (int i = 0; i < rig.needs.params; i++) assert_numbers(c, "dw", &rig.dw[i]);
    lido_rig_free(&rig);
}
END_TEST

START_TEST(unwanted_gradients_may_be_absent) {
    const test_case *c = &cases[_i];
    lido_rig whole, part;
    open_case(c, &whole);
    open_case(c, &part);
    lido_rig_run(&whole, &training);
    lido_rig_run(&part, &(lido_way){.without_dx = true});
    assert_same_gradients(c, &whole, &part, false, true);
    lido_rig_run(&part, &(lido_way){.without_dw = true});
    assert_same_gradients(c, &whole, &part, true, false);
    lido_rig_run(&part, &(lido_way){.without_dx = true, .without_dw = true});
    lido_rig_free(&whole);
    lido_rig_free(&part);
}
END_TEST

START_TEST(in_place_does_not_matter) {
    lido_rig apart, together;
    open_case(&cases[_i], &apart);
    open_case(&cases[_i], &together);
    if (apart.needs.in_place) {
        ck_assert_int_eq(apart.inputs, 1);
        ck_assert(lido_shape_size(&apart.needs.y) == lido_shape_size(&apart.x_shape[0]));
        ck_assert_msg(!apart.needs.backward_reads_x, "%s overwrites the x it reads",
                      apart.layer->name);
        for (int e = 0; e < 2; e++) {
            lido_rig_run(&apart, &(lido_way){.evaluation = e});
            lido_rig_run(&together, &(lido_way){.evaluation = e, .in_place = true});
            assert_same_results(&cases[_i], &apart, &together);
        }
    }
    lido_rig_free(&apart);
    lido_rig_free(&together);
}
END_TEST

START_TEST(backward_reads_what_it_asked_for) {
    lido_rig open, hidden;
    open_case(&cases[_i], &open);
    open_case(&cases[_i], &hidden);
    lido_rig_run(&open, &training);
    lido_rig_run(&hidden, &(lido_way){.hide_unread = true});
    assert_same_results(&cases[_i], &open, &hidden);
    lido_rig_free(&open);
    lido_rig_free(&hidden);
}
END_TEST

/* ---- draws and switches -------------------------------------------------------------------- */

/* The numbers of another step, given, do what they do in that step: every bit, and the gradient. */
START_TEST(draws_may_be_given) {
    const test_case *c = &cases[_i];
    lido_rig drawn, given;
    open_case(c, &drawn);
    open_case(c, &given);
    if (drawn.needs.draws > 0) {
        drawn.step++;
        float *draws = lido_rig_draws(&drawn);
        given.draws = draws;
        for (int e = 1; e >= 0; e--) {
            lido_rig_run(&drawn, &(lido_way){.evaluation = e});
            lido_rig_run(&given, &(lido_way){.evaluation = e});
            assert_same_results(c, &drawn, &given);
        }
        given.step = drawn.step; /* for the reference, which draws by itself */
        check_gradients(c, &given, false);
        ck_assert(given.needs.draws_text[0]);
        free(draws);
    }
    lido_rig_free(&drawn);
    lido_rig_free(&given);
}
END_TEST

/* Every output is the value, or the magnitude, of the cell it names, and sends its gradient there.
 */
static void check_switches(const test_case *c, const lido_rig *rig) {
    const int64_t elements = lido_shape_size(&rig->needs.y), channels = rig->x_shape[0].channels;
    const lido_real *x = lido_reals(&rig->x[0]), *y = lido_reals(&rig->y);
    const bool magnitude = strcmp(rig->layer->name, "lp_pool") == 0;
    double *dx = calloc((size_t)lido_count(&rig->dx[0]), sizeof *dx);
    ck_assert_ptr_nonnull(dx);
    for (int64_t i = 0; i < lido_count(&rig->y); i++) {
        const int64_t cell = rig->switches[i];
        const int64_t at = i / elements * lido_shape_size(&rig->x_shape[0]) + cell * channels +
                           i % elements % channels;
        const lido_real value = cell < 0 ? 0 : magnitude ? (lido_real)fabs((double)x[at]) : x[at];
        if (y[i] != value || cell >= lido_shape_positions(&rig->x_shape[0]))
            ck_abort_msg("%s on %s: y[%lld] is not that of cell %lld", c->json, c->shapes,
                         (long long)i, (long long)cell);
        if (cell >= 0) dx[at] += (double)lido_reals(&rig->dy)[i] * (y[i] == x[at] ? 1 : -1);
    }
    assert_near(c, "dx", lido_reals(&rig->dx[0]), dx, lido_count(&rig->dx[0]), value_tolerance);
    free(dx);
}

START_TEST(switches_name_the_cells) {
    lido_rig rig;
    open_case(&cases[_i], &rig);
    if (rig.needs.switches[1]) {
        lido_rig_run(&rig, &training);
        check_switches(&cases[_i], &rig);
    }
    if (rig.needs.switches[0]) { /* only lent ones are kept */
        rig.lends = true;
        lido_rig_run(&rig, &training);
        int64_t *wanted = rig.switches;
        const size_t bytes = (size_t)lido_count(&rig.y) * sizeof *wanted;
        rig.switches = malloc(bytes);
        ck_assert_ptr_nonnull(rig.switches);
        memset(rig.switches, 0xff, bytes);
        lido_rig_run(&rig, &evaluation);
        ck_assert_mem_eq(rig.switches, wanted, bytes);
        free(wanted);
    }
    lido_rig_free(&rig);
}
END_TEST

/* ---- place in the batch -------------------------------------------------------------------- */

static void copy_samples(const lido_buffer *from, int64_t first, lido_buffer *to, int64_t batch) {
    size_t sample = to->bytes / (size_t)batch;
    memcpy(to->start, (const char *)from->start + sample * (size_t)first, to->bytes);
}

static void assert_part(const test_case *c, const char *what, const lido_buffer *whole,
                        int64_t first, const lido_buffer *part, int64_t batch) {
    size_t sample = part->bytes / (size_t)batch;
    const char *place = (const char *)whole->data + sample * (size_t)first;
    ck_assert_msg(memcmp(place, part->data, part->bytes) == 0,
                  "%s on %s: %s of samples %lld.. depends on the others", c->json, c->shapes, what,
                  (long long)first);
}

/* Samples first, first + 1, ... alone against the same in the whole batch. */
static void check_part(const test_case *c, lido_rig *whole, int64_t first, int64_t batch,
                       bool is_evaluation) {
    test_case smaller = *c;
    smaller.batch = batch;
    lido_rig part;
    open_case(&smaller, &part);
    lido_way way = {.evaluation = is_evaluation};
    for (int i = 0; i < part.inputs; i++) copy_samples(&whole->x[i], first, &part.x[i], batch);
    copy_samples(&whole->dy, first, &part.dy, batch);
    if (part.of) copy_samples(&whole->of->x[0], first, &part.of->x[0], batch);
    for (int64_t i = 0; i < batch; i++) part.sample[i] = whole->sample[first + i];
    lido_rig_run(whole, &way);
    lido_rig_run(&part, &way);
    assert_part(c, "y", &whole->y, first, &part.y, batch);
    for (int i = 0; !is_evaluation && i < part.inputs; i++)
        assert_part(c, "dx", &whole->dx[i], first, &part.dx[i], batch);
    lido_rig_free(&part);
}

/* Running state is made of statistics of the batch: there the samples do depend on each other. */
START_TEST(place_in_the_batch_does_not_matter) {
    const test_case *c = &cases[_i];
    lido_rig rig;
    open_case(c, &rig);
    for (int e = rig.needs.states > 0; e < 2; e++) {
        check_part(c, &rig, 0, (c->batch + 1) / 2, e);
        check_part(c, &rig, c->batch - 1, 1, e);
    }
    lido_rig_free(&rig);
}
END_TEST

/* ---- promises and coverage ----------------------------------------------------------------- */

START_TEST(nonnegative_is_true) {
    const test_case *c = &cases[_i];
    for (int n = c->nonnegative; n < 2; n++) {
        lido_rig rig;
        open_signed(c, n, &rig);
        for (int e = 0; e < 2; e++) {
            lido_rig_run(&rig, &(lido_way){.evaluation = e});
            for (int64_t i = 0; rig.needs.nonnegative && i < lido_count(&rig.y); i++)
                if (!(lido_reals(&rig.y)[i] >= 0))
                    ck_abort_msg("%s on %s: y[%lld] is %g", c->json, c->shapes, (long long)i,
                                 (double)lido_reals(&rig.y)[i]);
        }
        lido_rig_free(&rig);
    }
}
END_TEST

START_TEST(segments_are_well_formed) {
    lido_rig rig;
    open_case(&cases[_i], &rig);
    for (int i = 0; i < rig.needs.params; i++) {
        const lido_param *param = &rig.needs.param[i];
        ck_assert_ptr_nonnull(param->name);
        ck_assert_int_le(param->rank, LIDO_MAX_DIMS);
        ck_assert(lido_count(&rig.w[i]) > 0);
        if (param->init < LIDO_INIT_ZEROS) ck_assert(param->fan_in > 0 && param->fan_out > 0);
    }
    lido_rig_free(&rig);
}
END_TEST

/* The layer of each case and the options it writes. */
typedef struct written_case {
    const lido_layer *layer;
    lido_given given;
} written_case;

static void read_cases(written_case *written) {
    for (int i = 0; i < CASES; i++) {
        lido_rig rig;
        open_case(&cases[i], &rig);
        written[i] = (written_case){rig.layer, rig.given};
        lido_rig_free(&rig);
    }
}

static bool has_case(const written_case *written, const lido_layer *layer) {
    for (int i = 0; i < CASES; i++)
        if (written[i].layer == layer) return true;
    return false;
}

/* Whether a case as it is written in the table is of that layer. */
static bool is_of(const char *json, const char *layer) {
    char type[LIDO_TEXT_SIZE];
    snprintf(type, sizeof type, "{\"type\": \"%s\"", layer);
    return strncmp(json, type, strlen(type)) == 0;
}

static bool is_refused(const lido_layer *layer, const char *option) {
    for (int i = 0; i < REFUSED; i++)
        if (is_of(refused[i].json, layer->name) && strcmp(refused[i].option, option) == 0)
            return true;
    return false;
}

static bool option_has_case(const written_case *written, const lido_layer *layer,
                            const char *option) {
    for (int i = 0; i < CASES; i++)
        if (written[i].layer == layer && lido_is_given(layer->options, written[i].given, option))
            return true;
    return is_refused(layer, option);
}

START_TEST(what_cannot_be_honoured_is_refused) {
    for (int i = 0; i < REFUSED; i++) {
        lido_rig rig;
        lido_error error = {0};
        ck_assert_ptr_nonnull(strstr(refused[i].json, refused[i].option));
        lido_status status =
            lido_rig_open(refused[i].json, refused[i].shapes, 1, false, &rig, &error);
        ck_assert_msg(status == LIDO_SPEC || status == LIDO_SHAPE, "%s: %s", refused[i].json,
                      lido_status_text(status));
        ck_assert_msg(strstr(error.message, refused[i].reason) != NULL, "%s: %s", refused[i].json,
                      error.message);
    }
}
END_TEST

START_TEST(every_layer_and_option_has_a_case) {
    size_t count;
    written_case written[CASES];
    read_cases(written);
    const lido_layer *const *layers = lido_layers(&count);
    for (size_t i = 0; i < count; i++) {
        const lido_layer *layer = layers[i];
        ck_assert_msg(has_case(written, layer), "no case for %s", layer->name);
        for (const lido_option *o = layer->options; o && o->name; o++)
            ck_assert_msg(option_has_case(written, layer, o->name), "no case writes %s of %s",
                          o->name, layer->name);
    }
}
END_TEST

START_TEST(every_layer_is_documented) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    ck_assert_ptr_null(lido_layer_find("no such layer"));
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(lido_layer_find(layers[i]->name), layers[i]);
        ck_assert(layers[i]->doc && layers[i]->doc[0]);
        for (const lido_option *o = layers[i]->options; o && o->name; o++)
            ck_assert_msg(o->doc && o->doc[0], "%s of %s has no doc", o->name, layers[i]->name);
    }
}
END_TEST

START_TEST(initialisations_have_names) {
    ck_assert_str_eq(lido_init_names[LIDO_INIT_HE_NORMAL], "he_normal");
    ck_assert_str_eq(lido_init_names[LIDO_INIT_ZEROS], "zeros");
    ck_assert_ptr_null(lido_init_names[LIDO_INIT_CONSTANT]);
}
END_TEST

int main(int argc, char **argv) {
    const char *layer = argc > 1 ? argv[1] : NULL;
    if (layer && !lido_layer_find(layer)) {
        fprintf(stderr, "no layer %s\n", layer);
        return EXIT_FAILURE;
    }
    const TTest *const modes[] = {forward_equals_reference,
                                  gradients_equal_differences,
                                  threads_do_not_matter,
                                  everything_is_written,
                                  unwanted_gradients_may_be_absent,
                                  in_place_does_not_matter,
                                  backward_reads_what_it_asked_for,
                                  draws_may_be_given,
                                  switches_name_the_cells,
                                  place_in_the_batch_does_not_matter,
                                  nonnegative_is_true,
                                  segments_are_well_formed};
    Suite *suite = suite_create("registry");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        TCase *tcase = tcase_create(modes[i]->name);
        tcase_set_timeout(tcase, 120);
        if (modes[i] == gradients_equal_differences) tcase_set_tags(tcase, "slow");
        for (int c = 0; c < CASES; c++)
            if (!layer || is_of(cases[c].json, layer))
                tcase_add_loop_test(tcase, modes[i], c, c + 1);
        suite_add_tcase(suite, tcase);
    }
    TCase *tcase = tcase_create("table");
    tcase_add_test(tcase, what_cannot_be_honoured_is_refused);
    tcase_add_test(tcase, every_layer_and_option_has_a_case);
    tcase_add_test(tcase, every_layer_is_documented);
    tcase_add_test(tcase, initialisations_have_names);
    suite_add_tcase(suite, tcase);
    return lido_check_run(suite);
}
