/* evaluate.c - loss and accuracy over a data set or a part of it. */
#include "train/feed.h"
#include "train/fit.h"
#include "train/tally.h"

#include <stdlib.h>

/* `mean`: room for the outputs; NULL: there is one pass. */
static lido_status run_batches(lido_net *net, const lido_evaluation *evaluation, lido_feed *feed,
                               const int64_t *samples, lido_real *mean, lido_tally *tally,
                               lido_error *error) {
    int64_t total = evaluation->count;
    for (int64_t done = 0; done < total;) {
        int64_t left = total - done, count = left < evaluation->batch ? left : evaluation->batch;
        lido_batch batch = lido_feed_fill(feed, 0, samples + done, count);
        lido_result result;
        const lido_real *y = mean;
        if (mean)
            lido_net_forward_mean(net, &batch, evaluation->passes, mean, &result);
        else
            y = lido_net_forward(net, &batch, &result);
        lido_tally_add(tally, &result);
        if (evaluation->shown) evaluation->shown(evaluation->context, &batch, y);
        done += count;
        if (evaluation->progress && !evaluation->progress(evaluation->context, done, total))
            return lido_fail(error, LIDO_INTERRUPTED, "interrupted during evaluation");
    }
    return LIDO_OK;
}

/* 0, 1, ..., count - 1; the caller frees it. NULL when memory ran out. */
static int64_t *everything(int64_t count) {
    int64_t *samples = calloc((size_t)count, sizeof *samples);
    for (int64_t i = 0; samples && i < count; i++) samples[i] = i;
    return samples;
}

lido_status lido_evaluate(lido_net *net, const lido_graph *graph, const lido_evaluation *evaluation,
                          lido_score *score, lido_error *error) {
    *score = (lido_score){0};
    lido_status status = lido_fit_check(graph, evaluation->rule, true, false, error);
    if (status) return status;

    lido_evaluation whole = *evaluation;
    if (!evaluation->samples) whole.count = evaluation->rule->set->count;
    const size_t outputs = (size_t)(whole.batch * lido_shape_size(lido_graph_output(graph)));
    int64_t *all = evaluation->samples ? NULL : everything(whole.count);
    lido_real *mean = whole.passes > 1 ? calloc(outputs, sizeof *mean) : NULL;
    lido_feed feed = {.rule = NULL};
    lido_tally tally = {0};
    if ((!evaluation->samples && !all) || (whole.passes > 1 && !mean))
        status = lido_fail(error, LIDO_MEMORY, "out of memory to evaluate %lld pictures",
                           (long long)whole.count);
    if (!status) status = lido_feed_make(whole.rule, whole.batch, &feed, error);
    if (!status)
        status = run_batches(net, &whole, &feed, all ? all : whole.samples, mean, &tally, error);
    if (!status) *score = lido_tally_score(&tally);
    lido_feed_free(&feed);
    free(mean);
    free(all);
    return status;
}
