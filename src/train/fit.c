/* fit.c - whether a data set can be fed to a network. */
#include "train/fit.h"

static lido_status check_outputs(const lido_graph *graph, const lido_batch_rule *rule, bool exact,
                                 lido_error *error) {
    const lido_dataset *set = rule->set;
    const lido_shape *output = lido_graph_output(graph);
    int64_t labels = set->labels_each == 1 ? 1 : lido_shape_positions(&rule->input);
    if (lido_shape_positions(output) != labels) {
        char text[LIDO_TEXT_SIZE];
        return lido_fail(error, LIDO_SHAPE,
                         "the network's output is %s, the data set %s has %lld label%s a picture",
                         lido_shape_text(output, text, sizeof text), set->name, (long long)labels,
                         labels == 1 ? "" : "s");
    }
    if (exact ? output->channels == set->classes : output->channels >= set->classes) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE, "the network has %lld outputs, the data set %s %d classes",
                     (long long)output->channels, set->name, set->classes);
}

static lido_status check_labels(const lido_dataset *set, lido_error *error) {
    for (int64_t i = 0; i < set->count * set->labels_each; i++) {
        if (set->labels[i] >= 0 && set->labels[i] < set->classes) continue;
        return lido_fail(error, LIDO_SHAPE, "%s: label %d of picture %lld is not in 0..%d",
                         set->name, set->labels[i], (long long)(i / set->labels_each),
                         set->classes - 1);
    }
    return LIDO_OK;
}

lido_status lido_fit_check(const lido_graph *graph, const lido_batch_rule *rule, bool crop_allowed,
                           bool exact, lido_error *error) {
    lido_status status = lido_batch_check(rule, crop_allowed, error);
    if (!status) status = check_outputs(graph, rule, exact, error);
    return status ? status : check_labels(rule->set, error);
}
