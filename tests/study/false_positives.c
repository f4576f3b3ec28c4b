/* false_positives.c STUDIES: how often the whole procedure, from the cells of results.json to what
 * is decided, finds something where arms do not differ. Prints a row for each kind of noise and
 * number of arms and seeds; fails where more than the nominal share is decided, by more than
 * chance.
 *
 * Arms are drawn alike: a run's accuracy is that of its seed plus noise of its own. The noise is
 * normal; or a count of errors, with many ties; or skewed; or larger in every second arm. */
#include "study/comparison.h"
#include "study/statistics_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef double (*noise)(lido_key key, uint64_t study, int arm, int seed);

static double draw(lido_key key, uint64_t study, int arm, int seed) {
    double pair[2];
    lido_random_normal(key, study, (uint64_t)arm * 1000 + (uint64_t)seed, pair);
    return pair[0];
}

static double ties(lido_key key, uint64_t study, int arm, int seed) {
    return round(2 * draw(key, study, arm, seed)) / 2;
}

static double skewed(lido_key key, uint64_t study, int arm, int seed) {
    return exp(draw(key, study, arm, seed));
}

static double uneven(lido_key key, uint64_t study, int arm, int seed) {
    return draw(key, study, arm, seed) * (arm % 2 ? 3 : 1);
}

static const struct {
    const char *name;
    noise value;
} noises[] = {{"normal", draw}, {"ties", ties}, {"skewed", skewed}, {"uneven", uneven}};

/* Arms are the combinations of one factor of two variants, and a second from four arms on. */
static const struct { int arms, seeds; } designs[] = {{2, 6}, {4, 8}, {8, 10}};

static const char *const pools[] = {"a", "b", "c", "d"}, *const heads[] = {"x", "y"};

static lido_json *texts_json(const char *const *texts, int count) {
    lido_json *list = lido_json_array();
    for (int i = 0; i < count; i++) lido_json_append(list, lido_json_from_string(texts[i]));
    return list;
}

static lido_json *factor_json(const char *name, const char *const *variants, int count) {
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "name", name);
    lido_json_add(json, "variants", texts_json(variants, count));
    return json;
}

static lido_json *run_json(double accuracy, int seed) {
    lido_json *json = lido_json_object(), *measures = lido_json_object();
    lido_json_add_number(measures, "test_accuracy", accuracy);
    lido_json_add_number(json, "seed", seed);
    lido_json_add(json, "measures", measures);
    return json;
}

static lido_json *cell_json(lido_key key, noise value, uint64_t study, int arm, int seeds,
                            int factors) {
    lido_json *json = lido_json_object(), *runs = lido_json_array();
    const char *levels[] = {heads[arm % 2], pools[arm / 2]};
    char name[] = {levels[0][0], levels[1][0], '\0'};
    for (int s = 0; s < seeds; s++) {
        const double luck = draw(key, study, 999, s);
        lido_json_append(runs, run_json(0.9 + 0.01 * luck + 0.01 * value(key, study, arm, s), s));
    }
    lido_json_add_string(json, "name", name);
    lido_json_add(json, "levels", texts_json(levels, factors));
    lido_json_add(json, "runs", runs);
    return json;
}

static lido_json *study_json(lido_key key, noise value, uint64_t study, int arms, int seeds) {
    lido_json *json = lido_json_object(), *factors = lido_json_array(), *cells = lido_json_array();
    lido_json_append(factors, factor_json("head", heads, 2));
    if (arms > 2) lido_json_append(factors, factor_json("pool", pools, arms / 2));
    const int count = lido_json_count(factors);
    for (int arm = 0; arm < arms; arm++)
        lido_json_append(cells, cell_json(key, value, study, arm, seeds, count));
    lido_json_add(json, "factors", factors);
    lido_json_add_string(json, "baseline", "xa");
    lido_json_add(json, "cells", cells);
    return json;
}

/* What one study found, where there is nothing to find. */
typedef struct found {
    bool decided, by_t, effect;
} found;

static bool below(const lido_json *row, const char *key) {
    return lido_json_number(lido_json_get(row, key)) <= LIDO_ALPHA;
}

static found look(const lido_json *statistics) {
    const lido_json *measure = lido_json_first(lido_json_get(statistics, "measures"));
    found f = {false, false, false};
    const lido_json *row = lido_json_first(lido_json_get(measure, "differences"));
    for (; row; row = lido_json_next(row)) {
        f.decided = f.decided || lido_json_bool(lido_json_get(row, "decided"));
        f.by_t = f.by_t || below(row, "p_t_holm");
    }
    row = lido_json_first(lido_json_get(measure, "effects"));
    for (; row; row = lido_json_next(row)) f.effect = f.effect || below(row, "p_holm");
    return f;
}

/* Runs the studies of a row and prints it; false when too many decide something. */
static bool try_row(const char *name, noise value, int arms, int seeds, int studies) {
    const lido_key key = lido_key_make(1, name, (uint64_t)arms);
    int decided = 0, by_t = 0, effects = 0;
    for (int i = 0; i < studies; i++) {
        lido_json *study = study_json(key, value, (uint64_t)i, arms, seeds), *statistics;
        lido_error error;
        if (lido_statistics_json(study, NULL, &statistics, &error)) {
            printf("%s\n", error.message);
            lido_json_free(study);
            return false;
        }
        const found f = look(statistics);
        decided += f.decided;
        by_t += f.by_t;
        effects += f.effect;
        lido_json_free(statistics);
        lido_json_free(study);
    }
    printf("%-8s %4d %6d %9.2f %% %9.2f %% %9.2f %%\n", name, arms, seeds,
           100.0 * decided / studies, 100.0 * by_t / studies, 100.0 * effects / studies);
    /* 3 standard deviations of such a count */
    return decided <= LIDO_ALPHA * studies + 3 * sqrt(studies * LIDO_ALPHA * (1 - LIDO_ALPHA));
}

int main(int argc, char **argv) {
    const int studies = argc == 2 ? atoi(argv[1]) : 0;
    bool well = studies > 0;
    printf("of %d studies each without a difference, so many\n", studies);
    printf("noise    arms  seeds     decide   by t test  find effects\n");
    for (size_t n = 0; n < sizeof noises / sizeof *noises; n++)
        for (size_t d = 0; d < sizeof designs / sizeof *designs; d++)
            well = try_row(noises[n].name, noises[n].value, designs[d].arms, designs[d].seeds,
                           studies) &&
                   well;
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
