/* fit.c - whether a data set can be fed to a network. */
#include "train/fit.h"

#include <string.h>

/* What a set's labels belong to. */
typedef enum label_kind { OF_PICTURES, OF_POSITIONS, OF_BOXES } label_kind;

static label_kind kind_of(const lido_dataset *set) {
    if (set->boxes) return OF_BOXES;
    return set->labels_each > 1 ? OF_POSITIONS : OF_PICTURES;
}

static const char *const kind_texts[] = {"one label a picture", "a label for each position",
                                         "a label for each box"};

static lido_status check_target(const lido_graph *graph, const lido_dataset *set,
                                lido_error *error) {
    lido_target target = lido_graph_target(graph);
    if ((target == LIDO_TARGET_LABEL_MAP) == (kind_of(set) != OF_PICTURES)) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "the network's \"target\" is \"%s\", but the data set %s has %s",
                     lido_target_names[target], set->name, kind_texts[kind_of(set)]);
}

static lido_status check_boxes(const lido_graph *graph, const lido_dataset *set,
                               lido_error *error) {
    const lido_shape *boxes = lido_graph_boxes(graph);
    if (!boxes && !set->boxes) return LIDO_OK;
    if (boxes && set->boxes && boxes->axis[2] == set->labels_each) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE,
                     "the network takes %lld boxes a picture, the data set %s has %lld",
                     boxes ? (long long)boxes->axis[2] : 0LL, set->name,
                     set->boxes ? (long long)set->labels_each : 0LL);
}

/* The output has a position for each label. */
static lido_status check_positions(const lido_shape *output, const lido_batch_rule *rule,
                                   lido_error *error) {
    label_kind kind = kind_of(rule->set);
    lido_shape wanted = {.axis = {1, 1, 1}};
    if (kind == OF_POSITIONS) wanted = rule->input;
    bool same = kind == OF_BOXES ? lido_shape_positions(output) == rule->set->labels_each
                                 : memcmp(output->axis, wanted.axis, sizeof wanted.axis) == 0;
    if (same) return LIDO_OK;
    char is[LIDO_TEXT_SIZE], of[LIDO_TEXT_SIZE];
    lido_shape_text(output, is, sizeof is);
    if (kind == OF_POSITIONS)
        return lido_fail(error, LIDO_SHAPE,
                         "the network's output is %s, the data set %s has a label for each "
                         "position of the input %s",
                         is, rule->set->name, lido_shape_text(&rule->input, of, sizeof of));
    return lido_fail(error, LIDO_SHAPE,
                     "the network's output is %s, the data set %s has %lld label%s a picture", is,
                     rule->set->name, (long long)rule->set->labels_each,
                     rule->set->labels_each == 1 ? "" : "s");
}

static lido_status check_outputs(const lido_graph *graph, const lido_batch_rule *rule, bool exact,
                                 lido_error *error) {
    const lido_dataset *set = rule->set;
    const lido_shape *output = lido_graph_output(graph);
    lido_status status = check_target(graph, set, error);
    if (!status) status = check_boxes(graph, set, error);
    if (!status) status = check_positions(output, rule, error);
    if (status) return status;
    if (exact ? output->channels == set->classes : output->channels >= set->classes) return LIDO_OK;
    return lido_fail(error, LIDO_SHAPE, "the network has %lld outputs, the data set %s %d classes",
                     (long long)output->channels, set->name, set->classes);
}

static lido_status check_labels(const lido_dataset *set, lido_error *error) {
    int least = kind_of(set) == OF_PICTURES ? 0 : -1;
    for (int64_t i = 0; i < set->count * set->labels_each; i++) {
        if (set->labels[i] >= least && set->labels[i] < set->classes) continue;
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
