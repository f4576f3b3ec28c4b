/* bench_pooling.c - every pooling reducer on every kind of grid. Each pair is timed turn by turn
 * with average pooling on the same grid and with a copy of the input, and of each the shortest time
 * counts: what else the machine does meanwhile falls on all three alike, and ratios hold. On one
 * thread it is processor time, which says nothing of who else waits for the processor. */
#define _POSIX_C_SOURCE 200809L
#include "cli/bench_pooling.h"

#include "cli/bench_data.h"
#include "cli/bench_measure.h"
#include "cli/spec_argument.h"
#include "net/single.h"

#include <lido/layer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEAST_TURNS = 5, TEXT = 256 };

typedef struct bench_grid {
    const char *name, *options;
} bench_grid;

static const bench_grid grids[] = {
    {"2x2/2", "\"kernel\": 2"},
    {"3x3/2", "\"kernel\": 3, \"stride\": 2"},
    {"3x3/1", "\"kernel\": 3, \"stride\": 1"},
    {"global", "\"global\": true"},
    {"adaptive 7", "\"output_size\": 7"},
    {"adaptive 3", "\"output_size\": 3"},
    {"pyramid 1 2 4", "\"levels\": [1, 2, 4]"},
    {"fractional", "\"fractional\": {\"ratio\": 0.7, \"kernel\": 2}"},
    {"fractional, side by side", "\"fractional\": {\"ratio\": 0.7, \"overlap\": false}"},
    {"stochastic grid", "\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}"},
};
enum { GRIDS = sizeof grids / sizeof *grids };

/* Other ways of a reducer that are as different as another reducer. */
typedef struct bench_variant {
    const char *type, *options;
} bench_variant;

