/* prepare.c - a study gets its folder, and it is known that its data fits and how long to train. */
#include "study/study.h"

#include "study/budget.h"
#include "study/document.h"
#include "train/difference.h"
#include "train/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIFFERENCE_SIZE = 512 };

static const char study_name[] = "study.json";

/* ---- the folder ---------------------------------------------------------------------------- */

/* Without what may change from one call to the next: how often, and what is said about it. */
static lido_json *fixed_part(const lido_json *document) {
    static const char patch_text[] = "{\"seeds\": null, \"claim\": null}";
    lido_json *patch;
    if (lido_json_parse(patch_text, strlen(patch_text), "", &patch, NULL)) return NULL;
    lido_json *part = lido_json_merged(document, patch);
    lido_json_free(patch);
    return part;
}

static lido_status compare(const char *folder, const lido_json *ours, const lido_json *theirs,
                           lido_error *error) {
    char text[DIFFERENCE_SIZE];
    lido_json *our_part = fixed_part(ours), *their_part = fixed_part(theirs);
    lido_status status = LIDO_OK;
    if (!our_part || !their_part)
        status = lido_fail(error, LIDO_MEMORY, "out of memory for the study");
    else if (lido_json_difference(our_part, their_part, NULL, text, sizeof text))
        status =
            lido_fail(error, LIDO_MISMATCH,
                      "%s: holds another study: %s; name another folder (--out)", folder, text);
    lido_json_free(our_part);
    lido_json_free(their_part);
    return status;
}

/* LIDO_MISMATCH when the folder has a study that is not this one. */
static lido_status check_folder(const lido_study *study, const char *folder, const char *path,
                                lido_error *error) {
    if (!lido_path_exists(path)) return LIDO_OK;
    lido_json *theirs = NULL, *ours = lido_study_resolved_document(study);
    lido_status status = ours ? lido_json_read(path, &theirs, error)
                              : lido_fail(error, LIDO_MEMORY, "out of memory for the study");
    if (status == LIDO_SPEC) status = lido_fail_in(error, LIDO_CORRUPT, "the study there");
    if (!status) status = compare(folder, ours, theirs, error);
    lido_json_free(ours);
    lido_json_free(theirs);
    return status;
}

/* Left alone when it says the same already: others may be reading it. */
static lido_status write_study(const lido_study *study, const char *path, lido_error *error) {
    uint8_t *before = NULL;
    size_t size;
    char *text = lido_study_resolved(study);
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory for %s", study_name);
    bool there = lido_file_read(path, (size_t)1 << 24, &before, &size, NULL) == LIDO_OK;
    bool same = there && strcmp((const char *)before, text) == 0;
    lido_status status = same ? LIDO_OK : lido_file_write(path, text, strlen(text), error);
    free(before);
    free(text);
    return status;
}

static lido_status open_folder(const lido_study *study, const char *folder, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = lido_make_folder(folder, error);
    if (!status) status = lido_path_join(folder, study_name, path, sizeof path, error);
    if (!status) status = check_folder(study, folder, path, error);
    return status ? status : write_study(study, path, error);
}

/* ---- the data ------------------------------------------------------------------------------ */

static lido_status check_fit(const lido_study *study, const lido_dataset *set, bool training,
                             lido_error *error) {
    lido_status status = LIDO_OK;
    for (int i = 0; i < study->arms && !status; i++) {
        const lido_arm *arm = &study->arm[i];
        const lido_batch_rule rule = {.set = set,
                                      .input = *lido_graph_input(arm->graph),
                                      .normalisation = {.channels = (int)set->shape.channels}};
        bool crop = arm->train.augmented && arm->train.augment.crop;
        status = lido_fit_check(arm->graph, &rule, crop, training, error);
        if (status) lido_fail_in(error, status, "%s: %s", study->path, arm->name);
    }
    return status;
}

/* The test split is what arms are compared on, so there must be one. */
static lido_status check_split(const lido_study *study, const lido_study_place *place,
                               lido_split split, int64_t *pictures, lido_error *error) {
    const lido_train_options *train = &study->arm[0].train;
    const lido_data_options options = {.dir = place->data_dir,
                                       .limit = split == LIDO_TRAIN ? train->limit : 0,
                                       .team = place->team};
    lido_dataset *set;
    lido_status status = lido_dataset_load(train->data, split, &options, &set, error);
    if (status) return lido_fail_in(error, status, "%s", study->path);
    status = check_fit(study, set, split == LIDO_TRAIN, error);
    *pictures = set->count;
    lido_dataset_free(set);
    return status;
}

lido_status lido_study_prepare(lido_study *study, const lido_study_place *place,
                               lido_error *error) {
    int64_t tested, trained;
    lido_status status = check_split(study, place, LIDO_TEST, &tested, error);
    if (!status) status = check_split(study, place, LIDO_TRAIN, &trained, error);
    if (!status) status = open_folder(study, place->out, error);
    return status ? status : lido_study_budget(study, place, trained, error);
}
