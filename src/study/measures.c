/* measures.c - what is measured of a trained network: each part adds its members to one object. A
 * further part is a function and a row of `parts`. */
#include "study/measures.h"

#include "net/graph.h"
#include "net/pool_summary.h"
#include "study/robustness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A measuring under way. */
typedef struct measurement {
    const lido_measuring *of;
    const lido_measure_options *options;
    lido_examination examination;
    lido_json *json;
    lido_scores scores; /* of the test set */
    lido_pool_statistics *pooling;
    int64_t before, pictures; /* seen in finished evaluations, and to be seen in all */
} measurement;

static bool count_progress(void *context, int64_t done, int64_t total) {
    measurement *m = context;
    const int64_t seen = m->before + done;
    if (done == total) m->before += total;
    return !m->of->progress || m->of->progress(m->of->context, seen, m->pictures);
}

static const lido_graph *graph_of(const measurement *m) {
    return m->of->model->graph;
}

/* ---- the ordinary -----------------------------------------------------------------------------
 */

static bool ends_in_softmax(const lido_graph *graph) {
    lido_layer_info last;
    lido_graph_layer(graph, lido_graph_layers(graph) - 1, &last);
    return strcmp(last.type, "softmax") == 0;
}

static void add_rows(void *context, const lido_batch *batch, const lido_real *y) {
    measurement *m = context;
    const int64_t rows = batch->count * lido_shape_positions(lido_graph_output(graph_of(m)));
    lido_scores_add(&m->scores, y, batch->labels, rows);
}

static lido_status evaluate(measurement *m, const lido_dataset *set, bool with_scores,
                            lido_score *score, lido_error *error) {
    lido_batch_rule rule;
    lido_evaluation evaluation = lido_examination_of(&m->examination, set, &rule);
    if (with_scores) evaluation.shown = add_rows;
    return lido_evaluate(m->of->model->net, graph_of(m), &evaluation, score, error);
}

static lido_status measure_test(measurement *m, lido_error *error) {
    const lido_shape *output = lido_graph_output(graph_of(m));
    const bool probabilities = ends_in_softmax(graph_of(m));
    lido_scores *scores = &m->scores;
    lido_score score;
    int64_t rows;
    if (!lido_mul(m->of->test->count, lido_shape_positions(output), &rows))
        return lido_fail(error, LIDO_TOO_LARGE, "the test set has too many rows to measure");
    lido_status status = lido_scores_make(output->channels, rows, scores, error);
    if (!status) status = evaluate(m, m->of->test, true, &score, error);
    if (status) return status;
    lido_json_add_number(m->json, "test_accuracy", score.accuracy);
    lido_json_add_number(m->json, "test_loss", score.loss);
    lido_json_add_number(m->json, "calibration_error",
                         probabilities ? lido_scores_calibration_error(scores) : NAN);
    lido_json_add_number(m->json, "brier", probabilities ? lido_scores_brier(scores) : NAN);
    lido_json_add(m->json, "confusion", lido_scores_confusion(scores, m->of->test->classes));
    return LIDO_OK;
}

static lido_status measure_train(measurement *m, lido_error *error) {
    lido_score score = {.loss = NAN, .accuracy = NAN};
    lido_status status = m->of->train ? evaluate(m, m->of->train, false, &score, error) : LIDO_OK;
    lido_json_add_number(m->json, "train_accuracy", score.accuracy);
    lido_json_add_number(m->json, "train_loss", score.loss);
    return status;
}

static lido_status measure_cost(measurement *m, lido_error *error) {
    (void)error;
    const lido_graph *graph = graph_of(m);
    double multiply_adds = 0, bytes = 0;
    for (int i = 0; i < lido_graph_layers(graph); i++) {
        lido_layer_info info;
        lido_graph_layer(graph, i, &info);
        multiply_adds += (double)info.multiply_adds;
        bytes += (double)info.activation_bytes;
    }
    lido_json_add_number(m->json, "parameters", (double)lido_graph_params(graph));
    lido_json_add_number(m->json, "multiply_adds", multiply_adds);
    lido_json_add_number(m->json, "activation_bytes", bytes);
    return LIDO_OK;
}

/* ---- on request -------------------------------------------------------------------------------
 */

static lido_status measure_shift(measurement *m, lido_error *error) {
    lido_json *shift;
    if (m->options->shift.pixels == 0) return LIDO_OK;
    lido_status status = lido_shift_json(&m->examination, &m->options->shift, &shift, error);
    if (!status) lido_json_add(m->json, "shift", shift);
    return status;
}

static lido_status measure_changes(measurement *m, lido_error *error) {
    return lido_changes_add(&m->examination, m->options, m->json, error);
}

