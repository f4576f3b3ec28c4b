/* study_slurm.c - a study as an array job of Slurm. The script names everything by its whole path,
 * since Slurm runs a copy of it elsewhere. */
#define _POSIX_C_SOURCE 200809L
#include "cli/study_slurm.h"

#include "base/file.h"
#include "cli/sibling.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The text as one word of a shell. */
static void put_word(FILE *stream, const char *text) {
    fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
    fputc('\'', stream);
}

static lido_status whole_path(const char *path, char whole[LIDO_PATH_SIZE], lido_error *error) {
    char here[LIDO_PATH_SIZE];
    if (path[0] == '/') return lido_path_join("", path + 1, whole, LIDO_PATH_SIZE, error);
    if (!getcwd(here, sizeof here))
        return lido_fail(error, LIDO_IO, "the working folder has no name: %s", strerror(errno));
    return lido_path_join(here, path, whole, LIDO_PATH_SIZE, error);
}

static void write_assignment(FILE *stream, const char *name, const char *value) {
    fprintf(stream, "%s=", name);
    put_word(stream, value);
    fputc('\n', stream);
}

static void write_script(FILE *stream, const lido_study *study, const lido_study_place *place,
                         const char *program, const char *here, const char *out, int threads) {
    const char *name = lido_study_name(study);
    const int runs = lido_study_runs(study);
    fprintf(stream,
            "#!/bin/sh\n"
            "# The study %s on Slurm: a task for each of its %d runs, then a job that gathers.\n"
            "#     sh slurm.sh [OPTIONS OF SBATCH]    such as --partition=short --time=1:00:00\n"
            "# submits them; submitted again, it goes on where it was stopped.\n"
            "set -eu\n",
            name, runs);
    write_assignment(stream, "lido", program);
    write_assignment(stream, "out", out);
    write_assignment(stream, "here", here);
    fprintf(stream, "cd \"$here\"\n"
                    "study() {\n"
                    "    exec \"$lido\" study \"$out/study.json\" --out \"$out\" \"$@\"");
    if (place->data_dir) {
        fprintf(stream, " --data-dir ");
        put_word(stream, place->data_dir);
    }
    fprintf(
        stream,
        "\n}\n"
        "case ${1-} in\n"
        "run) study --run \"$SLURM_ARRAY_TASK_ID\" --threads \"${SLURM_CPUS_PER_TASK:-%d}\" ;;\n"
        "gather) study --gather --threads 1 ;;\n"
        "esac\n"
        "job=$(sbatch --parsable --job-name=%s --array=0-%d --cpus-per-task=%d \\\n"
        "    --output=\"$out/slurm-%%a.txt\" \"$@\" \"$out/slurm.sh\" run)\n"
        "sbatch --job-name=%s-gather --dependency=\"afterany:${job%%%%;*}\" --cpus-per-task=1 \\\n"
        "    --output=\"$out/slurm-gather.txt\" \"$@\" \"$out/slurm.sh\" gather\n",
        threads, name, runs - 1, threads, name);
}

lido_status lido_study_slurm(const lido_study *study, const lido_study_place *place, int threads,
                             char *path, size_t size, lido_error *error) {
    char program[LIDO_PATH_SIZE], here[LIDO_PATH_SIZE], out[LIDO_PATH_SIZE];
    lido_atomic_file file;
    if (!lido_own_path(program)) strcpy(program, "lido");
    lido_status status = whole_path(place->out, out, error);
    if (!status && !getcwd(here, sizeof here))
        status = lido_fail(error, LIDO_IO, "the working folder has no name: %s", strerror(errno));
    if (!status) status = lido_path_join(out, "slurm.sh", path, size, error);
    if (!status) status = lido_atomic_open(path, &file, error);
    if (status) return status;
    write_script(file.stream, study, place, program, here, out, threads);
    return lido_atomic_commit(&file, error);
}
