/* rig.c - one layer on its own, in guarded memory. */
#include "harness/rig.h"

#include "base/options.h"
#include "layers/draws.h"
#include "net/boxes.h"
#include "team_of.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, GUARD_BYTE = 0xa5 };

/* ---- buffers ------------------------------------------------------------------------------- */

static size_t round_up(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* The rear guard begins with the byte after the last. */
static void buffer_make(lido_buffer *buffer, size_t bytes) {
    size_t total = GUARD + round_up(bytes) + GUARD;
    *buffer = (lido_buffer){.bytes = bytes, .memory = aligned_alloc(64, total)};
    ck_assert_ptr_nonnull(buffer->memory);
    buffer->data = buffer->memory + GUARD;
    memset(buffer->memory, GUARD_BYTE, total);
}

static void reals_make(lido_buffer *buffer, int64_t count, bool started) {
    size_t bytes = (size_t)count * sizeof(lido_real);
    buffer_make(buffer, bytes);
    if (!started) return;
    buffer->start = calloc(1, bytes);
    ck_assert_ptr_nonnull(buffer->start);
}

static void buffer_free(lido_buffer *buffer) {
    free(buffer->memory);
    free(buffer->start);
}

static void buffer_start(lido_buffer *buffer) {
    if (!buffer->memory) return;
    if (buffer->start)
        memcpy(buffer->data, buffer->start, buffer->bytes);
    else
        memset(buffer->data, 0xff, buffer->bytes);
}

static bool all_guard(const char *byte, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((unsigned char)byte[i] != GUARD_BYTE) return false;
    return true;
}

static void buffer_check(const lido_rig *rig, const lido_buffer *buffer, const char *what) {
    if (!buffer->memory) return;
    size_t rear = GUARD + round_up(buffer->bytes) - buffer->bytes;
    ck_assert_msg(all_guard(buffer->memory, GUARD) &&
                      all_guard((char *)buffer->data + buffer->bytes, rear),
                  "%s wrote outside its %s", rig->layer->name, what);
}

static void buffer_check_kept(const lido_rig *rig, const lido_buffer *buffer, const char *what) {
    buffer_check(rig, buffer, what);
    if (buffer->start)
        ck_assert_msg(memcmp(buffer->data, buffer->start, buffer->bytes) == 0, "%s changed its %s",
                      rig->layer->name, what);
}

lido_real *lido_reals(const lido_buffer *buffer) {
    return buffer->data;
}

lido_real *lido_start(const lido_buffer *buffer) {
    return buffer->start;
}

int64_t lido_count(const lido_buffer *buffer) {
    return (int64_t)(buffer->bytes / sizeof(lido_real));
}

/* ---- values -------------------------------------------------------------------------------- */

void lido_set_values(const lido_buffer *buffer, const double *value, int64_t count) {
    ck_assert_int_eq(lido_count(buffer), count);
    for (int64_t i = 0; i < count; i++) lido_start(buffer)[i] = (lido_real)value[i];
}

void lido_assert_values(const lido_buffer *buffer, const double *value, int64_t count) {
    ck_assert_int_eq(lido_count(buffer), count);
    for (int64_t i = 0; i < count; i++) {
        double got = (double)lido_reals(buffer)[i], wanted = value[i];
        bool same = got == wanted || (isnan(got) && isnan(wanted));
        ck_assert_msg(same || fabs(got - wanted) <= 1e-6 * fmax(1, fabs(wanted)),
                      "element %lld is %.9g, not %.9g", (long long)i, got, wanted);
    }
}

void lido_fill_spaced(const char *purpose, bool nonnegative, int64_t count, lido_real *values) {
    int64_t *order = malloc((size_t)count * sizeof *order);
    ck_assert_ptr_nonnull(order);
    lido_shuffle(lido_key_make(1, purpose, 0), order, count);
    for (int64_t i = 0; i < count; i++) {
        double u = ((double)order[i] + 0.25) / (double)count;
        values[i] = (lido_real)(nonnegative ? u : 2 * u - 1);
    }
    free(order);
}

/* Weights: spaced, or near the constant they start from, so that scales and variances are sane. */
static void fill_segment(const lido_param *param, const char *purpose, lido_buffer *buffer) {
    lido_real *value = lido_start(buffer);
    bool near = param->init == LIDO_INIT_CONSTANT;
    lido_fill_spaced(purpose, near, lido_count(buffer), value);
    for (int64_t i = 0; near && i < lido_count(buffer); i++)
        value[i] = (lido_real)param->value + value[i] / 2;
}

static int64_t param_count(const lido_param *param) {
    int64_t count = 1;
    for (int i = 0; i < param->rank; i++) count *= param->dim[i];
    return count;
}

/* ---- opening ------------------------------------------------------------------------------- */

static lido_status parse_shapes(const char *text, lido_rig *rig, lido_error *error) {
    while ((text = strchr(text, '[')) != NULL) {
        int64_t dims[LIDO_MAX_AXES + 1];
        int count = 0;
        char *end = (char *)text;
        for (; *end != ']'; count++) dims[count] = strtoll(end + 1, &end, 10);
        lido_status status = lido_shape_make(dims, count, &rig->x_shape[rig->inputs++], error);
        if (status) return status;
        text = end;
    }
    return LIDO_OK;
}

/* The layer that this one's option "of" names. */
static lido_status open_lender(const lido_json *json, lido_rig *rig, lido_error *error) {
    const lido_json *layer = lido_json_get(json, "layer");
    ck_assert_msg(layer != NULL, "\"of\" needs the layer it names: \"layer\"");
    char *text = lido_json_print(layer, false);
    char *shape = lido_json_print(lido_json_get(layer, "input"), false);
    lido_rig *of = malloc(sizeof *of);
    ck_assert(text && shape && of);
    lido_status status = lido_rig_open(text, shape, rig->batch, rig->x_nonnegative[0], of, error);
    of->lends = true;
    rig->of = of;
    free(text);
    free(shape);
    return status;
}

static lido_status parse_layer(const char *text, lido_rig *rig, lido_error *error) {
    static const char *const skip[] = {"type", "input", "layer", NULL};
    static const lido_option none[] = {{0}};
    lido_json *json = NULL;
    lido_status status = lido_json_parse(text, strlen(text), "case", &json, error);
    if (status) return status;
    rig->layer = lido_layer_find(lido_json_string(lido_json_get(json, "type")));
    ck_assert_msg(rig->layer != NULL, "no layer for %s", text);
    const lido_option *table = rig->layer->options ? rig->layer->options : none;
    rig->config = calloc(1, rig->layer->config_size + 1);
    ck_assert_ptr_nonnull(rig->config);
    status = lido_options_read(table, json, "case", skip, rig->config, &rig->given, error);
    if (!status && rig->layer->borrows) status = open_lender(json, rig, error);
    lido_json_free(json);
    if (status) return status;
    rig->options = lido_json_object();
    lido_options_write(table, rig->config, rig->options);
    return LIDO_OK;
}

static lido_site site_of(const lido_rig *rig) {
    return (lido_site){.layer = rig->layer,
                       .config = rig->config,
                       .given = rig->given,
                       .inputs = rig->inputs,
                       .x = rig->x_shape,
                       .x_nonnegative = rig->x_nonnegative,
                       .batch = rig->batch};
}

bool lido_rig_is_boxes(const lido_rig *rig, int input) {
    return input == 1 && strncmp(rig->layer->name, "roi_", 4) == 0;
}

/* Boxes inside half as much again as the map, a quarter of it at each side. */
static void fill_boxes(const lido_shape *map, int64_t count, lido_real *box) {
    lido_shape wide = *map;
    for (int a = 1; a < LIDO_MAX_AXES; a++) wide.axis[a] += (wide.axis[a] + 1) / 2;
    lido_boxes_random(1, &wide, count, box);
    for (int64_t i = 0; i < count; i++)
        for (int k = 1; k < 5; k++)
            box[5 * i + k] -= (lido_real)(wide.axis[k % 2 ? 2 : 1] - map->axis[k % 2 ? 2 : 1]) / 2;
}

static void make_inputs(lido_rig *rig) {
    for (int i = 0; i < rig->inputs; i++) {
        char purpose[] = "x0";
        purpose[1] = (char)('a' + i);
        int64_t count = rig->batch * lido_shape_size(&rig->x_shape[i]);
        reals_make(&rig->x[i], count, true);
        reals_make(&rig->dx[i], count, false);
        if (lido_rig_is_boxes(rig, i))
            fill_boxes(&rig->x_shape[0], count / 5, lido_start(&rig->x[i]));
        else
            lido_fill_spaced(purpose, rig->x_nonnegative[i], count, lido_start(&rig->x[i]));
    }
}

static void make_outputs(lido_rig *rig) {
    int64_t count = rig->batch * lido_shape_size(&rig->needs.y);
    reals_make(&rig->y, count, false);
    reals_make(&rig->dy, count, true);
    lido_fill_spaced("dy", false, count, lido_start(&rig->dy));
}

static void make_segments(lido_rig *rig) {
    for (int i = 0; i < rig->needs.params; i++) {
        const lido_param *param = &rig->needs.param[i];
        reals_make(&rig->w[i], param_count(param), true);
        reals_make(&rig->dw[i], param_count(param), false);
        fill_segment(param, param->name, &rig->w[i]);
    }
    for (int i = 0; i < rig->needs.states; i++) {
        const lido_param *state = &rig->needs.state[i];
        reals_make(&rig->state[i], param_count(state), true);
        fill_segment(state, state->name, &rig->state[i]);
    }
}

static void make_work(lido_rig *rig) {
    const lido_needs *needs = &rig->needs;
    lido_site of, site = site_of(rig);
    if (rig->of) of = site_of(rig->of), site.of = &of;
    rig->worker_stride = round_up(needs->scratch_worker);
    if (needs->saved) buffer_make(&rig->saved, needs->saved);
    if (needs->scratch) buffer_make(&rig->scratch, needs->scratch);
    if (needs->scratch_worker)
        buffer_make(&rig->worker_scratch, rig->worker_stride * LIDO_RIG_THREADS);
    if (needs->switches[0] || needs->switches[1]) {
        rig->switches = calloc((size_t)lido_count(&rig->y), sizeof *rig->switches);
        ck_assert_ptr_nonnull(rig->switches);
    }
    if (!needs->tables) return;
    buffer_make(&rig->tables, needs->tables);
    rig->layer->prepare(&site, needs, rig->tables.data);
    buffer_check(rig, &rig->tables, "tables");
    rig->tables.start = malloc(needs->tables);
    ck_assert_ptr_nonnull(rig->tables.start);
    memcpy(rig->tables.start, rig->tables.data, needs->tables);
}

static lido_status infer(lido_rig *rig, lido_error *error) {
    const lido_layer *layer = rig->layer;
    ck_assert_int_ge(rig->inputs, layer->min_inputs);
    ck_assert_int_le(rig->inputs, layer->max_inputs);
    lido_site of, site = site_of(rig);
    if (rig->of) of = site_of(rig->of), site.of = &of;
    return layer->infer(&site, &rig->needs, error);
}

lido_status lido_rig_open(const char *json, const char *shapes, int64_t batch, bool nonnegative,
                          lido_rig *rig, lido_error *error) {
    *rig = (lido_rig){.batch = batch, .step = 11};
    for (int i = 0; i < LIDO_MAX_INPUTS; i++) rig->x_nonnegative[i] = nonnegative;
    lido_status status = parse_layer(json, rig, error);
    if (!status) status = parse_shapes(shapes, rig, error);
    if (!status) status = infer(rig, error);
    if (status) {
        lido_rig_free(rig);
        return status;
    }
    rig->sample = malloc((size_t)batch * sizeof *rig->sample);
    ck_assert_ptr_nonnull(rig->sample);
    for (int64_t i = 0; i < batch; i++) rig->sample[i] = i;
    make_inputs(rig);
    make_outputs(rig);
    make_segments(rig);
    make_work(rig);
    return LIDO_OK;
}

/* Calls `visit` for every buffer of the rig. */
static void each_buffer(lido_rig *rig, void (*visit)(lido_buffer *)) {
    for (int i = 0; i < LIDO_MAX_INPUTS; i++) visit(&rig->x[i]), visit(&rig->dx[i]);
    for (int i = 0; i < LIDO_MAX_PARAMS; i++) visit(&rig->w[i]), visit(&rig->dw[i]);
    for (int i = 0; i < LIDO_MAX_STATES; i++) visit(&rig->state[i]);
    lido_buffer *const others[] = {&rig->y,     &rig->dy,      &rig->tables,
                                   &rig->saved, &rig->scratch, &rig->worker_scratch};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) visit(others[i]);
}

