/* fit.c - whether a data set can be fed to a network. */
#include "train/fit.h"

#include <string.h>

static bool has_map(const lido_dataset *set) {
    return set->labels_each > 1;
}

static lido_status check_target(const lido_graph *graph, const lido_dataset *set,
                                lido_error *error) {
    lido_target target = lido_graph_target(graph);
    if ((target == LIDO_TARGET_LABEL_MAP) == has_map(set)) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "the network's \"target\" is \"%s\", but the data set %s has %s",
                     lido_target_names[target], set->name,
                     has_map(set) ? "a label for each position" : "one label a picture");
}

/* The output has a position for each label: those of the picture, or one. */
static lido_status check_positions(const lido_shape *output, const lido_batch_rule *rule,
                                   lido_error *error) {
    char is[LIDO_TEXT_SIZE], of[LIDO_TEXT_SIZE];
    lido_shape wanted = {.rank = 0, .axis = {1, 1, 1}, .channels = output->channels};
    if (has_map(rule->set)) memcpy(wanted.axis, rule->input.axis, sizeof wanted.axis);
    if (memcmp(output->axis, wanted.axis, sizeof wanted.axis) == 0) return LIDO_OK;
    lido_shape_text(output, is, sizeof is);
    if (!has_map(rule->set))
        return lido_fail(error, LIDO_SHAPE,
                         "the network's output is %s, the data set %s has 1 label a picture", is,
                         rule->set->name);
    return lido_fail(error, LIDO_SHAPE,
                     "the network's output is %s, the data set %s has a label for each position of "
                     "the input %s",
                     is, rule->set->name, lido_shape_text(&rule->input, of, sizeof of));
}

static lido_status check_outputs(const lido_graph *graph, const lido_batch_rule *rule, bool exact,
                                 lido_error *error) {
    const lido_dataset *set = rule->set;
    const lido_shape *output = lido_graph_output(graph);
    lido_status status = check_target(graph, set, error);
    if (!status) status = check_positions(output, rule, error);
    if (status) return status;
    if (exact ? output->channels == set->classes : output->channels >= set->classes) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE, "the network has %lld outputs, the data set %s %d classes",
                     (long long)output->channels, set->name, set->classes);
}

static lido_status check_labels(const lido_dataset *set, lido_error *error) {
    for (int64_t i = 0; i < set->count * set->labels_each; i++) {
        if (set->labels[i] >= (has_map(set) ? -1 : 0) && set->labels[i] < set->classes) continue;
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
