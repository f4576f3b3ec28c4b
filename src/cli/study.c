/* study.c - `lido study STUDY`: trains and measures every cell with every seed, and compares. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/study_pool.h"
#include "cli/study_ranks.h"
#include "cli/study_screen.h"
#include "cli/study_slurm.h"
#include "cli/study_table.h"

#include "base/machine.h"
#include "study/lock.h"
#include "study/report.h"

#include <lido/lido.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct study_options {
    lido_common common;
    const char *out, *profile, *seeds;
    int64_t epochs, limit; /* 0: not given */
    int64_t jobs;          /* 0: not given */
    int64_t run;           /* -1: all */
    bool gather, slurm;
} study_options;

enum { FOLDER_SIZE = 2 * LIDO_TEXT_SIZE };

static const double patience_seconds = 5; /* for the processes of a killed command to end */

/* A study at work. */
typedef struct work {
    const study_options *options;
    lido_output output;
    lido_study *study;
    lido_study_place place;
    char folder[FOLDER_SIZE]; /* where no other is named */
    int jobs, threads;        /* processes, and threads of each */
    int next, end;            /* runs not yet handed out: next..end - 1 */
    lido_ranks ranks;
    bool shared;    /* the other ranks have been told to work */
    lido_lock lock; /* of the study's folder */
    lido_screen screen;
    double started;
    lido_report_result report; /* page "": there is none */
} work;

/* ---- what the flags change ------------------------------------------------------------------ */

/* "5" or "1,2,7" as the file would write it; checked with the file. */
static lido_status seeds_json(const char *text, lido_json **seeds, lido_error *error) {
    char list[4096];
    bool many = strchr(text, ',') != NULL;
    int size = snprintf(list, sizeof list, many ? "[%s]" : "%s", text);
    if (size < (int)sizeof list && lido_json_parse(list, (size_t)size, "", seeds, NULL) == LIDO_OK)
        return LIDO_OK;
    return lido_fail(error, LIDO_USAGE, "--seeds is \"%.100s\", allowed: how many, or as in 1,2,7",
                     text);
}

static lido_json *train_json(const study_options *options) {
    lido_json *train = lido_json_object();
    if (options->common.data) lido_json_add_string(train, "data", options->common.data);
    if (options->epochs) lido_json_add_number(train, "epochs", (double)options->epochs);
    if (options->limit) lido_json_add_number(train, "limit", (double)options->limit);
    return train;
}

/* The flags as a patch of the study's file: malloc'ed. */
static lido_status changes_text(const study_options *options, char **text, lido_error *error) {
    lido_json *changes = lido_json_object(), *train = train_json(options), *seeds = NULL;
    lido_status status = options->seeds ? seeds_json(options->seeds, &seeds, error) : LIDO_OK;
    if (seeds) lido_json_add(changes, "seeds", seeds);
    if (lido_json_count(train) > 0)
        lido_json_add(changes, "train", train);
    else
        lido_json_free(train);
    *text = status ? NULL : lido_json_print(changes, false);
    lido_json_free(changes);
    if (!status && !*text) status = lido_fail(error, LIDO_MEMORY, "out of memory");
    return status;
}

static lido_status read_study(work *w, const char *path, lido_error *error) {
    char *changes;
    lido_status status = changes_text(w->options, &changes, error);
    if (status) return status;
    const lido_study_options options = {.profile = w->options->profile, .changes = changes};
    status = lido_study_read(path, &options, &w->study, error);
    free(changes);
    if (status) return status;
    const char *profile = lido_study_profile(w->study);
    snprintf(w->folder, sizeof w->folder, "runs/%s%s%s", lido_study_name(w->study),
             profile ? "-" : "", profile ? profile : "");
    w->place.out = w->options->out ? w->options->out : w->folder;
    w->place.data_dir = w->options->common.data_dir;
    return LIDO_OK;
}

/* ---- before --------------------------------------------------------------------------------- */

