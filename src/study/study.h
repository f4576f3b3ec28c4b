/* study.h - a study that has been read. Its pieces: document.c makes one document of the file, its
 * profile and its base; factors.c reads what is compared; arm.c makes the network of each cell. */
#ifndef LIDO_STUDY_STUDY_H
#define LIDO_STUDY_STUDY_H

#include "base/file.h"
#include "base/json.h"
#include "study/measure_options.h"

#include <lido/study.h>

/* A definition of the base, and what takes its place. */
typedef struct lido_factor {
    const char *name;
    const lido_json *variants; /* an object, of the document */
} lido_factor;

/* A cell and the network it stands for. */
typedef struct lido_arm {
    char name[LIDO_TEXT_SIZE];
    const lido_json *variant[LIDO_STUDY_FACTORS]; /* a member of each factor's variants */
    lido_spec *spec;
    lido_graph *graph;
    lido_train_options train; /* but for its seed */
    double scale;             /* of filters */
    int64_t multiply_adds, activation_bytes;
    int64_t total_steps; /* 0: not yet known */
} lido_arm;

/* What all cells get the same amount of. */
typedef enum lido_budget_kind {
    LIDO_BUDGET_EPOCHS,
    LIDO_BUDGET_STEPS,
    LIDO_BUDGET_MULTIPLY_ADDS,
    LIDO_BUDGET_SECONDS
} lido_budget_kind;

extern const char *const lido_budget_names[]; /* "epochs", "steps", ..., NULL */

typedef struct lido_budget {
    bool given;    /* always, having defaults */
    int kind;      /* lido_budget_kind */
    double amount; /* NaN: what the baseline's training comes to */
} lido_budget;

/* What is read by option table, besides the lists. */
typedef struct lido_study_settings {
    char name[LIDO_TEXT_SIZE], profile[LIDO_TEXT_SIZE];
    lido_budget budget;
    int parameters; /* 1: to be matched */
} lido_study_settings;

struct lido_study {
    char path[LIDO_PATH_SIZE]; /* opens messages */
    lido_json *document;       /* everything merged; in the end also every list complete */
    lido_study_settings settings;
    lido_measure_options measures;
    int factors;
    lido_factor factor[LIDO_STUDY_FACTORS];
    int arms, baseline;
    lido_arm *arm;
    int seeds;
    int64_t *seed;
};

/* That of lido_study_resolved; the caller frees it. Memory that ran out spoils it. */
lido_json *lido_study_resolved_document(const lido_study *study);

#endif
