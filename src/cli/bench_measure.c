/* bench_measure.c - timing of calls, of multiply-adds and of copies. */
#define _POSIX_C_SOURCE 200809L
#include "cli/bench_measure.h"

#include "base/machine.h"
#include "base/team.h"
#include "kernels/peak.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { WARM_UP = 3, LEAST = 3 };

lido_status lido_bench_team(const lido_common *common, lido_team **team, lido_error *error) {
    const int wanted = common->threads ? (int)common->threads : lido_cores();
    const int cores = lido_cores_claim(wanted);
    return lido_team_start(cores < wanted ? cores : wanted, team, error);
}

uint64_t lido_bench_seed(const lido_common *common) {
    return common->seed >= 0 ? (uint64_t)common->seed : 0;
}

double lido_bench_time(lido_bench_call call, void *context, double seconds, int64_t *calls) {
    for (int i = 0; i < WARM_UP; i++) call(context);
    double started = lido_seconds(), spent = 0;
    *calls = 0;
    while (spent < seconds || *calls < LEAST) {
        call(context);
        (*calls)++;
        spent = lido_seconds() - started;
    }
    return spent / (double)*calls;
}

/* In Linux a process takes over ru_maxrss from the one that started it; VmHWM is its own. */
int64_t lido_bench_peak_bytes(void) {
    char line[128];
    long long own = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && own < 0 && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lld kB", &own) != 1) own = -1;
    if (status) fclose(status);
    if (own >= 0) return 1024 * own;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024 * (int64_t)usage.ru_maxrss;
}

/* ---- multiply-adds -------------------------------------------------------------------------- */

enum { PEAK_TRIES = 50, PEAK_ROUNDS = 50000 };

typedef struct peak_run {
    int width;
    int64_t counted; /* of one piece */
} peak_run;

static void run_peak(void *context, int64_t index, int worker) {
    (void)worker;
    peak_run *run = context;
    lido_real sums[LIDO_PEAK_SUMS] = {0};
    const int64_t counted = lido_peak_run(run->width, PEAK_ROUNDS, sums);
    if (index == 0) run->counted = counted;
}

void lido_bench_peak(lido_team *team, lido_bench_machine *machine) {
    machine->threads = lido_team_threads(team);
    for (int i = 0; i < PEAK_TRIES * LIDO_PEAK_WIDTHS; i++) {
        peak_run run = {.width = i % LIDO_PEAK_WIDTHS};
        const double start = lido_seconds();
        lido_team_run(team, machine->threads, run_peak, &run);
        const double seconds = lido_seconds() - start;
        const double rate = (double)(run.counted * machine->threads) / seconds;
        if (rate > machine->multiply_adds) machine->multiply_adds = rate;
    }
}

/* ---- copies --------------------------------------------------------------------------------- */

enum { COPY_TRIES = 5, COPY_LEAST = 1 << 26 /* bytes, for the clock to tell */ };

typedef struct copy_run {
    char *to;
    const char *from;
    int64_t bytes;
    int times, threads;
} copy_run;

static void copy_piece(void *context, int64_t index, int worker) {
    (void)worker;
    const copy_run *run = context;
    const int64_t first = run->bytes * index / run->threads;
    const int64_t last = run->bytes * (index + 1) / run->threads;
    for (int i = 0; i < run->times; i++)
        memcpy(run->to + first, run->from + first, (size_t)(last - first));
}

void lido_bench_copy(lido_team *team, void *to, const void *from, int64_t bytes, int times) {
    copy_run run = {
        .to = to, .from = from, .bytes = bytes, .times = times, .threads = lido_team_threads(team)};
    lido_team_run(team, run.threads, copy_piece, &run);
}

lido_status lido_bench_copied(lido_team *team, int64_t bytes, lido_bench_machine *machine,
                              lido_error *error) {
    const int64_t half = bytes / 2 + 1;
    const int times = half < COPY_LEAST ? (int)(COPY_LEAST / half) : 1;
    lido_status status = LIDO_OK;
    char *from = malloc((size_t)half), *to = malloc((size_t)half);
    if (!from || !to) {
        status = lido_fail(error, LIDO_MEMORY, "no memory to time a copy of %lld bytes",
                           (long long)half);
        goto done;
    }
    memset(from, 1, (size_t)half);
    lido_bench_copy(team, to, from, half, 1);
    for (int i = 0; i < COPY_TRIES; i++) {
        const double start = lido_seconds();
        lido_bench_copy(team, to, from, half, times);
        const double rate = 2 * (double)half * times / (lido_seconds() - start);
        if (rate > machine->copied) machine->copied = rate;
    }
done:
    free(from);
    free(to);
    return status;
}

/* ---- speed ---------------------------------------------------------------------------------- */

lido_bench_speed lido_bench_speed_of(lido_work work, double seconds,
                                     const lido_bench_machine *machine) {
    if (seconds <= 0) return (lido_bench_speed){0};
    const double multiply_adds = work.multiply_adds / seconds, bytes = work.bytes / seconds;
    return (lido_bench_speed){.multiply_adds = multiply_adds,
                              .bytes = bytes,
                              .peak_share = multiply_adds / machine->multiply_adds,
                              .copy_share = bytes / machine->copied};
}

char *lido_bench_speed_text(const lido_bench_speed *speed, char *text, size_t size) {
    int length = 0;
    if (speed->multiply_adds > 0)
        length = snprintf(text, size, "%.1f G multiply-adds/s, %.0f %% of the peak; ",
                          speed->multiply_adds / 1e9, 100 * speed->peak_share);
    snprintf(text + length, size - (size_t)length, "%.1f GB/s, %.0f %% of a copy",
             speed->bytes / 1e9, 100 * speed->copy_share);
    return text;
}

static void add_number(lido_json *json, const char *prefix, const char *name, double value) {
    char key[64];
    snprintf(key, sizeof key, "%s%s", prefix, name);
    lido_json_add_number(json, key, value);
}

void lido_bench_speed_json(const lido_bench_speed *speed, const char *prefix, lido_json *json) {
    add_number(json, prefix, "multiply_adds_per_second", speed->multiply_adds);
    add_number(json, prefix, "peak_share", speed->peak_share);
    add_number(json, prefix, "bytes_per_second", speed->bytes);
    add_number(json, prefix, "copy_share", speed->copy_share);
}

void lido_bench_machine_say(const lido_bench_machine *machine, const lido_output *output) {
    lido_say(output, "  machine    %.1f G multiply-adds/s, copy %.1f GB/s, %d thread%s\n",
             machine->multiply_adds / 1e9, machine->copied / 1e9, machine->threads,
             machine->threads == 1 ? "" : "s");
}

void lido_bench_machine_json(const lido_bench_machine *machine, lido_json *json) {
    lido_json_add_number(json, "threads", machine->threads);
    lido_json_add_number(json, "peak_multiply_adds_per_second", machine->multiply_adds);
    lido_json_add_number(json, "copy_bytes_per_second", machine->copied);
}