static const bench_variant variants[] = {
    {"gem_pool", "\"learn\": \"none\""},
    {"gem_pool", "\"learn\": \"none\", \"p\": 2.5"},
    {"lp_pool", "\"p\": 3"},
    {"lp_pool", "\"p\": 2.5"},
    {"lp_pool", "\"max_norm\": true"},
    {"lse_pool", "\"learn\": \"layer\""},
    {"soft_pool", "\"gradient\": \"straight_through\""},
    {"stochastic_pool", "\"training\": \"weighted\""},
    {"mixed_pool", "\"learn\": \"none\""},
    {"mixed_pool", "\"learn\": \"position\""},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* Seconds. */
typedef struct bench_times {
    double predict, train, backward;
} bench_times;

typedef struct bench_work {
    const lido_bench_pooling *bench;
    int64_t batch, size; /* size: of all of x */
    lido_shape shape;
    lido_real *x, *dx, *dy; /* dy: of the grid's outputs */
    double copy, fastest;   /* seconds: of a copy beside the last pair, and of any */
    lido_table *table;
    lido_json *pairs;
} bench_work;

/* ---- one layer ------------------------------------------------------------------------------ */

/* LIDO_SPEC, LIDO_SHAPE: the reducer refuses the grid. */
static lido_status make_single(const bench_work *work, const char *type, const char *options,
                               const bench_grid *grid, lido_single **single, lido_error *error) {
    static const bool nonnegative = true;
    char text[TEXT];
    lido_json *layer;
    snprintf(text, sizeof text, "{\"type\": \"%s\", %s%s%s}", type, grid->options,
             *options ? ", " : "", options);
    lido_status status = lido_json_parse(text, strlen(text), type, &layer, error);
    if (status) return status;
    const lido_single_options settings = {.batch = work->batch,
                                          .team = work->bench->team,
                                          .seed = work->bench->seed,
                                          .nonnegative = &nonnegative};
    status = lido_single_make(layer, type, 1, &work->shape, &settings, single, error);
    lido_json_free(layer);
    return status;
}

static double now(const bench_work *work) {
    struct timespec time;
    const bool is_alone = lido_team_threads(work->bench->team) == 1;
    clock_gettime(is_alone ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void keep_least(double *least, double seconds) {
    if (seconds < *least) *least = seconds;
}

typedef enum bench_pass { PREDICT, TRAIN, BACKWARD } bench_pass;

static void time_pass(const bench_work *work, bench_pass pass, lido_single *single,
                      bench_times *least) {
    double *const of[] = {&least->predict, &least->train, &least->backward};
    const lido_real *x = work->x;
    lido_real *dx = work->dx;
    const double start = now(work);
    if (pass == BACKWARD)
        lido_single_backward(single, work->dy, &dx);
    else
        lido_single_forward(single, &x, pass == TRAIN);
    keep_least(of[pass], now(work) - start);
}

/* The machine's copy: one memcpy for each thread. */
static void time_copy(bench_work *work) {
    const double start = now(work);
    lido_bench_copy(work->bench->team, work->dx, work->x, work->size * (int64_t)sizeof *work->x, 1);
    keep_least(&work->copy, now(work) - start);
}

/* Turn by turn, each pass of one beside that of the other, and backward last: what it leaves in the
 * caches is written back while the next pass runs. */
static void time_pair(bench_work *work, lido_single *average, lido_single *single,
                      bench_times least[2]) {
    const double start = lido_seconds();
    least[0] = least[1] = (bench_times){INFINITY, INFINITY, INFINITY};
    work->copy = INFINITY;
    for (int i = 0; i < LEAST_TURNS || lido_seconds() - start < work->bench->seconds; i++) {
        time_copy(work);
        for (bench_pass pass = PREDICT; pass <= BACKWARD; pass++) {
            time_pass(work, pass, average, &least[0]);
            time_pass(work, pass, single, &least[1]);
        }
    }
    keep_least(&work->fastest, work->copy);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Bytes of input and output over those of a copy at full speed in the same time. */
static double share_of_copy(const bench_work *work, const lido_single *single, double seconds) {
    const double y = (double)(work->batch * lido_shape_size(lido_single_output(single)));
    const double moved = (double)work->size + y, rate = 2 * (double)work->size / work->copy;
    return moved / seconds / rate;
}

static void add_time(const bench_work *work, lido_json *pair, const char *name, const char *ratio,
                     double seconds, double average) {
    lido_table_add(work->table, "%.2f", 1e3 * seconds);
    lido_table_add(work->table, "%.1f", seconds / average);
    lido_json_add_number(pair, name, 1e3 * seconds);
    lido_json_add_number(pair, ratio, seconds / average);
}

static void add_pair(const bench_work *work, lido_json *pair, const lido_single *single,
                     const bench_times least[2]) {
    const double share = share_of_copy(work, single, least[1].predict);
    add_time(work, pair, "forward_ms", "forward_ratio", least[1].predict, least[0].predict);
    add_time(work, pair, "training_ms", "training_ratio", least[1].train, least[0].train);
    add_time(work, pair, "backward_ms", "backward_ratio", least[1].backward, least[0].backward);
    lido_table_add(work->table, "%.0f %%", 100 * share);
    lido_json_add_number(pair, "copy_share", share);
}

static void add_refusal(const bench_work *work, lido_json *pair, const char *reason) {
    lido_json_add_string(pair, "refused", reason);
    for (int column = 2; column < 9; column++) lido_table_add(work->table, "-");
}

static lido_status bench_pair(bench_work *work, const bench_grid *grid, lido_single *average,
                              const char *type, const char *options, lido_error *error) {
    lido_error refusal = {0};
    lido_single *single = NULL;
    bench_times least[2];
    lido_status status = make_single(work, type, options, grid, &single, &refusal);
    if (status && status != LIDO_SPEC && status != LIDO_SHAPE) {
        if (error) *error = refusal;
        return status;
    }
    lido_json *pair = lido_json_object();
    lido_json_add_string(pair, "grid", grid->name);
    lido_json_add_string(pair, "reducer", type);
    if (*options) lido_json_add_string(pair, "options", options);
    lido_table_add(work->table, "%s", grid->name);
    lido_table_add(work->table, "%s%s%s", type, *options ? ", " : "", options);
    if (status) {
        add_refusal(work, pair, refusal.message);
    } else {
        time_pair(work, average, single, least);
        add_pair(work, pair, single, least);
    }
    lido_single_free(single);
    lido_json_append(work->pairs, pair);
    return LIDO_OK;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static lido_status bench_reducer(bench_work *work, const bench_grid *grid, lido_single *average,
                                 const char *type, lido_error *error) {
    lido_status status = bench_pair(work, grid, average, type, "", error);
    for (int i = 0; i < VARIANTS && !status; i++)
        if (strcmp(variants[i].type, type) == 0)
            status = bench_pair(work, grid, average, type, variants[i].options, error);
    return status;
}

static bool is_wanted(const bench_work *work, const lido_layer *layer) {
    const char *type = work->bench->type;
    return layer->family && (strcmp(type, "all") == 0 || strcmp(type, layer->name) == 0);
}

static lido_status check_type(const bench_work *work, lido_error *error) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    for (size_t i = 0; i < count; i++)
        if (is_wanted(work, layers[i])) return LIDO_OK;
    return lido_fail(error, LIDO_USAGE, "--pooling is \"%s\", allowed: all, or a pooling layer",
                     work->bench->type);
}

static lido_status bench_on(bench_work *work, const bench_grid *grid, lido_error *error) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    lido_single *average = NULL;
    lido_status status = make_single(work, "avg_pool", "", grid, &average, error);
    if (status) return status;
    work->dy = lido_bench_normal(work->bench->seed, 2,
                                 work->batch * lido_shape_size(lido_single_output(average)), error);
    if (!work->dy) status = LIDO_MEMORY;
    for (size_t i = 0; i < count && !status; i++)
        if (is_wanted(work, layers[i]))
            status = bench_reducer(work, grid, average, layers[i]->name, error);
    lido_single_free(average);
    free(work->dy);
    return status;
}

static lido_status make_work(bench_work *work, lido_error *error) {
    static const char *const titles[] = {"<grid",       "<reducer",  "forward ms",
                                         "x average",   "training",  "x average",
                                         "backward ms", "x average", "of copy"};
    const lido_bench_pooling *bench = work->bench;
    lido_status status = check_type(work, error);
    if (!status) status = lido_shape_argument(bench->dims, &work->batch, &work->shape, error);
    if (status) return status;
    work->size = work->batch * lido_shape_size(&work->shape);
    work->fastest = INFINITY;
    work->x = lido_bench_magnitudes(bench->seed, 0, work->size, error);
    work->dx = lido_bench_normal(bench->seed, 1, work->size, error);
    work->table = lido_table_new(titles, sizeof titles / sizeof *titles);
    work->pairs = lido_json_array();
    return work->x && work->dx ? LIDO_OK : LIDO_MEMORY;
}

static lido_status report(bench_work *work, const lido_output *output, lido_error *error) {
    const double rate = 2 * (double)work->size * sizeof *work->x / work->fastest;
    lido_json *json = lido_json_object();
    lido_status status = lido_table_print(work->table, output, error);
    lido_say(output, "copy: %.1f GB/s, bytes read and written, %d threads\n", rate / 1e9,
             lido_team_threads(work->bench->team));
    lido_json_add_number(json, "copy_bytes_per_second", rate);
    lido_json_add(json, "pairs", work->pairs);
    work->table = NULL;
    work->pairs = NULL;
    if (!status) return lido_output_json(output, json, error);
    lido_json_free(json);
    return status;
}

lido_status lido_bench_pooling_run(const lido_bench_pooling *bench, const lido_output *output,
                                   lido_error *error) {
    bench_work work = {.bench = bench};
    lido_status status = make_work(&work, error);
    for (int i = 0; i < GRIDS && !status; i++) status = bench_on(&work, &grids[i], error);
    if (!status) status = report(&work, output, error);
    if (work.table) lido_table_print(work.table, &(lido_output){.people = NULL}, NULL);
    lido_json_free(work.pairs);
    free(work.x);
    free(work.dx);
    return status;
}
