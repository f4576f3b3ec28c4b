/* robustness.c - accuracy and consistency of a trained network on changed pictures: a changed copy
 * of a part of the test set is made, evaluated as any set, and freed. */
#include "study/robustness.h"

#include "net/loss.h"

#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 4 };

/* Up, down, left, right. */
static const struct {
    int down, right;
} directions[DIRECTIONS] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};

lido_evaluation lido_examination_of(const lido_examination *of, const lido_dataset *set,
                                    lido_batch_rule *rule) {
    *rule = (lido_batch_rule){.set = set,
                              .input = *lido_graph_input(of->model->graph),
                              .normalisation = of->model->normalisation,
                              .team = of->team};
    return (lido_evaluation){.rule = rule,
                             .batch = of->model->options.batch,
                             .progress = of->progress,
                             .context = of->context};
}

int64_t lido_examination_pictures(const lido_examination *of, int64_t images) {
    return images > 0 && images < of->test->count ? images : of->test->count;
}

lido_status lido_examination_part(const lido_examination *of, int64_t images, int64_t **samples,
                                  int64_t *count, lido_error *error) {
    *count = lido_examination_pictures(of, images);
    *samples = calloc((size_t)*count, sizeof **samples);
    if (!*samples)
        return lido_fail(error, LIDO_MEMORY, "out of memory to look at %lld pictures",
                         (long long)*count);
    lido_spread_samples(of->test->count, *count, *samples);
    return LIDO_OK;
}

/* ---- evaluating changed pictures ------------------------------------------------------------- */

/* Where predictions go, and who else wants to know how far it is. */
typedef struct listener {
    const lido_examination *of;
    int64_t classes, seen;
    int32_t *predictions; /* NULL: not wanted */
} listener;

static void note_predictions(void *context, const lido_batch *batch, const lido_real *y) {
    listener *l = context;
    for (int64_t i = 0; l->predictions && i < batch->count; i++)
        l->predictions[l->seen++] = (int32_t)lido_largest(y + i * l->classes, l->classes);
}

static bool pass_on_progress(void *context, int64_t done, int64_t total) {
    const lido_examination *of = ((const listener *)context)->of;
    return !of->progress || of->progress(of->context, done, total);
}

/* Accuracy on the changed samples[count] of the test set, and what each is taken for. */
static lido_status look(const lido_examination *of, const int64_t *samples, int64_t count,
                        const lido_change *change, double *accuracy, int32_t *predictions,
                        lido_error *error) {
    lido_dataset *changed;
    lido_batch_rule rule;
    lido_score score = {0};
    listener l = {.of = of,
                  .classes = lido_graph_output(of->model->graph)->channels,
                  .predictions = predictions};
    lido_status status =
        lido_change_make(of->test, samples, count, change, of->team, &changed, error);
    if (status) return status;
    lido_evaluation evaluation = lido_examination_of(of, changed, &rule);
    evaluation.progress = pass_on_progress;
    evaluation.shown = note_predictions;
    evaluation.context = &l;
    status = lido_evaluate(of->model->net, of->model->graph, &evaluation, &score, error);
    *accuracy = score.accuracy;
    lido_dataset_free(changed);
    return status;
}

/* ---- shift ------------------------------------------------------------------------------------
 */

/* A part of the test set, and what its unshifted pictures are taken for. */
typedef struct shifting {
    const lido_examination *of;
    lido_fill fill;
    int64_t count;
    int64_t *samples;
    int32_t *still, *moved; /* predictions */
} shifting;

int64_t lido_shift_pictures(const lido_examination *of, const lido_shift_options *shift) {
    return shift->fills * (1 + DIRECTIONS * shift->pixels) *
           lido_examination_pictures(of, shift->images);
}

static int64_t agreeing(const shifting *s) {
    int64_t same = 0;
    for (int64_t i = 0; i < s->count; i++) same += s->still[i] == s->moved[i];
    return same;
}

/* Means over the directions. */
static lido_status shift_by(const shifting *s, int64_t pixels, double *accuracy,
                            double *consistency, lido_error *error) {
    int64_t same = 0;
    *accuracy = 0;
    for (int d = 0; d < DIRECTIONS; d++) {
        const lido_change change = {.kind = LIDO_CHANGE_SHIFT,
                                    .down = directions[d].down * pixels,
                                    .right = directions[d].right * pixels,
                                    .fill = s->fill};
        double one;
        lido_status status = look(s->of, s->samples, s->count, &change, &one, s->moved, error);
        if (status) return status;
        *accuracy += one / DIRECTIONS;
        same += agreeing(s);
    }
    *consistency = (double)same / (double)(DIRECTIONS * s->count);
    return LIDO_OK;
}