void lido_rig_free(lido_rig *rig) {
    each_buffer(rig, buffer_free);
    if (rig->of) lido_rig_free(rig->of);
    free(rig->of);
    free(rig->sample);
    free(rig->switches);
    free(rig->config);
    lido_json_free(rig->options);
    *rig = (lido_rig){0};
}

/* ---- running ------------------------------------------------------------------------------- */

/* The arrays of pointers a call refers to. */
typedef struct pointers {
    const lido_real *x[LIDO_MAX_INPUTS];
    lido_real *dx[LIDO_MAX_INPUTS];
} pointers;

lido_draw lido_rig_draw(const lido_rig *rig) {
    return (lido_draw){.key = lido_key_make(7, rig->layer->name, 0),
                       .step = rig->step,
                       .sample = rig->sample,
                       .given = rig->draws};
}

float *lido_rig_draws(const lido_rig *rig) {
    const lido_draw draw = lido_rig_draw(rig);
    const int64_t count = rig->needs.draws;
    float *draws = malloc((size_t)(rig->batch * count) * sizeof *draws);
    ck_assert_ptr_nonnull(draws);
    for (int64_t n = 0; n < rig->batch; n++) lido_draws(&draw, n, count, draws + n * count);
    return draws;
}

static lido_call call_make(lido_rig *rig, const lido_way *way, pointers *at) {
    lido_call call = {
        .config = rig->config,
        .tables = rig->tables.data,
        .inputs = rig->inputs,
        .batch = rig->batch,
        .x_shape = rig->x_shape,
        .y_shape = &rig->needs.y,
        .x = at->x,
        .y = lido_reals(&rig->y),
        .dy = lido_reals(&rig->dy),
        .dx = at->dx,
        .saved = way->evaluation && !rig->lends ? NULL : rig->saved.data,
        .lends = rig->lends,
        .scratch = rig->scratch.data,
        .worker_scratch = rig->worker_scratch.data,
        .worker_stride = rig->worker_stride,
        .team = team_of(way->threads ? way->threads : 1),
        .training = !way->evaluation,
        .draw = lido_rig_draw(rig),
    };
    for (int i = 0; i < rig->inputs; i++) {
        at->x[i] = lido_reals(&rig->x[i]);
        at->dx[i] = way->without_dx ? NULL : lido_reals(&rig->dx[i]);
    }
    for (int i = 0; i < rig->needs.params; i++) {
        call.w[i] = lido_reals(&rig->w[i]);
        call.dw[i] = way->without_dw ? NULL : lido_reals(&rig->dw[i]);
    }
    for (int i = 0; i < rig->needs.states; i++) call.state[i] = lido_reals(&rig->state[i]);
    return call;
}