static lido_status choose_runs(work *w, lido_error *error) {
    const int runs = lido_study_runs(w->study);
    w->end = runs;
    if (w->options->run < 0) return LIDO_OK;
    if (w->options->run >= runs)
        return lido_fail(error, LIDO_USAGE, "--run is %" PRId64 ", allowed: 0 to %d",
                         w->options->run, runs - 1);
    w->next = (int)w->options->run;
    w->end = w->next + 1;
    return LIDO_OK;
}

/* Tells the screen of runs that need not be done. */
static lido_status skip_finished(work *w, lido_error *error) {
    for (int i = 0; i < lido_study_runs(w->study); i++) {
        if (!lido_study_finished(w->study, &w->place, i)) continue;
        lido_study_outcome outcome;
        lido_status status = lido_study_train(w->study, i, &w->place, NULL, &outcome, error);
        if (status) return status;
        lido_screen_skip(&w->screen, i, outcome.test.accuracy);
    }
    return LIDO_OK;
}

/* Threads are divided among as many jobs as there is work for. */
static void divide_threads(work *w) {
    const int left = lido_study_runs(w->study) - w->screen.finished;
    const int runs = left > 0 && w->options->run < 0 ? left : 1;
    const int threads = w->options->common.threads ? (int)w->options->common.threads : lido_cores();
    int jobs = w->options->jobs ? (int)w->options->jobs : threads;
    if (jobs > LIDO_POOL_JOBS) jobs = LIDO_POOL_JOBS;
    w->jobs = jobs < runs ? jobs : runs;
    w->threads = threads / w->jobs > 1 ? threads / w->jobs : 1;
}

/* On as many threads as a run will have, since steps may be timed. The team is stopped again: every
 * process of a run starts its own. */
static lido_status prepare(work *w, lido_error *error) {
    divide_threads(w);
    lido_status status = lido_team_start(w->threads, &w->place.team, error);
    if (status) return status;
    status = lido_study_prepare(w->study, &w->place, error);
    lido_team_stop(w->place.team);
    w->place.team = NULL;
    return status;
}

static void say_header(const work *w) {
    const int cells = lido_study_cells(w->study), runs = lido_study_runs(w->study);
    const char *profile = lido_study_profile(w->study);
    lido_say(&w->output, "%s%s%s: %d cells, %d seed%s, %d runs, %d finished before\n",
             lido_study_name(w->study), profile ? ", profile " : "", profile ? profile : "", cells,
             runs / cells, runs == cells ? "" : "s", runs, w->screen.finished);
    lido_say(&w->output, "%d job%s of %d thread%s, in %s\n\n", w->jobs, w->jobs == 1 ? "" : "s",
             w->threads, w->threads == 1 ? "" : "s", w->place.out);
}

/* ---- the runs ------------------------------------------------------------------------------- */

static int next_run(void *context) {
    work *w = context;
    while (w->next < w->end && lido_study_finished(w->study, &w->place, w->next)) w->next++;
    return w->next < w->end ? w->next++ : LIDO_POOL_END;
}

static void hear_event(void *context, const lido_run_event *event) {
    work *w = context;
    lido_screen_tell(&w->screen, event);
}

static void tick(void *context) {
    work *w = context;
    lido_screen_tick(&w->screen);
}

static lido_status do_runs(work *w, lido_error *error) {
    const lido_pool pool = {.study = w->study,
                            .place = &w->place,
                            .jobs = w->jobs,
                            .threads = w->threads,
                            .next = next_run,
                            .event = hear_event,
                            .tick = tick,
                            .context = w};
    return lido_ranks_work(&w->ranks, &pool, error);
}

static lido_status fail_runs(const work *w, lido_error *error) {
    char run[FOLDER_SIZE];
    const lido_run_event *first = &w->screen.first_failure;
    lido_text_run(w->study, first->run, run, sizeof run);
    return lido_fail(error, first->status, "%d of %d runs failed; the first: %s: %s",
                     w->screen.failed, lido_study_runs(w->study), run, first->message);
}

/* ---- after ---------------------------------------------------------------------------------- */

