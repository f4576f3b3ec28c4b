/* scores.c - how right and how sure a network is, row by row. */
#include "study/scores.h"

#include "net/loss.h"

#include <math.h>
#include <stdlib.h>

void lido_answers_free(lido_answers *answers) {
    free(answers->predictions);
    free(answers->confidences);
    *answers = (lido_answers){0};
}

lido_status lido_scores_make(int64_t classes, int64_t rows, lido_scores *scores,
                             lido_error *error) {
    int64_t cells, bytes;
    *scores = (lido_scores){.classes = classes, .answers = {.rows = rows}};
    if (!lido_mul(classes, classes, &cells) || !lido_mul(cells, sizeof *scores->taken, &bytes) ||
        !lido_mul(rows, sizeof(int32_t), &bytes))
        return lido_fail(error, LIDO_TOO_LARGE, "too many classes or rows to measure");
    scores->taken = calloc((size_t)cells, sizeof *scores->taken);
    scores->answers.predictions = calloc((size_t)rows, sizeof *scores->answers.predictions);
    scores->answers.confidences = calloc((size_t)rows, sizeof *scores->answers.confidences);
    if (scores->taken && scores->answers.predictions && scores->answers.confidences) return LIDO_OK;
    lido_scores_free(scores);
    return lido_fail(error, LIDO_MEMORY, "out of memory to measure %lld rows", (long long)rows);
}

void lido_scores_free(lido_scores *scores) {
    free(scores->taken);
    lido_answers_free(&scores->answers);
    *scores = (lido_scores){0};
}

/* (b / 15, (b + 1) / 15]; what is no probability goes to the nearest end. */
static int bin_of(double confidence) {
    if (!(confidence > 0)) return 0;
    if (confidence >= 1) return LIDO_CALIBRATION_BINS - 1;
    return (int)ceil(confidence * LIDO_CALIBRATION_BINS) - 1;
}

static void add_row(lido_scores *scores, const lido_real *y, int32_t label) {
    const int64_t prediction = lido_largest(y, scores->classes);
    const double confidence = (double)y[prediction];
    lido_confidence_bin *bin = &scores->bin[bin_of(confidence)];
    scores->answers.predictions[scores->seen] = (int32_t)prediction;
    scores->answers.confidences[scores->seen] = (float)confidence;
    scores->taken[label * scores->classes + prediction]++;
    bin->rows++;
    bin->right += prediction == label;
    bin->confidence += confidence;
    for (int64_t c = 0; c < scores->classes; c++) {
        const double away = (double)y[c] - (c == label ? 1 : 0);
        scores->brier += away * away;
    }
    scores->rows++;
}

void lido_scores_add(lido_scores *scores, const lido_real *y, const int32_t *labels, int64_t rows) {
    for (int64_t r = 0; r < rows; r++, scores->seen++) {
        if (labels[r] >= 0)
            add_row(scores, y + r * scores->classes, labels[r]);
        else
            scores->answers.predictions[scores->seen] = -1;
    }
}

double lido_scores_calibration_error(const lido_scores *scores) {
    double sum = 0;
    for (int b = 0; b < LIDO_CALIBRATION_BINS; b++)
        sum += fabs((double)scores->bin[b].right - scores->bin[b].confidence);
    return sum / (double)scores->rows;
}

double lido_scores_brier(const lido_scores *scores) {
    return scores->brier / (double)scores->rows;
}

lido_json *lido_scores_confusion(const lido_scores *scores, int labels) {
    lido_json *matrix = lido_json_array();
    for (int64_t label = 0; label < labels; label++) {
        lido_json *row = lido_json_array();
        for (int64_t c = 0; c < scores->classes; c++)
            lido_json_append(
                row, lido_json_from_number((double)scores->taken[label * scores->classes + c]));
        lido_json_append(matrix, row);
    }
    return matrix;
}