static lido_status measure_passes(measurement *m, lido_error *error) {
    const lido_amounts *passes = &m->options->passes;
    lido_status status = LIDO_OK;
    if (passes->count == 0) return LIDO_OK;
    lido_json *list = lido_json_array();
    for (int i = 0; i < passes->count && !status; i++) {
        lido_batch_rule rule;
        lido_score score = {0};
        lido_json *entry = lido_json_object();
        lido_evaluation evaluation = lido_examination_of(&m->examination, m->of->test, &rule);
        evaluation.passes = (int)passes->at[i];
        status = lido_evaluate(m->of->model->net, graph_of(m), &evaluation, &score, error);
        lido_json_add_number(entry, "amount", passes->at[i]);
        lido_json_add_number(entry, "accuracy", score.accuracy);
        lido_json_add_number(entry, "loss", score.loss);
        lido_json_append(list, entry);
    }
    lido_json_add(m->json, "passes", list);
    return status;
}

static void look_at_pooling(void *context, const lido_batch *batch, const lido_real *y) {
    (void)y;
    measurement *m = context;
    lido_pool_statistics_add(m->pooling, m->of->model->net, batch);
}

static lido_status measure_pooling(measurement *m, lido_error *error) {
    const lido_model *model = m->of->model;
    lido_batch_rule rule;
    lido_score ignored;
    int64_t *samples = NULL;
    if (!m->options->pooling) return LIDO_OK;
    lido_evaluation evaluation = lido_examination_of(&m->examination, m->of->test, &rule);
    evaluation.shown = look_at_pooling;
    lido_status status = lido_examination_part(&m->examination, m->options->images, &samples,
                                               &evaluation.count, error);
    evaluation.samples = samples;
    if (!status)
        status = lido_pool_statistics_make(model->graph, evaluation.batch, m->of->team, &m->pooling,
                                           error);
    if (!status) status = lido_evaluate(model->net, model->graph, &evaluation, &ignored, error);
    if (!status)
        lido_json_add(m->json, "pooling",
                      lido_pool_summaries_json(m->pooling, model->graph,
                                               lido_net_params(model->net), "layer"));
    lido_pool_statistics_free(m->pooling);
    free(samples);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static lido_status (*const parts[])(measurement *m, lido_error *error) = {
    measure_test,    measure_train,  measure_cost,    measure_shift,
    measure_changes, measure_passes, measure_pooling,
};

/* Pictures that all evaluations see. */
static int64_t pictures_of(const measurement *m) {
    const lido_measure_options *options = m->options;
    int64_t pictures = m->of->test->count * (1 + options->passes.count);
    if (m->of->train) pictures += m->of->train->count;
    pictures += lido_shift_pictures(&m->examination, &options->shift);
    pictures += lido_change_pictures(&m->examination, options);
    return pictures +
           (options->pooling ? lido_examination_pictures(&m->examination, options->images) : 0);
}

static bool draws_evaluating(const lido_graph *graph) {
    for (int i = 0; i < graph->nodes; i++)
        if (graph->node[i].needs.draws_evaluating) return true;
    return false;
}

lido_status lido_measure_check(const lido_graph *graph, const lido_measure_options *options,
                               const char *where, lido_error *error) {
    const bool changes = options->shift.pixels > 0 || options->rotation.count > 0 ||
                         options->scale.count > 0 || options->noise.count > 0 ||
                         options->blur.count > 0;
    if (changes && lido_graph_target(graph) != LIDO_TARGET_CLASS)
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"shift\", \"rotation\", \"scale\", \"noise\" and \"blur\" are for "
                         "networks that give a picture one class",
                         where);
    if (options->passes.count > 0 && !draws_evaluating(graph))
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"passes\": nothing in this network is drawn at random in "
                         "evaluation, all passes would be the same",
                         where);
    return LIDO_OK;
}

lido_status lido_measure(const lido_measuring *of, lido_json **measures, lido_answers *answers,
                         lido_error *error) {
    static const lido_measure_options none = {0};
    measurement m = {.of = of, .options = of->options ? of->options : &none};
    m.examination = (lido_examination){.model = of->model,
                                       .test = of->test,
                                       .seed = of->seed,
                                       .team = of->team,
                                       .progress = count_progress,
                                       .context = &m};
    *measures = NULL;
    *answers = (lido_answers){0};
    lido_status status = lido_measure_check(graph_of(&m), m.options, "measures", error);
    if (status) return status;
    m.pictures = pictures_of(&m);
    m.json = lido_json_object();
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++)
        status = parts[i](&m, error);
    if (!status && !m.json) status = lido_fail(error, LIDO_MEMORY, "out of memory for measures");
    if (!status) {
        *measures = m.json;
        *answers = m.scores.answers;
        m.scores.answers = (lido_answers){0};
        m.json = NULL;
    }
    lido_json_free(m.json);
    lido_scores_free(&m.scores);
    return status;
}
