/* small_results.h - a results.json of two arms and two seeds, small enough to be reckoned by hand.
 */
#ifndef LIDO_TESTS_STUDY_SMALL_RESULTS_H
#define LIDO_TESTS_STUDY_SMALL_RESULTS_H

#include "lido_check.h"

#include "base/json.h"

#include <stdio.h>

#define SMALL_RUN(seed, accuracy, shifted)                                                      \
    "{'seed': " seed ", 'folder': 'runs/a', 'measures': {'test_accuracy': " accuracy            \
    ", 'parameters': 1234, 'multiply_adds': 5678, 'activation_bytes': 4000, "                   \
    "'seconds_per_epoch': 2, 'epochs_to': [{'accuracy': 0.5, 'epochs': " seed                   \
    "}, {'accuracy': 0.99, 'epochs': null}], 'shift': [{'fill': 'zero', 'accuracy': [" accuracy \
    ", " shifted "], 'consistency': [1, " shifted                                               \
    "]}], 'noise': [{'amount': 0.1, 'accuracy': " shifted                                       \
    "}], 'confusion': [[5, 1], [0, 4]], 'pooling': [{'name': 'p#1', 'type': 'max_pool', "       \
    "'reached': 0.25, 'entropy_bits': null}]}, 'history': [{'epoch': 1, 'train_loss': 1, "      \
    "'train_accuracy': 0.5}, {'epoch': 2, 'train_loss': 0.5, 'train_accuracy': " accuracy "}]}"

static const char small_results_text[] =
    "{'study': {'name': 'a <b>', 'claim': 'so & so', 'measures': {'shift': {'images': 1000}}},"
    "'lido': '0.1.0', 'environment': {'cpu': 'C', 'cores': 2, 'date': '2026-01-31T12:00:00Z'},"
    "'profile': 'full', 'factors': [{'name': 'pool', 'variants': ['max', 'avg']}],"
    "'baseline': 'pool=max', 'cells': ["
    "{'name': 'pool=max', 'levels': ['max'], 'runs': [" SMALL_RUN("1", "0.75", "0.5") "," SMALL_RUN(
        "2", "0.85",
        "0.7") "]},"
               "{'name': 'pool=avg', 'levels': ['avg'], 'runs': [" SMALL_RUN(
                   "1", "0.8",
                   "0.6") "," SMALL_RUN("2", "0.9",
                                        "0.8") "]}],"
                                               "'statistics': {'measures': [{'name': "
                                               "'test_accuracy', 'cells': ["
                                               "{'cell': 'pool=max', 'n': 2, 'mean': 0.8, 'sd': "
                                               "0.07, 'low': 0.17, 'high': 1.43},"
                                               "{'cell': 'pool=avg', 'n': 2, 'mean': 0.85, 'sd': "
                                               "0.07, 'low': 0.22, 'high': 1.48}],"
                                               "'differences': [{'cell': 'pool=avg', 'n': 2, "
                                               "'mean': 0.05, 'low': -0.01, 'high': 0.11,"
                                               "'t': 3, 'p_t': 0.04, 'p_t_holm': 0.04, "
                                               "'p_sign_flip': 0.5, 'p_sign_flip_least': 0.5,"
                                               "'p_sign_flip_holm': 0.5, 'effect_size': 1.2345, "
                                               "'decided': false, 'seeds_needed': 9,"
                                               "'verdict': '2 seeds cannot decide'}],"
                                               "'effects': [{'factors': ['pool'], 'f': 9.1234, "
                                               "'df': 1, 'df_error': 1, 'p': 0.2,"
                                               "'p_holm': 0.2, 'eta_squared': 0.33333}]}],"
                                               "'mcnemar': [{'cell': 'pool=avg', 'seed': 1, "
                                               "'only_baseline_right': 3, 'only_cell_right': 8,"
                                               "'p': 0.2266}]}}";

/* The text with ' for ", and `from`, if given, replaced by `to`. */
static inline lido_json *small_results(const char *from, const char *to) {
    char text[2 * sizeof small_results_text];
    const char *at = from ? strstr(small_results_text, from) : NULL;
    ck_assert_msg(!from || at, "%s is not in the text", from);
    if (at)
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small_results_text), small_results_text,
                 to, at + strlen(from));
    else
        snprintf(text, sizeof text, "%s", small_results_text);
    for (char *c = text; *c; c++)
        if (*c == '\'') *c = '"';
    lido_json *results;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "results", &results, &error));
    return results;
}

#endif