static lido_status write_report(work *w, lido_error *error) {
    const lido_report_options options = {.data = {.dir = w->place.data_dir}, .team = w->place.team};
    lido_status status = lido_report_write(w->place.out, &options, &w->report, error);
    if (status) return status;
    for (int i = 0; i < w->report.notes; i++) {
        lido_say(&w->output, "left out of the report: ");
        lido_say_wrapped(&w->output, 24, w->report.note[i]);
    }
    return LIDO_OK;
}

/* Of what is finished: results, their report, and the table. */
static lido_status put_together(work *w, int *finished, lido_error *error) {
    lido_status status = lido_study_gather(w->study, &w->place, finished, error);
    if (!status) status = lido_study_table_print(w->place.out, &w->output, error);
    const int runs = lido_study_runs(w->study), missing = runs - *finished;
    if (!status && missing > 0)
        lido_say(&w->output, "%d of %d runs are not finished\n", missing, runs);
    if (status || *finished == 0) return status;
    status = write_report(w, error);
    if (!status) lido_say(&w->output, "%s\n", w->report.page);
    return status;
}

static lido_status gather(work *w, int *finished, lido_error *error) {
    lido_status status = lido_team_start((int)w->options->common.threads, &w->place.team, error);
    if (status) return status;
    status = put_together(w, finished, error);
    lido_team_stop(w->place.team);
    w->place.team = NULL;
    return status;
}

static lido_status print_json(const work *w, int finished, lido_error *error) {
    lido_json *json = lido_json_object(), *cells = NULL;
    const bool gathered = w->output.json && w->options->run < 0;
    lido_status status = gathered ? lido_study_table_json(w->place.out, &cells, error) : LIDO_OK;
    if (status) {
        lido_json_free(json);
        return status;
    }
    lido_json_add_string(json, "name", lido_study_name(w->study));
    lido_json_add_string(json, "out", w->place.out);
    lido_json_add_number(json, "runs", lido_study_runs(w->study));
    lido_json_add_number(json, "finished", finished);
    lido_json_add_number(json, "failed", w->screen.failed);
    lido_json_add_number(json, "seconds", lido_seconds() - w->started);
    if (cells) lido_json_add(json, "cells", cells);
    if (*w->report.page) lido_json_add_string(json, "report", w->report.page);
    return lido_output_json(&w->output, json, error);
}

/* ---- the command ---------------------------------------------------------------------------- */

static lido_status write_slurm(const work *w, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    const int threads = w->options->common.threads ? (int)w->options->common.threads : 1;
    lido_status status = lido_study_slurm(w->study, &w->place, threads, path, sizeof path, error);
    if (status) return status;
    lido_say(&w->output, "%s: `sh %s` submits %d tasks\n", lido_study_name(w->study), path,
             lido_study_runs(w->study));
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "script", path);
    return lido_output_json(&w->output, json, error);
}

/* One command at a time shares out the runs of a folder. */
static lido_status run_all(work *w, lido_error *error) {
    const bool alone = w->options->run >= 0;
    lido_status status =
        alone ? LIDO_OK : lido_lock_take(w->place.out, patience_seconds, &w->lock, error);
    if (!status) status = skip_finished(w, error);
    if (status) return status;
    divide_threads(w);
    say_header(w);
    w->shared = lido_ranks_agree(&w->ranks, true);
    status = do_runs(w, error);
    lido_screen_stop(&w->screen);
    if (status == LIDO_INTERRUPTED)
        return lido_fail(error, status, "interrupted; the same command continues");
    return status;
}

static lido_status work_and_gather(work *w, lido_error *error) {
    int finished = 0;
    lido_status status = w->options->gather ? LIDO_OK : run_all(w, error);
    if (!status && w->options->run < 0) status = gather(w, &finished, error);
    if (!status) status = print_json(w, finished, error);
    return status || !w->screen.failed ? status : fail_runs(w, error);
}

