/* study.c - reading a study, and what is known of one that has been read. */
#include "study/study.h"

#include "base/options.h"
#include "base/words.h"
#include "net/expand.h"
#include "study/arm.h"
#include "study/document.h"
#include "study/factors.h"
#include "study/match.h"
#include "study/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXCERPT_SIZE = 64, MOST_NAME = 64 };

const char *const lido_budget_names[] = {"epochs", "steps", "multiply_adds", "seconds", NULL};
static const char *const parameter_names[] = {"own", "match", NULL};

static const lido_option budget_table[] = {
    {.name = "equal",
     .kind = LIDO_OPTION_CHOICE,
     .offset = offsetof(lido_budget, kind),
     .fallback = "\"epochs\"",
     .choices = lido_budget_names,
     .doc = "what every cell's training gets the same amount of"},
    {.name = "amount",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(lido_budget, amount),
     .fallback = "null",
     .min = 1e-3,
     .max = 1e30,
     .doc = "how much; absent: what the baseline's epochs come to"},
    {0},
};

static const lido_option table[] = {
    {.name = "name",
     .kind = LIDO_OPTION_TEXT,
     .offset = offsetof(lido_study_settings, name),
     .fallback = "null",
     .doc = "of the study and its folder"},
    {.name = "profile",
     .kind = LIDO_OPTION_TEXT,
     .offset = offsetof(lido_study_settings, profile),
     .fallback = "null",
     .doc = "the profile that has been applied, in a study that was written out"},
    {.name = "budget",
     .kind = LIDO_OPTION_OBJECT,
     .offset = offsetof(lido_study_settings, budget),
     .fallback = "{}",
     .table = budget_table,
     .doc = "how long each cell is trained"},
    {.name = "parameters",
     .kind = LIDO_OPTION_CHOICE,
     .offset = offsetof(lido_study_settings, parameters),
     .fallback = "\"own\"",
     .choices = parameter_names,
     .doc = "match: filters are scaled until every cell has the baseline's parameters"},
    {0},
};

/* ---- reading ------------------------------------------------------------------------------- */

/* "studies/pooling.json" is called "pooling" unless it says otherwise. */
static void read_name(lido_study *study) {
    char *name = study->settings.name;
    if (!*name) {
        const char *slash = strrchr(study->path, '/'), *stem = slash ? slash + 1 : study->path;
        const char *dot = strrchr(stem, '.');
        int length = dot && strcmp(dot, ".json") == 0 ? (int)(dot - stem) : (int)strlen(stem);
        snprintf(name, sizeof study->settings.name, "%.*s", length, stem);
    }
}

/* Both are part of the name of a folder. */
static lido_status check_word(const lido_study *study, const char *what, const char *word,
                              lido_error *error) {
    char found[EXCERPT_SIZE];
    if (lido_is_word(word) && word[0] != '.' && strlen(word) <= MOST_NAME) return LIDO_OK;
    lido_json *quoted = lido_json_from_string(word);
    lido_excerpt(quoted, found, sizeof found);
    lido_json_free(quoted);
    return lido_fail(error, LIDO_SPEC,
                     "%s: the %s %s is not a word of up to %d letters, digits, _ . and -, that of "
                     "a folder",
                     study->path, what, found, MOST_NAME);
}

static lido_status check_kind(const lido_study *study, const char *key, lido_json_kind kind,
                              const char *allowed, lido_error *error) {
    const lido_json *value = lido_json_get(study->document, key);
    char found[EXCERPT_SIZE];
    if (!value || lido_json_kind_of(value) == kind) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is %s, allowed: %s", study->path, key,
                     lido_excerpt(value, found, sizeof found), allowed);
}

static lido_status read_settings(lido_study *study, lido_error *error) {
    lido_given ignored;
    lido_status status = lido_options_read(table, study->document, study->path, lido_study_keys,
                                           &study->settings, &ignored, error);
    if (status) return status;
    read_name(study);
    status = check_word(study, "name", study->settings.name, error);
    if (!status && study->settings.profile[0])
        status = check_word(study, "profile", study->settings.profile, error);
    if (!status) status = check_kind(study, "claim", LIDO_JSON_STRING, "a sentence", error);
    if (!status) status = check_kind(study, "train", LIDO_JSON_OBJECT, "an object", error);
    return status;
}

/* Passes are for cells that draw something; it is enough that one does. */
static lido_status read_measures(lido_study *study, lido_error *error) {
    char where[LIDO_PATH_SIZE + 16];
    snprintf(where, sizeof where, "%s: measures", study->path);
    lido_status status = lido_measure_options_read(lido_json_get(study->document, "measures"),
                                                   where, &study->measures, error);
    if (status) return status;
    for (int i = 0; i < study->arms; i++) {
        status = lido_measure_check(study->arm[i].graph, &study->measures, where, error);
        if (!status) return LIDO_OK;
    }
    return status;
}

static lido_status make_arms(lido_study *study, lido_error *error) {
    for (int i = 0; i < study->arms; i++) {
        lido_arm *arm = &study->arm[i];
        arm->scale = 1;
        lido_json *document = lido_arm_document(study, arm);
        lido_status status = lido_arm_make(study, arm, document, error);
        lido_json_free(document);
        if (status) return status;
    }
    return lido_arms_check(study, error);
}

