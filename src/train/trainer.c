/* trainer.c - everything a run holds in memory, and one epoch of training on it. */
#include "train/trainer.h"

#include "train/fit.h"
#include "train/tally.h"

#include <math.h>
#include <stdlib.h>

/* ---- data ---------------------------------------------------------------------------------- */

static lido_data_options data_options(const lido_trainer *t, int64_t limit) {
    lido_data_options options = t->options->data;
    options.limit = limit;
    options.team = t->options->team;
    return options;
}

/* Sets given by a path may have no test split; the known ones have. */
static lido_status load_test(lido_trainer *t, lido_error *error) {
    const char *name = t->train->data;
    lido_data_options options = data_options(t, t->options->data.limit);
    lido_status status = lido_dataset_load(name, LIDO_TEST, &options, &t->test, error);
    bool may_lack = lido_data_source_find(name) == NULL;
    return status == LIDO_NOT_FOUND && may_lack ? LIDO_OK : status;
}

static lido_status load_data(lido_trainer *t, lido_error *error) {
    const lido_train_options *train = t->train;
    if (!train->data[0]) return lido_fail(error, LIDO_SPEC, "train.data: no data set is named");
    lido_data_options options = data_options(t, train->limit);
    lido_status status = lido_dataset_load(train->data, LIDO_TRAIN, &options, &t->set, error);
    return status ? status : load_test(t, error);
}

/* A seeded permutation of the pictures: first those held out, then those trained on. */
static lido_status split(lido_trainer *t, lido_error *error) {
    int64_t count = t->set->count;
    int64_t held_out = llround(t->train->validation * (double)count);
    if (t->train->validation > 0 && held_out == 0) held_out = 1;
    if (held_out >= count)
        return lido_fail(error, LIDO_SHAPE,
                         "train.validation: %g of %lld pictures leaves none to train on",
                         t->train->validation, (long long)count);
    t->held_out = calloc((size_t)count, sizeof *t->held_out);
    t->order = calloc((size_t)count, sizeof *t->order);
    if (!t->held_out || !t->order)
        return lido_fail(error, LIDO_MEMORY, "out of memory for the order of %lld pictures",
                         (long long)count);
    lido_shuffle(lido_key_make((uint64_t)t->train->seed, "validation", 0), t->held_out, count);
    t->kept = t->held_out + held_out;
    t->position.validation = held_out;
    t->position.training = count - held_out;
    return LIDO_OK;
}

/* x = pixel / 255, for as many channels as can be. */
static lido_normalisation no_normalisation(int64_t channels) {
    lido_normalisation none = {.channels = (int)channels};
    for (int c = 0; c < LIDO_MAX_INPUT_CHANNELS; c++) none.deviation[c] = 1;
    return none;
}

static lido_status make_rules(lido_trainer *t, lido_error *error) {
    bool crop = t->train->augmented && t->train->augment.crop;
    t->rule = (lido_batch_rule){.set = t->set,
                                .input = *lido_graph_input(t->graph),
                                .normalisation = no_normalisation(t->set->shape.channels),
                                .augment = t->train->augmented ? &t->train->augment : NULL,
                                .seed = (uint64_t)t->train->seed,
                                .team = t->options->team};
    lido_status status = lido_fit_check(t->graph, &t->rule, crop, true, error);
    if (status) return status;
    if (t->train->normalize)
        lido_normalisation_measure(t->set, t->kept, t->position.training, &t->rule.normalisation);
    t->plain = t->test_rule = t->rule;
    t->plain.augment = t->test_rule.augment = NULL;
    t->test_rule.set = t->test;
    return t->test ? lido_fit_check(t->graph, &t->test_rule, crop, false, error) : LIDO_OK;
}

/* ---- network ------------------------------------------------------------------------------- */

static lido_status make_updater(lido_trainer *t, lido_error *error) {
    int segments, stretches = 0;
    const lido_segment *segment = lido_graph_segments(t->graph, &segments);
    lido_stretch *stretch = calloc((size_t)segments + 1, sizeof *stretch);
    if (!stretch) return lido_fail(error, LIDO_MEMORY, "out of memory for the optimiser");
    for (int i = 0; i < segments; i++)
        if (!segment[i].state)
            stretch[stretches++] = (lido_stretch){segment[i].count, segment[i].decay};
    lido_updater_options options = {.optimizer = t->train->optimizer,
                                    .config = t->train->optimizer_config,
                                    .stretch = stretch,
                                    .stretches = stretches,
                                    .clip = t->train->clip,
                                    .team = t->options->team};
    lido_status status = lido_updater_make(&options, &t->updater, error);
    free(stretch);
    return status;
}

static lido_status make_net(lido_trainer *t, lido_error *error) {
    lido_net_options options = {.batch = t->batch,
                                .training = true,
                                .team = t->options->team,
                                .seed = (uint64_t)t->train->seed,
                                .loss = (lido_loss)t->train->loss};
    lido_status status = lido_net_make(t->graph, &options, &t->net, error);
    if (!status) status = make_updater(t, error);
    return status ? status : lido_feed_make(&t->rule, t->batch, &t->feed, error);
}

lido_status lido_trainer_make(const lido_spec *spec, const lido_train_options *train,
                              const lido_run_options *options, lido_trainer *t, lido_error *error) {
    *t = (lido_trainer){.train = train, .options = options};
    lido_status status = lido_graph_make(spec, &t->graph, error);
    if (!status) status = load_data(t, error);
    if (!status) status = split(t, error);
    if (!status) status = make_rules(t, error);
    if (status) return status;
    t->batch = train->batch < t->set->count ? train->batch : t->set->count;
    t->steps_an_epoch = (t->position.training + t->batch - 1) / t->batch;
    return make_net(t, error);
}