/* What the first rank does, and the only one where there is no MPI. */
static lido_status command_first(work *w, const char *path, lido_error *error) {
    lido_status status = read_study(w, path, error);
    if (!status) status = choose_runs(w, error);
    if (!status) status = prepare(w, error);
    if (!status) status = lido_screen_start(&w->screen, w->study, &w->output, error);
    if (status) return status;
    return w->options->slurm ? write_slurm(w, error) : work_and_gather(w, error);
}

/* The others work for it when it says so, and say nothing. */
static lido_status command_other(work *w, const char *path, lido_error *error) {
    if (!lido_ranks_agree(&w->ranks, true)) return LIDO_OK;
    lido_status status = read_study(w, path, error);
    if (!status) status = prepare(w, error);
    if (status) {
        lido_ranks_leave(&w->ranks);
        return status;
    }
    status = do_runs(w, error);
    return status == LIDO_INTERRUPTED ? LIDO_OK : status;
}

static lido_status run_command(const void *given, const lido_operands *operands,
                               lido_error *error) {
    const study_options *options = given;
    work w = {.options = options,
              .output = lido_output_of(&options->common),
              .lock = {.file = -1},
              .started = lido_seconds()};
    lido_status status = lido_ranks_start(&w.ranks, error);
    if (status) return status;
    lido_interrupt_watch();
    bool first = w.ranks.rank == 0;
    status = first ? command_first(&w, operands->at[0], error)
                   : command_other(&w, operands->at[0], error);
    if (first && !w.shared) lido_ranks_agree(&w.ranks, false);
    lido_screen_stop(&w.screen);
    lido_lock_release(&w.lock);
    lido_study_free(w.study);
    lido_ranks_stop(&w.ranks);
    return status;
}

static const lido_flag flags[] = {
    {.name = "out",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(study_options, out),
     .value = "DIR",
     .doc = "write into DIR instead of runs/NAME-OF-THE-STUDY"},
    {.name = "profile",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(study_options, profile),
     .value = "NAME",
     .doc = "one of the file's \"profiles\", such as quick or full"},
    {.name = "seeds",
     .kind = LIDO_FLAG_TEXT,
     .offset = offsetof(study_options, seeds),
     .value = "N",
     .doc = "N seeds, or those in a list as in 1,2,7, instead of the file's"},
    {.name = "epochs",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(study_options, epochs),
     .value = "N",
     .min = 1,
     .max = 1000000,
     .doc = "train for N epochs instead of the file's"},
    {.name = "limit",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(study_options, limit),
     .value = "N",
     .min = 1,
     .max = 1e9,
     .doc = "use only the first N training pictures"},
    {.name = "jobs",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(study_options, jobs),
     .value = "J",
     .min = 1,
     .max = LIDO_POOL_JOBS,
     .doc = "J runs at a time, each with a share of the threads (as many as threads)"},
    {.name = "run",
     .kind = LIDO_FLAG_INT,
     .offset = offsetof(study_options, run),
     .value = "I",
     .fallback = -1,
     .max = 1e9,
     .doc = "do only run number I, from 0, and do not gather"},
    {.name = "gather",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(study_options, gather),
     .doc = "run nothing; put together what is finished"},
    {.name = "slurm",
     .kind = LIDO_FLAG_SWITCH,
     .offset = offsetof(study_options, slurm),
     .doc = "run nothing; write slurm.sh, which submits the runs to Slurm"},
    LIDO_FLAG_DATA,
    LIDO_FLAG_DATA_DIR,
    LIDO_FLAG_THREADS,
    LIDO_FLAGS_OUTPUT,
    {.name = NULL}};

extern const lido_command lido_command_study;
const lido_command lido_command_study = {
    .name = "study",
    .operands = "STUDY",
    .doc = "Compares variants of a network: trains each with several seeds, and measures.",
    .details = "Cells are paired: the same seed is the same initial weights for what they share, "
               "and the same pictures in the same order. Called again, it goes on where it was "
               "stopped, however that was. docs/studies.md tells of the file and the folder.",
    .min_operands = 1,
    .max_operands = 1,
    .on_ranks = true,
    .flags = flags,
    .options_size = sizeof(study_options),
    .run = run_command,
};
