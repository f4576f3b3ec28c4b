/* train.c - `lido train SPEC`: trains a network, showing each epoch as it goes. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/spec_argument.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdio.h>

typedef struct train_options {
    lido_common common;
    int64_t epochs, limit; /* 0: not given */
    const char *out;
    bool resume;
} train_options;

enum { FOLDER_SIZE = 4096 };

/* What the callbacks know. */
typedef struct progress {
    const lido_output *output;
    lido_bar bar;
    double loss;     /* smoothed */
    int64_t first;   /* steps done before this process began; -1: none seen yet */
    bool validation; /* the table has columns for it */
    bool titled;     /* the table's titles have been printed */
    int64_t epochs;
} progress;

/* ---- callbacks ------------------------------------------------------------------------------ */

/* Seconds the rest of the run will take at the pace of this process so far. */
static double seconds_left(const progress *run, int64_t step, int64_t steps) {
    int64_t done = step - run->first;
    double spent = lido_seconds() - run->bar.started;
    return done > 0 ? spent / (double)done * (double)(steps - step) : 0;
}

static bool show_step(void *context, int64_t epoch, int64_t epochs, int64_t done, int64_t total,
                      double loss) {
    progress *run = context;
    int64_t step = (epoch - 1) * total + done;
    if (run->first < 0) run->first = step - 1;
    run->loss = done == 1 ? loss : 0.95 * run->loss + 0.05 * loss;
    if (run->bar.shown) {
        char label[2 * LIDO_NUMBER_SIZE], note[3 * LIDO_NUMBER_SIZE], left[LIDO_NUMBER_SIZE];
        lido_text_seconds(seconds_left(run, step, epochs * total), left);
        snprintf(label, sizeof label, "epoch %" PRId64 "/%" PRId64, epoch, epochs);
        snprintf(note, sizeof note, "loss %.4f  %s left", run->loss, left);
        lido_bar_draw(&run->bar, label, (double)done / (double)total, note);
    }
    return !lido_interrupted();
}

static bool show_evaluation(void *context, int64_t done, int64_t total) {
    progress *run = context;
    lido_bar_draw(&run->bar, "evaluating", (double)done / (double)total, "");
    return !lido_interrupted();
}

static void say_titles(const progress *run) {
    lido_say(run->output, "%9s  %9s  %8s  %8s", "epoch", "rate", "loss", "accuracy");
    if (run->validation) lido_say(run->output, "  %8s  %8s", "val loss", "val acc");
    lido_say(run->output, "  %8s\n", "seconds");
}

static void show_epoch(void *context, const lido_epoch *epoch) {
    progress *run = context;
    lido_bar_clear(&run->bar);
    if (!run->titled) say_titles(run);
    run->titled = true;
    char number[2 * LIDO_NUMBER_SIZE];
    snprintf(number, sizeof number, "%" PRId64 "/%" PRId64, epoch->epoch, run->epochs);
    lido_say(run->output, "%9s  %9.3g  %8.4f  %6.2f %%", number, epoch->lr, epoch->train.loss,
             100 * epoch->train.accuracy);
    if (run->validation)
        lido_say(run->output, "  %8.4f  %6.2f %%", epoch->validation.loss,
                 100 * epoch->validation.accuracy);
    lido_say(run->output, "  %8.1f\n", epoch->seconds);
    if (run->output->people) fflush(run->output->people);
}

/* ---- before and after ----------------------------------------------------------------------- */

/* How many pictures there are is known beforehand of the known sets only. */
static void say_data(const lido_output *output, const lido_train_options *train) {
    char first[LIDO_NUMBER_SIZE], all[LIDO_NUMBER_SIZE], test[LIDO_NUMBER_SIZE];
    const lido_data_source *source = lido_data_source_find(train->data);
    lido_say(output, "  data       %s", train->data);
    if (train->limit) lido_say(output, ", the first %s", lido_text_count(train->limit, first));
    if (source)
        lido_say(output, "%s %s to train, %s to test", train->limit ? " of" : ",",
                 lido_text_count(source->train, all), lido_text_count(source->test, test));
    lido_say(output, "\n  input      %s%s\n",
             train->normalize ? "normalised by channel" : "scaled to 0..1",
             train->augmented ? ", augmented" : "");
}

static lido_status say_header(const lido_spec *spec, const lido_train_options *train,
                              const train_options *options, const lido_team *team, int64_t *params,
                              lido_error *error) {
    lido_output output = lido_output_of(&options->common);
    lido_graph *graph = NULL;
    lido_status status = lido_graph_make(spec, &graph, error);
    if (status) return status;
    *params = lido_graph_params(graph);
    char shape[64], count[LIDO_NUMBER_SIZE];
    lido_shape_text(lido_graph_input(graph), shape, sizeof shape);
    lido_say(&output, "%s\n", lido_spec_name(spec));
    lido_say(&output, "  network    input %s, %d layers, %s parameters\n", shape,
             lido_graph_layers(graph), lido_text_count(*params, count));
    say_data(&output, train);
    lido_say(&output, "  training   %s, batch %" PRId64 ", %" PRId64 " epoch%s, seed %" PRId64 "\n",
             train->optimizer->name, train->batch, train->epochs, train->epochs == 1 ? "" : "s",
             train->seed);
    lido_say(&output, "  threads    %d\n\n", lido_team_threads(team));
    lido_graph_free(graph);
    return LIDO_OK;
}