static void forward(lido_rig *rig, const lido_way *way, lido_call *call, pointers *at) {
    if (way->in_place || rig->needs.view) memcpy(rig->y.data, rig->x[0].data, rig->y.bytes);
    if (way->in_place) at->x[0] = lido_reals(&rig->y);
    if (!rig->needs.view) rig->layer->forward(call);
    if (rig->needs.switches[call->training] && call->saved)
        rig->layer->switches(call, rig->switches);
}

static void backward(lido_rig *rig, const lido_way *way, lido_call *call, pointers *at) {
    if (way->in_place || rig->needs.view) memcpy(rig->dx[0].data, rig->dy.data, rig->dy.bytes);
    if (way->in_place) call->dy = at->dx[0];
    if (!rig->needs.view) rig->layer->backward(call);
}

/* Puts NaN where backward said it would not look; gives back what has to return. */
static void *hide_outputs(lido_rig *rig) {
    void *kept = malloc(rig->y.bytes);
    ck_assert_ptr_nonnull(kept);
    memcpy(kept, rig->y.data, rig->y.bytes);
    for (int i = 0; !rig->needs.backward_reads_x && i < rig->inputs; i++)
        memset(rig->x[i].data, 0xff, rig->x[i].bytes);
    if (!rig->needs.backward_reads_y) memset(rig->y.data, 0xff, rig->y.bytes);
    return kept;
}