static lido_status match_arms(lido_study *study, lido_error *error) {
    int64_t params = lido_graph_params(study->arm[study->baseline].graph);
    lido_status status = LIDO_OK;
    for (int i = 0; i < study->arms && !status; i++)
        if (i != study->baseline) status = lido_arm_match(study, &study->arm[i], params, error);
    return status;
}

static lido_status read_study(lido_study *study, const lido_study_options *options,
                              lido_error *error) {
    lido_status status = lido_study_document(study->path, options, &study->document, error);
    if (!status) status = read_settings(study, error);
    if (!status) status = lido_study_read_factors(study, error);
    if (!status) status = lido_study_read_cells(study, error);
    if (!status) status = lido_study_read_seeds(study, error);
    if (!status) status = make_arms(study, error);
    if (!status) status = read_measures(study, error);
    if (!status && study->settings.parameters) status = match_arms(study, error);
    return status;
}

lido_status lido_study_read(const char *path, const lido_study_options *options, lido_study **study,
                            lido_error *error) {
    static const lido_study_options none = {.profile = NULL};
    lido_study *made = calloc(1, sizeof *made);
    *study = NULL;
    if (!made) return lido_fail(error, LIDO_MEMORY, "out of memory for the study");
    if (!options) options = &none;
    lido_status status = LIDO_OK;
    if (snprintf(made->path, sizeof made->path, "%s", path) >= (int)sizeof made->path)
        status = lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", path);
    if (!status) status = read_study(made, options, error);
    if (status)
        lido_study_free(made);
    else
        *study = made;
    return status;
}

void lido_study_free(lido_study *study) {
    if (!study) return;
    for (int i = 0; i < study->arms; i++) lido_arm_free(&study->arm[i]);
    free(study->arm);
    free(study->seed);
    lido_json_free(study->document);
    free(study);
}

/* ---- what is known ------------------------------------------------------------------------- */

const char *lido_study_name(const lido_study *study) {
    return study->settings.name;
}

const char *lido_study_profile(const lido_study *study) {
    return study->settings.profile[0] ? study->settings.profile : NULL;
}

int lido_study_cells(const lido_study *study) {
    return study->arms;
}

int lido_study_baseline(const lido_study *study) {
    return study->baseline;
}

void lido_study_cell_get(const lido_study *study, int index, lido_study_cell *cell) {
    const lido_arm *arm = &study->arm[index];
    *cell = (lido_study_cell){.name = arm->name,
                              .params = lido_graph_params(arm->graph),
                              .multiply_adds = arm->multiply_adds,
                              .activation_bytes = arm->activation_bytes,
                              .scale = arm->scale,
                              .epochs = arm->train.epochs,
                              .steps = arm->total_steps};
}

int lido_study_runs(const lido_study *study) {
    return study->arms * study->seeds;
}

void lido_study_run_get(const lido_study *study, int index, lido_study_run *run) {
    run->cell = index % study->arms;
    run->seed = study->seed[index / study->arms];
    snprintf(run->folder, sizeof run->folder, "runs/%s/seed-%lld", study->arm[run->cell].name,
             (long long)run->seed);
}

/* ---- written out --------------------------------------------------------------------------- */

static lido_json *name_json(const lido_study *study) {
    return lido_json_from_string(study->settings.name);
}

static lido_json *cells_json(const lido_study *study) {
    lido_json *list = lido_json_array();
    for (int i = 0; i < study->arms; i++)
        lido_json_append(list, lido_arm_levels(study, &study->arm[i]));
    return list;
}

static lido_json *baseline_json(const lido_study *study) {
    return lido_arm_levels(study, &study->arm[study->baseline]);
}

static lido_json *seeds_json(const lido_study *study) {
    lido_json *list = lido_json_array();
    for (int i = 0; i < study->seeds; i++)
        lido_json_append(list, lido_json_from_number((double)study->seed[i]));
    return list;
}

static lido_json *budget_json(const lido_study *study) {
    lido_json *object = lido_json_object();
    lido_options_write(budget_table, &study->settings.budget, object);
    return object;
}

static lido_json *measures_json(const lido_study *study) {
    return lido_measure_options_json(&study->measures);
}

static lido_json *parameters_json(const lido_study *study) {
    return lido_json_from_string(parameter_names[study->settings.parameters]);
}

lido_json *lido_study_resolved_document(const lido_study *study) {
    static const struct {
        const char *key;
        lido_json *(*make)(const lido_study *study);
    } filled_in[] = {{"name", name_json},         {"cells", cells_json},
                     {"baseline", baseline_json}, {"seeds", seeds_json},
                     {"budget", budget_json},     {"parameters", parameters_json},
                     {"measures", measures_json}};
    lido_json *document = lido_json_copy(study->document);
    for (size_t i = 0; i < sizeof filled_in / sizeof *filled_in; i++) {
        lido_json *with = lido_json_with(document, filled_in[i].key, filled_in[i].make(study));
        lido_json_free(document);
        document = with;
    }
    return document;
}

char *lido_study_resolved(const lido_study *study) {
    lido_json *document = lido_study_resolved_document(study);
    char *text = lido_json_print(document, true);
    lido_json_free(document);
    return text;
}
