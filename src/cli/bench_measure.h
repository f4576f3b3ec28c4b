/* bench_measure.h - what all measurements share: their threads, the time of a call, and what the
 * machine can do at most, measured in the same run. */
#ifndef LIDO_CLI_BENCH_MEASURE_H
#define LIDO_CLI_BENCH_MEASURE_H

#include "cli/output.h"
#include "net/work.h"

/* What was asked for is what is measured: on so many cores, even where the caller was bound to
 * fewer; and never with more threads than cores, which would measure the scheduler. */
lido_status lido_bench_team(const lido_common *common, lido_team **team, lido_error *error);

/* The seed that was given, or 0. */
uint64_t lido_bench_seed(const lido_common *common);

typedef void (*lido_bench_call)(void *context);

/* Mean seconds of a call, over at least `seconds` and 3 calls, after 3 that do not count; *calls is
 * how many it is the mean of. */
double lido_bench_time(lido_bench_call call, void *context, double seconds, int64_t *calls);

/* The most memory this process has held so far. */
int64_t lido_bench_peak_bytes(void);

/* ---- the machine ---------------------------------------------------------------------------- */

/* A second, all threads together. */
typedef struct lido_bench_machine {
    int threads;
    double multiply_adds;
    double copied; /* bytes, those read and those written */
} lido_bench_machine;

/* Multiply-adds that do nothing else: the best of some short runs and of what machine knows
 * already. Called before and after what is measured: one of the two is left in peace. */
void lido_bench_peak(lido_team *team, lido_bench_machine *machine);

/* One memcpy for each thread, `times` over. */
void lido_bench_copy(lido_team *team, void *to, const void *from, int64_t bytes, int times);

/* The best of several copies of `bytes`, read and written together. Memory for it is taken and
 * given back: LIDO_MEMORY. */
lido_status lido_bench_copied(lido_team *team, int64_t bytes, lido_bench_machine *machine,
                              lido_error *error);

/* ---- speed ---------------------------------------------------------------------------------- */

/* A second, and over what the machine can do. */
typedef struct lido_bench_speed {
    double multiply_adds, bytes;
    double peak_share, copy_share;
} lido_bench_speed;

lido_bench_speed lido_bench_speed_of(lido_work work, double seconds,
                                     const lido_bench_machine *machine);

/* "28.1 G multiply-adds/s, 44 % of the peak; 3.2 GB/s, 12 % of a copy" into text[size]; without
 * multiply-adds the second half. */
char *lido_bench_speed_text(const lido_bench_speed *speed, char *text, size_t size);

/* "<prefix>multiply_adds_per_second", "<prefix>peak_share" and the like. */
void lido_bench_speed_json(const lido_bench_speed *speed, const char *prefix, lido_json *json);

void lido_bench_machine_say(const lido_bench_machine *machine, const lido_output *output);
void lido_bench_machine_json(const lido_bench_machine *machine, lido_json *json);

#endif
