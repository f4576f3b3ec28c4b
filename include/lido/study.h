/* lido/study.h - studies: a base network, factors whose variants take the place of its definitions,
 * and seeds. A cell is one variant of every factor; a run is a cell with a seed, trained and
 * measured. Runs are independent of each other and may be made in any order, by any number of
 * processes on machines that share a folder: what they leave does not depend on it.
 *
 * Runs are paired. The seed of a run is that of everything drawn in it, and every draw is a
 * function of what it is for (docs/design.md): so in the runs of one seed the layers that cells
 * share start from the same weights and see the same pictures in the same batches, augmented alike.
 *
 * The format of a study's file and of its folder is docs/studies.md.
 */
#ifndef LIDO_STUDY_H
#define LIDO_STUDY_H

#include <lido/train.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lido_study lido_study;

enum {
    LIDO_STUDY_FACTORS = 8, /* most in a study */
    LIDO_STUDY_CELLS = 256,
    LIDO_STUDY_SEEDS = 1000
};

typedef struct lido_study_options {
    const char *profile; /* one of the file's "profiles", merged over the rest; NULL: none */
    const char *changes; /* a JSON object merged over that (RFC 7396); NULL: none */
} lido_study_options;

/* Reads a study's file and all it rests on, and infers the network of every cell: after this only
 * data can be wrong. options may be NULL. Errors: LIDO_NOT_FOUND, LIDO_IO, LIDO_MEMORY; LIDO_SPEC
 * with the path in the file and what is allowed, among them a factor that is no definition of the
 * base, a definition that no layer uses, cells that do not differ, a baseline that is no cell, and
 * parameters that cannot be matched; LIDO_SPEC and LIDO_SHAPE of a cell's network, naming the cell
 * and the layer. lido_study_free releases; NULL is allowed there. */
lido_status lido_study_read(const char *path, const lido_study_options *options, lido_study **study,
                            lido_error *error);
void lido_study_free(lido_study *study);

const char *lido_study_name(const lido_study *study);    /* "name", or the file's stem */
const char *lido_study_profile(const lido_study *study); /* NULL: none */

/* The study with its base written out, its profile applied and every list complete, as indented
 * JSON: malloc'ed; NULL when memory ran out. It is a study's file itself. */
char *lido_study_resolved(const lido_study *study);

typedef struct lido_study_cell {
    const char *name;         /* "pool=max,head=fc": alive as long as the study */
    int64_t params;           /* trainable numbers */
    int64_t multiply_adds;    /* of one sample, forward */
    int64_t activation_bytes; /* outputs of all layers, of one sample */
    double scale;             /* of its filters, by "parameters": "match"; otherwise 1 */
    int64_t epochs, steps;    /* of training; steps 0 before lido_study_prepare */
} lido_study_cell;

int lido_study_cells(const lido_study *study);
void lido_study_cell_get(const lido_study *study, int index, lido_study_cell *cell);
int lido_study_baseline(const lido_study *study); /* index of a cell */

typedef struct lido_study_run {
    int cell;
    int64_t seed;
    char folder[2 * LIDO_TEXT_SIZE]; /* "runs/pool=max,head=fc/seed-1", in the study's folder */
} lido_study_run;

/* Runs are numbered from 0: all cells of the first seed, then of the second. */
int lido_study_runs(const lido_study *study);
void lido_study_run_get(const lido_study *study, int index, lido_study_run *run);

/* ---- working on it ------------------------------------------------------------------------- */

/* Where a study is worked on. */
typedef struct lido_study_place {
    const char *out;      /* folder of the study: made when absent */
    const char *data_dir; /* searched first for data sets; NULL: none */
    lido_team *team;
} lido_study_place;

/* Makes the folder and study.json, looks whether the data fits every cell, and fixes how long each
 * is trained ("budget"; for one of seconds steps are timed with the place's team, once for the
 * folder).
 * Before any of the calls below, in each process. Errors: LIDO_MISMATCH (the folder holds another
 * study), LIDO_SHAPE (naming the cell) and those of reading data and writing files. */
lido_status lido_study_prepare(lido_study *study, const lido_study_place *place, lido_error *error);

/* The run is trained and measured: its measures.json is there. */
bool lido_study_finished(const lido_study *study, const lido_study_place *place, int run);

typedef struct lido_study_outcome {
    bool already_finished;
    lido_score test;
    double seconds; /* of this process */
} lido_study_outcome;

/* Trains and measures one run, going on from its last checkpoint where there is one. measures.json
 * is written last: a run that has it is done and not repeated. Errors: those of lido_run, and
 * LIDO_IO when another process is at work on the run. */
lido_status lido_study_train(const lido_study *study, int run, const lido_study_place *place,
                             const lido_trainer_events *events, lido_study_outcome *outcome,
                             lido_error *error);

/* Writes results.json of the runs that are finished: *finished of them. */
lido_status lido_study_gather(const lido_study *study, const lido_study_place *place, int *finished,
                              lido_error *error);

#ifdef __cplusplus
}
#endif

#endif
