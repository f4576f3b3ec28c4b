/* eval.c - `lido eval DIR-or-CHECKPOINT`: loss, accuracy and what is taken for what. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/pooling.h"
#include "cli/spec_argument.h"

#include "base/file.h"
#include "net/graph.h"
#include "net/loss.h"
#include "net/pool_summary.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct eval_options {
    lido_common common;
    int split; /* index into split_names */
    int64_t limit, passes;
    bool best, pooling;
} eval_options;

static const char *const split_names[] = {"test", "train", NULL};
static const lido_split splits[] = {LIDO_TEST, LIDO_TRAIN};

enum { MOST_SHOWN_CLASSES = 12 };

/* What is evaluated on what, and what came out. */
typedef struct evaluation {
    lido_team *team;
    const lido_output *output;
    const char *split;
    bool wants_pooling;
    int passes;
    lido_model model; /* its network is for pictures of the size at hand */
    char data[LIDO_TEXT_SIZE];
    int labels;              /* classes of the data */
    int64_t sizes, pictures; /* of the data */
    int64_t done;            /* pictures of the sizes before */
    lido_score score;
    int64_t positions, classes;    /* of the network's output */
    int64_t *taken;                /* taken[label * classes + largest output]: how many rows */
    lido_pool_statistics *pooling; /* NULL: not asked for */
    lido_bar bar;
    double seconds;
} evaluation;

/* ---- evaluating ----------------------------------------------------------------------------- */

static void count_batch(void *context, const lido_batch *batch, const lido_real *y) {
    evaluation *of = context;
    for (int64_t i = 0; i < batch->count * of->positions; i++)
        if (batch->labels[i] >= 0)
            of->taken[batch->labels[i] * of->classes +
                      lido_largest(y + i * of->classes, of->classes)]++;
    if (of->pooling) lido_pool_statistics_add(of->pooling, of->model.net, batch);
}

static bool show_progress(void *context, int64_t done, int64_t total) {
    (void)total; /* of this size */
    evaluation *of = context;
    lido_bar_draw(&of->bar, "evaluating", (double)(of->done + done) / (double)of->pictures, "");
    return !lido_interrupted();
}

/* Pictures of another size than the training's go through a network made for them, unless it was
 * trained on crops: then they are cropped. */
static lido_status fit_network(evaluation *of, const lido_shape *pictures, lido_error *error) {
    const lido_shape *input = lido_graph_input(of->model.graph);
    const lido_train_options *options = &of->model.options;
    if (pictures->channels != input->channels || lido_shape_equal(pictures, input) ||
        (options->augmented && options->augment.crop))
        return LIDO_OK;
    return lido_model_resize(&of->model, pictures, options->batch, of->team, error);
}

/* What all sizes share, made with the first. */
static lido_status begin(evaluation *of, const lido_size_group *group, lido_error *error) {
    if (of->wants_pooling && group->sizes > 1)
        return lido_fail(error, LIDO_USAGE,
                         "--pooling is for pictures of one size, %s holds %" PRId64 " sizes",
                         group->set->name, group->sizes);
    snprintf(of->data, sizeof of->data, "%s", group->set->name);
    of->labels = group->set->classes;
    of->sizes = group->sizes;
    of->pictures = group->pictures;
    of->classes = lido_graph_output(of->model.graph)->channels;
    of->taken = calloc((size_t)of->classes, (size_t)of->classes * sizeof *of->taken);
    if (!of->taken) return lido_fail(error, LIDO_MEMORY, "out of memory");
    if (!of->wants_pooling) return LIDO_OK;
    return lido_pool_statistics_make(of->model.graph, of->model.options.batch, of->team,
                                     &of->pooling, error);
}

/* Means over both parts, each counting by its rows; exactly the part's when it is the first. */
static void add_score(lido_score *sum, const lido_score *part) {
    if (part->rows == 0) return;
    sum->rows += part->rows;
    double share = (double)part->rows / (double)sum->rows;
    sum->loss += (part->loss - sum->loss) * share;
    sum->accuracy += (part->accuracy - sum->accuracy) * share;
}

