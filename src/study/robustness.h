/* robustness.h - accuracy and consistency of a trained network on changed pictures. */
#ifndef LIDO_STUDY_ROBUSTNESS_H
#define LIDO_STUDY_ROBUSTNESS_H

#include "study/measure_options.h"

#include <lido/train.h>

/* A network and the pictures it is looked at with. */
typedef struct lido_examination {
    const lido_model *model;
    const lido_dataset *test;
    uint64_t seed; /* of noise */
    lido_team *team;
    lido_progress progress; /* with the pictures of one evaluation; NULL: none */
    void *context;
} lido_examination;

/* An evaluation of the model on a set, in batches of its training, without augmentation; *rule,
 * which the evaluation refers to, is filled. */
lido_evaluation lido_examination_of(const lido_examination *examination, const lido_dataset *set,
                                    lido_batch_rule *rule);

/* The numbers in the test set of `images` pictures (0, or more than there are: of all), by
 * lido_spread_samples: (*samples)[*count], which the caller frees. LIDO_MEMORY; then NULL. */
lido_status lido_examination_part(const lido_examination *examination, int64_t images,
                                  int64_t **samples, int64_t *count, lido_error *error);

/* How many that are. */
int64_t lido_examination_pictures(const lido_examination *examination, int64_t images);

/* How many pictures are evaluated for the options' shift, and for their rotation, scale, noise and
 * blur: what progress counts up to. */
int64_t lido_shift_pictures(const lido_examination *examination, const lido_shift_options *shift);
int64_t lido_change_pictures(const lido_examination *examination,
                             const lido_measure_options *options);

/* [{"fill", "accuracy": [..], "consistency": [..]}] as in lido_measure. */
lido_status lido_shift_json(const lido_examination *examination, const lido_shift_options *shift,
                            lido_json **json, lido_error *error);

/* Adds "rotation", "scale", "noise" and "blur": [{"amount", "accuracy"}], those asked for. */
lido_status lido_changes_add(const lido_examination *examination,
                             const lido_measure_options *options, lido_json *measures,
                             lido_error *error);

#endif
