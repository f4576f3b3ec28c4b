/* schedule.c - learning-rate schedules: one row of the table at the bottom for each. */
#include <lido/optim.h>

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* PyTorch's final_div_factor: how far one_cycle ends below where it began. */
static const double one_cycle_end = 1e4;

#define WARMUP_OPTION                                                                          \
    {                                                                                          \
        .name = "warmup", .kind = LIDO_OPTION_REAL, .offset = offsetof(lido_schedule, warmup), \
        .fallback = "0", .min = 0, .max = 1,                                                   \
        .doc = "fraction of all steps over which the rate first rises from 0"                  \
    }

static const lido_option constant_options[] = {WARMUP_OPTION, {0}};

static const lido_option step_options[] = {
    WARMUP_OPTION,
    {.name = "every",
     .kind = LIDO_OPTION_INT,
     .offset = offsetof(lido_schedule, every),
     .fallback = "1",
     .min = 1,
     .max = INFINITY,
     .doc = "epochs between two changes"},
    {.name = "factor",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(lido_schedule, factor),
     .fallback = "0.1",
     .min = 0,
     .max = INFINITY,
     .doc = "what the rate is multiplied by"},
    {0},
};

static const lido_option cosine_options[] = {
    WARMUP_OPTION,
    {.name = "final",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(lido_schedule, final),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .doc = "where the rate ends, as a fraction of lr"},
    {0},
};

static const lido_option one_cycle_options[] = {
    {.name = "divide",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(lido_schedule, divide),
     .fallback = "25",
     .min = 1,
     .max = INFINITY,
     .doc = "the rate begins at lr / divide and ends at lr / divide / 10000"},
    {.name = "rise",
     .kind = LIDO_OPTION_REAL,
     .offset = offsetof(lido_schedule, rise),
     .fallback = "0.3",
     .min = 0,
     .max = 1,
     .doc = "fraction of the steps over which the rate rises"},
    {0},
};

static double constant_rate(const lido_schedule *schedule, int64_t t, int64_t n, int64_t epoch) {
    (void)schedule, (void)t, (void)n, (void)epoch;
    return 1;
}

static double step_rate(const lido_schedule *schedule, int64_t t, int64_t n, int64_t epoch) {
    (void)t, (void)n;
    return pow(schedule->factor, (double)(epoch / schedule->every));
}

/* From `from` (x = 0) to `to` (x = 1) along half a cosine. */
static double half_cosine(double from, double to, double x) {
    return to + (from - to) * (1 + cos(pi * x)) / 2;
}

static double cosine_rate(const lido_schedule *schedule, int64_t t, int64_t n, int64_t epoch) {
    (void)epoch;
    return half_cosine(1, schedule->final, (double)t / (double)n);
}

static double one_cycle_rate(const lido_schedule *schedule, int64_t t, int64_t n, int64_t epoch) {
    (void)epoch;
    double start = 1 / schedule->divide, end = start / one_cycle_end;
    double last = (double)n - 1, peak = fmax(schedule->rise * (double)n - 1, 0);
    if ((double)t < peak) return half_cosine(start, 1, (double)t / peak);
    if (peak >= last) return 1;
    return half_cosine(1, end, ((double)t - peak) / (last - peak));
}

static const lido_schedule_type types[] = {
    {.name = "constant",
     .doc = "the same rate throughout",
     .options = constant_options,
     .rate = constant_rate},
    {.name = "step",
     .doc = "multiplied by a factor every so many epochs",
     .options = step_options,
     .rate = step_rate},
    {.name = "cosine",
     .doc = "falls along half a cosine",
     .options = cosine_options,
     .spans_run = true,
     .rate = cosine_rate},
    {.name = "one_cycle",
     .doc = "rises, then falls further, along half cosines",
     .options = one_cycle_options,
     .spans_run = true,
     .rate = one_cycle_rate},
};

const lido_schedule_type *lido_schedules(size_t *count) {
    *count = sizeof types / sizeof *types;
    return types;
}

const lido_schedule_type *lido_schedule_find(const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) return &types[i];
    return NULL;
}

double lido_schedule_rate(const lido_schedule *schedule, double lr, int64_t step, int64_t steps,
                          int64_t steps_an_epoch) {
    int64_t warm = llround(schedule->warmup * (double)steps);
    if (step < warm) return lr * (double)(step + 1) / (double)warm;
    return lr * schedule->type->rate(schedule, step - warm, steps - warm, step / steps_an_epoch);
}