static lido_status evaluate_size(void *context, const lido_size_group *group, lido_error *error) {
    evaluation *of = context;
    lido_score score;
    lido_status status = fit_network(of, &group->set->shape, error);
    if (!status && !of->taken) status = begin(of, group, error);
    if (status) return status;
    const lido_model *model = &of->model;
    const lido_batch_rule rule = {.set = group->set,
                                  .input = *lido_graph_input(model->graph),
                                  .normalisation = model->normalisation,
                                  .team = of->team};
    const lido_evaluation request = {.rule = &rule,
                                     .batch = model->options.batch,
                                     .passes = of->passes,
                                     .progress = show_progress,
                                     .shown = count_batch,
                                     .context = of};
    of->positions = lido_shape_positions(lido_graph_output(model->graph));
    double started = lido_seconds();
    status = lido_evaluate(model->net, model->graph, &request, &score, error);
    of->seconds += lido_seconds() - started;
    if (status) return status;
    add_score(&of->score, &score);
    of->done += group->set->count;
    return LIDO_OK;
}

/* ---- showing -------------------------------------------------------------------------------- */

static lido_status say_confusion(const evaluation *of, const lido_output *output,
                                 lido_error *error) {
    int classes = (int)of->classes;
    char digits[MOST_SHOWN_CLASSES][LIDO_NUMBER_SIZE];
    const char *titles[MOST_SHOWN_CLASSES + 2] = {"label"};
    for (int c = 0; c < classes; c++) {
        snprintf(digits[c], sizeof digits[c], "%d", c);
        titles[c + 1] = digits[c];
    }
    titles[classes + 1] = "right";
    lido_table *table = lido_table_new(titles, classes + 2);
    for (int label = 0; label < of->labels; label++) {
        int64_t rows = 0;
        lido_table_add(table, "%d", label);
        for (int c = 0; c < classes; c++) {
            int64_t count = of->taken[label * of->classes + c];
            rows += count;
            lido_table_add(table, count ? "%" PRId64 : ".", count);
        }
        double right = (double)of->taken[label * of->classes + label];
        lido_table_add(table, rows ? "%.1f %%" : "-", rows ? 100 * right / (double)rows : 0);
    }
    return lido_table_print(table, output, error);
}

static lido_status say_pooling(const evaluation *of, lido_error *error) {
    const lido_model *model = &of->model;
    lido_status status = lido_say_pooling(of->pooling, model->graph, of->output, error);
    return status ? status
                  : lido_say_learned(model->graph, lido_net_params(model->net), of->output, error);
}

static lido_status say_result(const evaluation *of, lido_error *error) {
    const lido_output *output = of->output;
    char count[LIDO_NUMBER_SIZE], seconds[LIDO_NUMBER_SIZE];
    lido_say(output, "%s after epoch %" PRId64 ", on %s %s\n", lido_spec_name(of->model.spec),
             of->model.epoch, of->data, of->split);
    lido_say(output, "  accuracy   %.2f %%\n  loss       %.4f\n", 100 * of->score.accuracy,
             of->score.loss);
    lido_say(output, "  pictures   %s", lido_text_count(of->pictures, count));
    if (of->sizes > 1) lido_say(output, " of %s sizes", lido_text_count(of->sizes, count));
    lido_say(output, " in %s\n", lido_text_seconds(of->seconds, seconds));
    if (of->classes <= MOST_SHOWN_CLASSES && output->people) {
        lido_say(output, "\nrows: what it is; columns: what it was taken for\n\n");
        lido_status status = say_confusion(of, output, error);
        if (status) return status;
    }
    return of->pooling ? say_pooling(of, error) : LIDO_OK;
}

static lido_json *result_json(const evaluation *of) {
    lido_json *json = lido_json_object(), *matrix = lido_json_array();
    char accuracy[LIDO_NUMBER_SIZE], loss[LIDO_NUMBER_SIZE];
    snprintf(accuracy, sizeof accuracy, "%s_accuracy", of->split);
    snprintf(loss, sizeof loss, "%s_loss", of->split);
    lido_json_add_number(json, accuracy, of->score.accuracy);
    lido_json_add_number(json, loss, of->score.loss);
    lido_json_add_number(json, "rows", (double)of->score.rows);
    lido_json_add_number(json, "sizes", (double)of->sizes);
    lido_json_add_number(json, "seconds", of->seconds);
    lido_json_add_number(json, "epoch", (double)of->model.epoch);
    lido_json_add_string(json, "data", of->data);
    for (int64_t label = 0; label < of->labels; label++) {
        lido_json *row = lido_json_array();
        for (int64_t c = 0; c < of->classes; c++)
            lido_json_append(row,
                             lido_json_from_number((double)of->taken[label * of->classes + c]));
        lido_json_append(matrix, row);
    }
    lido_json_add(json, "confusion", matrix);
    if (of->pooling)
        lido_json_add(json, "pooling",
                      lido_pool_summaries_json(of->pooling, of->model.graph,
                                               lido_net_params(of->model.net), "name"));
    return json;
}