static lido_status fill_curves(const shifting *s, int64_t pixels, lido_json *accuracies,
                               lido_json *consistencies, lido_error *error) {
    const lido_change none = {.kind = LIDO_CHANGE_SHIFT};
    double accuracy = 0, consistency = 1;
    lido_status status = look(s->of, s->samples, s->count, &none, &accuracy, s->still, error);
    for (int64_t d = 0; !status && d <= pixels; d++) {
        if (d > 0) status = shift_by(s, d, &accuracy, &consistency, error);
        lido_json_append(accuracies, lido_json_from_number(accuracy));
        lido_json_append(consistencies, lido_json_from_number(consistency));
    }
    return status;
}

static lido_status add_fill(const shifting *s, int64_t pixels, lido_json *list, lido_error *error) {
    lido_json *entry = lido_json_object();
    lido_json *accuracies = lido_json_array(), *consistencies = lido_json_array();
    lido_json_add_string(entry, "fill", lido_fill_names[s->fill]);
    lido_status status = fill_curves(s, pixels, accuracies, consistencies, error);
    lido_json_add(entry, "accuracy", accuracies);
    lido_json_add(entry, "consistency", consistencies);
    lido_json_append(list, entry);
    return status;
}

lido_status lido_shift_json(const lido_examination *of, const lido_shift_options *shift,
                            lido_json **json, lido_error *error) {
    shifting s = {.of = of};
    lido_json *list = lido_json_array();
    lido_status status = lido_examination_part(of, shift->images, &s.samples, &s.count, error);
    if (!status) s.still = calloc((size_t)s.count, sizeof *s.still);
    if (!status) s.moved = calloc((size_t)s.count, sizeof *s.moved);
    if (!status && (!s.still || !s.moved))
        status = lido_fail(error, LIDO_MEMORY, "out of memory to shift pictures");
    for (int i = 0; i < shift->fills && !status; i++) {
        s.fill = shift->fill[i];
        status = add_fill(&s, shift->pixels, list, error);
    }
    free(s.samples);
    free(s.still);
    free(s.moved);
    if (status) lido_json_free(list);
    *json = status ? NULL : list;
    return status;
}

/* ---- other changes ----------------------------------------------------------------------------
 */

typedef struct asked {
    const char *name;
    lido_change_kind kind;
    const lido_amounts *amounts;
} asked;

enum { CHANGES = 4 };

static void changes_of(const lido_measure_options *options, asked changes[CHANGES]) {
    const asked all[CHANGES] = {{"rotation", LIDO_CHANGE_ROTATION, &options->rotation},
                                {"scale", LIDO_CHANGE_SCALE, &options->scale},
                                {"noise", LIDO_CHANGE_NOISE, &options->noise},
                                {"blur", LIDO_CHANGE_BLUR, &options->blur}};
    memcpy(changes, all, sizeof all);
}

int64_t lido_change_pictures(const lido_examination *of, const lido_measure_options *options) {
    asked changes[CHANGES];
    int64_t amounts = 0;
    changes_of(options, changes);
    for (int i = 0; i < CHANGES; i++) amounts += changes[i].amounts->count;
    return amounts * lido_examination_pictures(of, options->images);
}

static lido_status add_change(const lido_examination *of, const asked *wanted,
                              const int64_t *samples, int64_t count, lido_json *measures,
                              lido_error *error) {
    lido_json *list = lido_json_array();
    lido_status status = LIDO_OK;
    for (int i = 0; i < wanted->amounts->count && !status; i++) {
        const lido_change change = {
            .kind = wanted->kind, .amount = wanted->amounts->at[i], .seed = of->seed};
        lido_json *entry = lido_json_object();
        double accuracy = 0;
        status = look(of, samples, count, &change, &accuracy, NULL, error);
        lido_json_add_number(entry, "amount", change.amount);
        lido_json_add_number(entry, "accuracy", accuracy);
        lido_json_append(list, entry);
    }
    lido_json_add(measures, wanted->name, list);
    return status;
}

lido_status lido_changes_add(const lido_examination *of, const lido_measure_options *options,
                             lido_json *measures, lido_error *error) {
    int64_t *samples, count;
    asked changes[CHANGES];
    lido_status status = lido_examination_part(of, options->images, &samples, &count, error);
    changes_of(options, changes);
    for (int i = 0; i < CHANGES && !status; i++)
        if (changes[i].amounts->count > 0)
            status = add_change(of, &changes[i], samples, count, measures, error);
    free(samples);
    return status;
}