void lido_trainer_free(lido_trainer *t) {
    lido_feed_free(&t->feed);
    lido_updater_free(t->updater);
    lido_net_free(t->net);
    lido_graph_free(t->graph);
    lido_dataset_free(t->set);
    lido_dataset_free(t->test);
    free(t->held_out);
    free(t->order);
    *t = (lido_trainer){0};
}

/* ---- training ------------------------------------------------------------------------------ */

static void shuffle(lido_trainer *t, int64_t epoch) {
    lido_shuffle(lido_key_make((uint64_t)t->train->seed, "shuffle", (uint64_t)epoch), t->order,
                 t->position.training);
    for (int64_t i = 0; i < t->position.training; i++) t->order[i] = t->kept[t->order[i]];
}

static lido_status fail_not_finite(lido_trainer *t, const lido_batch *batch, int64_t epoch,
                                   int64_t step, double loss, lido_error *error) {
    int layer = lido_net_find_not_finite(t->net, batch);
    if (layer < 0)
        return lido_fail(error, LIDO_NOT_FINITE, "epoch %lld, step %lld: loss is %s",
                         (long long)epoch, (long long)step, isnan(loss) ? "nan" : "inf");
    lido_layer_info info;
    lido_graph_layer(t->graph, layer, &info);
    return lido_fail(
        error, LIDO_NOT_FINITE, "epoch %lld, step %lld: loss is %s; first in layer \"%s\" (%s)",
        (long long)epoch, (long long)step, isnan(loss) ? "nan" : "inf", info.name, info.type);
}

/* Of the whole run. */
static int64_t steps_in_all(const lido_trainer *t) {
    int64_t steps = t->train->epochs * t->steps_an_epoch;
    return t->train->steps > 0 && t->train->steps < steps ? t->train->steps : steps;
}

static double rate(const lido_trainer *t) {
    const lido_optimizer_common *common = (const void *)t->train->optimizer_config;
    return lido_schedule_rate(&t->train->schedule, common->lr, t->position.step, steps_in_all(t),
                              t->steps_an_epoch);
}

/* One step on count pictures of the epoch's order. */
static lido_status train_step(lido_trainer *t, int64_t epoch, int64_t at, int64_t count,
                              lido_result *result, double *lr, lido_error *error) {
    lido_batch batch = lido_feed_fill(&t->feed, epoch, t->order + at, count);
    batch.step = (uint64_t)t->position.step;
    lido_net_gradients(t->net, &batch, result);
    if (!isfinite(result->loss))
        return fail_not_finite(t, &batch, epoch, at / t->batch + 1, result->loss, error);
    *lr = rate(t);
    lido_updater_step(t->updater, lido_net_params(t->net), lido_net_gradient(t->net), *lr,
                      ++t->position.step);
    return LIDO_OK;
}

/* Tells of the step; false to stop. */
static bool go_on(const lido_trainer *t, int64_t epoch, int64_t done, double loss) {
    const lido_trainer_events *events = t->options->events;
    return !events || !events->step ||
           events->step(events->context, epoch, t->train->epochs, done, t->steps_an_epoch, loss);
}

lido_status lido_trainer_epoch(lido_trainer *t, lido_score *score, double *lr, lido_error *error) {
    int64_t epoch = t->position.epoch + 1, total = t->position.training, last = steps_in_all(t);
    lido_tally tally = {0};
    shuffle(t, epoch);
    for (int64_t at = 0; at < total && t->position.step < last; at += t->batch) {
        lido_result result;
        int64_t count = total - at < t->batch ? total - at : t->batch;
        lido_status status = train_step(t, epoch, at, count, &result, lr, error);
        if (status) return status;
        lido_tally_add(&tally, &result);
        if (!go_on(t, epoch, at / t->batch + 1, result.loss))
            return lido_fail(error, LIDO_INTERRUPTED,
                             "interrupted in epoch %lld; %lld finished epochs are kept",
                             (long long)epoch, (long long)t->position.epoch);
    }
    *score = lido_tally_score(&tally);
    return LIDO_OK;
}

/* ---- evaluating ---------------------------------------------------------------------------- */

static lido_status evaluate(lido_trainer *t, const lido_batch_rule *rule, const int64_t *samples,
                            int64_t count, lido_score *score, lido_error *error) {
    const lido_trainer_events *events = t->options->events;
    lido_evaluation evaluation = {.rule = rule,
                                  .samples = samples,
                                  .count = count,
                                  .batch = t->batch,
                                  .progress = events ? events->evaluation : NULL,
                                  .context = events ? events->context : NULL};
    return lido_evaluate(t->net, t->graph, &evaluation, score, error);
}

lido_status lido_trainer_validate(lido_trainer *t, lido_score *score, lido_error *error) {
    *score = (lido_score){0};
    if (t->position.validation == 0) return LIDO_OK;
    return evaluate(t, &t->plain, t->held_out, t->position.validation, score, error);
}

lido_status lido_trainer_test(lido_trainer *t, lido_score *score, lido_error *error) {
    *score = (lido_score){0};
    return t->test ? evaluate(t, &t->test_rule, NULL, 0, score, error) : LIDO_OK;
}