static lido_json *result_json(const lido_run_result *result, const char *out, int64_t params) {
    lido_json *json = lido_json_object();
    if (result->test.rows > 0) {
        lido_json_add_number(json, "test_accuracy", result->test.accuracy);
        lido_json_add_number(json, "test_loss", result->test.loss);
    }
    lido_json_add_number(json, "seconds", result->seconds);
    lido_json_add_number(json, "epochs", (double)result->epochs);
    lido_json_add_number(json, "parameters", (double)params);
    lido_json_add_bool(json, "already_finished", result->already_finished);
    lido_json_add_string(json, "out", out);
    return json;
}

static void say_result(const lido_output *output, const lido_run_result *result, const char *out) {
    char seconds[LIDO_NUMBER_SIZE];
    if (result->already_finished) lido_say(output, "this run had finished before: nothing to do\n");
    if (result->test.rows > 0)
        lido_say(output, "\ntest accuracy %.2f %%, loss %.4f\n", 100 * result->test.accuracy,
                 result->test.loss);
    else
        lido_say(output, "\nnot tested: the data set has no test split\n");
    lido_say(output, "%s, in %s\n", lido_text_seconds(result->seconds, seconds), out);
}

/* ---- the command ---------------------------------------------------------------------------- */

/* What the flags say instead of the spec. */
static lido_status override_spec(const train_options *options, lido_train_options *train,
                                 lido_error *error) {
    if (options->epochs) train->epochs = options->epochs;
    if (options->limit) train->limit = options->limit;
    if (options->common.seed >= 0) train->seed = options->common.seed;
    const char *data = options->common.data;
    if (data && snprintf(train->data, sizeof train->data, "%s", data) >= (int)sizeof train->data)
        return lido_fail(error, LIDO_USAGE, "--data has more than %zu characters",
                         sizeof train->data - 1);
    if (!*train->data)
        return lido_fail(error, LIDO_USAGE,
                         "no data set: the spec's \"train\" has no \"data\"; give --data NAME");
    return LIDO_OK;
}

static lido_status tell_how_to_resume(lido_error *error) {
    lido_error interrupted = *error;
    return lido_fail(error, interrupted.status, "%s; the same command with --resume continues",
                     interrupted.message);
}

static lido_status train(const lido_spec *spec, const train_options *options, lido_team *team,
                         lido_error *error) {
    lido_output output = lido_output_of(&options->common);
    lido_train_options settings;
    int64_t params = 0;
    lido_status status = lido_train_options_read(spec, &settings, error);
    if (!status) status = override_spec(options, &settings, error);
    if (!status) status = say_header(spec, &settings, options, team, &params, error);
    if (status) return status;

    char folder[FOLDER_SIZE];
    snprintf(folder, sizeof folder, "runs/%s", lido_spec_name(spec));
    const char *out = options->out ? options->out : folder;
    progress run = {.output = &output,
                    .first = -1,
                    .validation = settings.validation > 0,
                    .epochs = settings.epochs};
    lido_trainer_events events = {
        .context = &run, .step = show_step, .epoch = show_epoch, .evaluation = show_evaluation};
    lido_run_options run_options = {.out = out,
                                    .resume = options->resume,
                                    .team = team,
                                    .data = {.dir = options->common.data_dir},
                                    .events = &events};
    lido_run_result result;
    lido_interrupt_watch();
    lido_bar_start(&run.bar, &output);
    status = lido_run(spec, &settings, &run_options, &result, error);
    lido_bar_clear(&run.bar);
    if (status == LIDO_INTERRUPTED) return tell_how_to_resume(error);
    if (status) return status;
    say_result(&output, &result, out);
    return lido_output_json(&output, result_json(&result, out, params), error);
}

static lido_status run_command(const void *given, const lido_operands *operands,
                               lido_error *error) {
    const train_options *options = given;
    lido_spec *spec = NULL;
    lido_team *team = NULL;
    lido_status status = lido_spec_argument(&options->common, operands->at[0], &spec, error);
    if (!status) status = lido_team_start((int)options->common.threads, &team, error);
    if (!status) status = train(spec, options, team, error);
    lido_team_stop(team);
    lido_spec_free(spec);
    return status;
}

static const lido_flag flags[] = {
    {.name = "epochs",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(train_options, epochs),
     .value = "N",
     .min = 1,
     .max = 1000000,
     .doc = "train for N epochs instead of the spec's"},
    {.name = "out",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(train_options, out),
     .value = "DIR",
     .doc = "write into DIR instead of runs/NAME-OF-THE-SPEC"},
    {.name = "resume",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(train_options, resume),
     .doc = "continue from the last checkpoint, if there is one"},
    {.name = "limit",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(train_options, limit),
     .value = "N",
     .min = 1,
     .max = 1e9,
     .doc = "use only the first N training pictures"},
    LIDO_FLAG_DATA,
    LIDO_FLAG_DATA_DIR,
    LIDO_FLAG_CONV_ALGORITHM,
    LIDO_FLAG_SEED("seed of weights, order and draws, instead of the spec's"),
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_train;
const lido_command lido_command_train = {
    .name = "train",
    .operands = "SPEC",
    .doc = "Trains the network of a spec and evaluates it on the test set.",
    .details = "The folder then holds history.csv and history.jsonl (an epoch a row), spec.json "
               "(every default filled in), environment.json, and the weights: last.safetensors and "
               "best.safetensors. A run that was stopped, even by force, and resumed ends with the "
               "same bits as one left alone.",
    .min_operands = 1,
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(train_options),
    .run = run_command,
};