/* ---- the command ---------------------------------------------------------------------------- */

/* The best weights of a run's folder. */
static lido_status find_best(const char *folder, char *path, lido_error *error) {
    struct stat about;
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode))
        return lido_fail(error, LIDO_USAGE, "--best needs the folder of a run, %s is none", folder);
    return lido_path_join(folder, "best.safetensors", path, LIDO_PATH_SIZE, error);
}

static lido_status load_model(evaluation *of, const char *given, const eval_options *options,
                              lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = options->best ? find_best(given, path, error) : LIDO_OK;
    if (status) return status;
    /* By the batch it was trained with, so that the loss is summed as it was at the end of
     * training. */
    return lido_model_argument(&options->common, options->best ? path : given, 0, of->team,
                               &of->model, error);
}

static lido_status evaluate(evaluation *of, const char *given, const eval_options *options,
                            lido_error *error) {
    const lido_common *common = &options->common;
    const char *data = common->data ? common->data : of->model.options.data;
    if (!*data)
        return lido_fail(error, LIDO_USAGE, "%s names no data set; give --data NAME", given);
    const lido_data_options data_options = {
        .dir = common->data_dir, .limit = options->limit, .team = of->team};
    lido_bar_start(&of->bar, of->output);
    lido_status status = lido_dataset_each_size(data, splits[options->split], &data_options,
                                                evaluate_size, of, error);
    lido_bar_clear(&of->bar);
    return status;
}

/* Several passes are for networks that draw in evaluation. */
static lido_status check_draws(const lido_graph *graph, lido_error *error) {
    for (int i = 0; i < graph->nodes; i++)
        if (graph->node[i].needs.draws_evaluating) return LIDO_OK;
    return lido_fail(error, LIDO_USAGE,
                     "--passes: nothing in this network is drawn at random in evaluation, all "
                     "passes would be the same");
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const eval_options *options = given;
    lido_output output = lido_output_of(&options->common);
    evaluation of = {.output = &output,
                     .split = split_names[options->split],
                     .wants_pooling = options->pooling,
                     .passes = (int)options->passes};
    lido_interrupt_watch();
    lido_status status = lido_team_start((int)options->common.threads, &of.team, error);
    if (!status) status = load_model(&of, operands->at[0], options, error);
    if (!status && options->passes > 1) status = check_draws(of.model.graph, error);
    if (!status) status = evaluate(&of, operands->at[0], options, error);
    if (!status) status = say_result(&of, error);
    if (!status) status = lido_output_json(&output, result_json(&of), error);
    lido_pool_statistics_free(of.pooling);
    free(of.taken);
    lido_model_free(&of.model);
    lido_team_stop(of.team);
    return status;
}

static const lido_flag flags[] = {
    {.name = "split",
     .kind = LIDO_FLAG_CHOICE,
     .offset = offsetof(eval_options, split),
     .value = "PART",
     .choices = split_names,
     .doc = "evaluate on \"test\" (the default) or \"train\""},
    {.name = "best",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(eval_options, best),
     .doc = "the best weights of the run by validation, instead of the last"},
    {.name = "limit",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(eval_options, limit),
     .value = "N",
     .min = 1,
     .max = 1e9,
     .doc = "evaluate only the first N pictures"},
    {.name = "passes",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(eval_options, passes),
     .value = "N",
     .min = 1,
     .max = 1e6,
     .doc = "average the outputs of N passes, each with random windows of its own"},
    {.name = "pooling",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(eval_options, pooling),
     .doc = "say what each pooling layer does: where gradients go, ties, empty windows"},
    LIDO_FLAG_DATA,
    LIDO_FLAG_DATA_DIR,
    LIDO_FLAG_CONV_ALGORITHM,
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_eval;
const lido_command lido_command_eval = {
    .name = "eval",
    .operands = "DIR-or-CHECKPOINT",
    .doc = "Measures a trained network: loss, accuracy and confusion matrix.",
    .details = "Pictures of another size than the training's go through the same network made for "
               "that size, where it ends in global, adaptive or pyramid pooling. Of a set "
               "folder:PATH they may have several sizes, evaluated one after the other.",
    .min_operands = 1,
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(eval_options),
    .run = run,
};