static void unhide_outputs(lido_rig *rig, void *kept) {
    for (int i = 0; i < rig->inputs; i++) memcpy(rig->x[i].data, rig->x[i].start, rig->x[i].bytes);
    memcpy(rig->y.data, kept, rig->y.bytes);
    free(kept);
}

static void check_buffers(lido_rig *rig, const lido_way *way) {
    for (int i = 0; i < rig->inputs; i++) {
        buffer_check_kept(rig, &rig->x[i], "input");
        buffer_check(rig, &rig->dx[i], "input gradient");
    }
    for (int i = 0; i < rig->needs.params; i++) {
        buffer_check_kept(rig, &rig->w[i], "weights");
        buffer_check(rig, &rig->dw[i], "weight gradients");
    }
    for (int i = 0; i < rig->needs.states; i++)
        (way->evaluation ? buffer_check_kept : buffer_check)(rig, &rig->state[i], "state");
    buffer_check(rig, &rig->y, "output");
    buffer_check_kept(rig, &rig->dy, "output gradient");
    buffer_check_kept(rig, &rig->tables, "tables");
    buffer_check(rig, &rig->saved, "saved bytes");
    buffer_check(rig, &rig->scratch, "scratch");
    buffer_check(rig, &rig->worker_scratch, "workers' scratch");
}

void lido_rig_run(lido_rig *rig, const lido_way *way) {
    pointers at, of_at;
    lido_call of = {0};
    if (rig->of) {
        lido_rig_run(rig->of, &(lido_way){.evaluation = way->evaluation, .threads = way->threads});
        of = call_make(rig->of, way, &of_at);
    }
    each_buffer(rig, buffer_start);
    lido_call call = call_make(rig, way, &at);
    if (rig->of) call.of = &of;
    forward(rig, way, &call, &at);
    if (!way->evaluation) {
        void *kept = way->hide_unread ? hide_outputs(rig) : NULL;
        backward(rig, way, &call, &at);
        if (kept) unhide_outputs(rig, kept);
    }
    check_buffers(rig, way);
}
