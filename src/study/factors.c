/* factors.c - what a study compares. A level is a factor's variant; a cell has one of each. */
#include "study/factors.h"

#include "base/words.h"
#include "net/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VARIANTS = 64, EXCERPT_SIZE = 64, MESSAGE_SIZE = 512, PLACE_SIZE = 64 };

/* ---- messages ------------------------------------------------------------------------------ */

static lido_status out_of_memory(lido_error *error) {
    return lido_fail(error, LIDO_MEMORY, "out of memory for the study");
}

/* The keys of an object as a list ended by NULL; those that have no room are left out. */
static const char *const *keys_of(const lido_json *object, const char *keys[MOST_VARIANTS + 1]) {
    int count = 0;
    for (const lido_json *m = lido_json_first(object); m && count < MOST_VARIANTS;
         m = lido_json_next(m))
        keys[count++] = lido_json_key(m);
    keys[count] = NULL;
    return keys;
}

/* "did you mean "max"?" or "there are: max, avg". */
static const char *hint(const char *word, const char *const *names, char text[MESSAGE_SIZE]) {
    const char *nearest = lido_nearest(word, names);
    if (!nearest)
        return lido_text_list(*names ? "there are: " : "there is none", names, text, MESSAGE_SIZE);
    snprintf(text, MESSAGE_SIZE, "did you mean \"%s\"?", nearest);
    return text;
}

static lido_status fail_kind(const lido_study *study, const char *place, const lido_json *value,
                             const char *allowed, lido_error *error) {
    char found[EXCERPT_SIZE];
    return lido_fail(error, LIDO_SPEC, "%s: \"%s\" is %s, allowed: %s", study->path, place,
                     value ? lido_excerpt(value, found, sizeof found) : "missing", allowed);
}

static lido_status check_word(const lido_study *study, const char *place, const char *word,
                              lido_error *error) {
    if (lido_is_word(word)) return LIDO_OK;
    char found[EXCERPT_SIZE];
    lido_json *quoted = lido_json_from_string(word);
    lido_excerpt(quoted, found, sizeof found);
    lido_json_free(quoted);
    return lido_fail(error, LIDO_SPEC,
                     "%s: %s: the name %s is not a word of letters, digits, _ . and -", study->path,
                     place, found);
}

/* ---- factors ------------------------------------------------------------------------------- */

static lido_status check_variants(const lido_study *study, const lido_factor *factor,
                                  lido_error *error) {
    char place[LIDO_TEXT_SIZE + PLACE_SIZE];
    snprintf(place, sizeof place, "factors.%s", factor->name);
    int count = lido_json_count(factor->variants);
    if (lido_json_kind_of(factor->variants) != LIDO_JSON_OBJECT || count < 1 ||
        count > MOST_VARIANTS)
        return fail_kind(study, place, factor->variants,
                         "an object of 1 to 64 variants, each a layer or a list of layers", error);
    for (const lido_json *v = lido_json_first(factor->variants); v; v = lido_json_next(v)) {
        lido_status status = check_word(study, place, lido_json_key(v), error);
        if (status) return status;
    }
    return LIDO_OK;
}

static lido_status check_defined(const lido_study *study, const char *name, lido_error *error) {
    const char *keys[MOST_VARIANTS + 1];
    char text[MESSAGE_SIZE];
    const lido_json *define = lido_json_get(lido_json_get(study->document, "base"), "define");
    if (lido_json_get(define, name)) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: factors: the base's \"define\" has no \"%s\"; %s",
                     study->path, name, hint(name, keys_of(define, keys), text));
}

lido_status lido_study_read_factors(lido_study *study, lido_error *error) {
    const lido_json *factors = lido_json_get(study->document, "factors");
    int count = lido_json_count(factors);
    if (lido_json_kind_of(factors) != LIDO_JSON_OBJECT || count < 1 || count > LIDO_STUDY_FACTORS)
        return fail_kind(study, "factors", factors,
                         "an object of 1 to 8 definitions of the base, each with its variants",
                         error);
    for (const lido_json *m = lido_json_first(factors); m; m = lido_json_next(m)) {
        lido_factor *factor = &study->factor[study->factors];
        *factor = (lido_factor){.name = lido_json_key(m), .variants = m};
        lido_status status = check_word(study, "factors", factor->name, error);
        if (!status) status = check_defined(study, factor->name, error);
        if (!status) status = check_variants(study, factor, error);
        if (status) return status;
        study->factors++;
    }
    return LIDO_OK;
}

/* ---- cells --------------------------------------------------------------------------------- */

/* "pool=max,head=fc", from its variants. */
static lido_status name_arm(const lido_study *study, lido_arm *arm, lido_error *error) {
    size_t used = 0;
    for (int f = 0; f < study->factors && used < sizeof arm->name; f++)
        used += (size_t)snprintf(arm->name + used, sizeof arm->name - used, "%s%s=%s", f ? "," : "",
                                 study->factor[f].name, lido_json_key(arm->variant[f]));
    if (used < sizeof arm->name) return LIDO_OK;
    return lido_fail(
        error, LIDO_SPEC,
        "%s: the name of a cell, \"%.60s...\", has more than %d letters: shorten those "
        "of factors and variants",
        study->path, arm->name, LIDO_TEXT_SIZE - 1);
}

static lido_status find_level(const lido_study *study, const char *place, const lido_json *cell,
                              const lido_factor *factor, const lido_json **variant,
                              lido_error *error) {
    const char *keys[MOST_VARIANTS + 1];
    char text[MESSAGE_SIZE], found[EXCERPT_SIZE];
    const lido_json *level = lido_json_get(cell, factor->name);
    const char *word = lido_json_string(level);
    *variant = word ? lido_json_get(factor->variants, word) : NULL;
    if (*variant) return LIDO_OK;
    hint(word ? word : "", keys_of(factor->variants, keys), text);
    if (!level)
        return lido_fail(error, LIDO_SPEC, "%s: %s: \"%s\" is missing; %s", study->path, place,
                         factor->name, text);
    return lido_fail(error, LIDO_SPEC, "%s: %s.%s: %s is no variant; %s", study->path, place,
                     factor->name, lido_excerpt(level, found, sizeof found), text);
}

/* One of the file's cells: an object of a level for each factor. */
static lido_status read_cell(const lido_study *study, const char *place, const lido_json *cell,
                             lido_arm *arm, lido_error *error) {
    const char *keys[MOST_VARIANTS + 1];
    char text[MESSAGE_SIZE];
    if (lido_json_kind_of(cell) != LIDO_JSON_OBJECT)
        return fail_kind(study, place, cell, "an object of a variant for each factor", error);
    const lido_json *factors = lido_json_get(study->document, "factors");
    for (const lido_json *m = lido_json_first(cell); m; m = lido_json_next(m)) {
        lido_status status = check_word(study, place, lido_json_key(m), error);
        if (status) return status;
        if (!lido_json_get(factors, lido_json_key(m)))
            return lido_fail(error, LIDO_SPEC, "%s: %s: no factor \"%s\"; %s", study->path, place,
                             lido_json_key(m),
                             hint(lido_json_key(m), keys_of(factors, keys), text));
    }
    for (int f = 0; f < study->factors; f++) {
        lido_status status =
            find_level(study, place, cell, &study->factor[f], &arm->variant[f], error);
        if (status) return status;
    }
    return name_arm(study, arm, error);
}

static int find_arm(const lido_study *study, const char *name) {
    for (int i = 0; i < study->arms; i++)
        if (strcmp(study->arm[i].name, name) == 0) return i;
    return -1;
}

static lido_status read_listed(lido_study *study, const lido_json *cells, lido_error *error) {
    for (const lido_json *cell = lido_json_first(cells); cell; cell = lido_json_next(cell)) {
        char place[PLACE_SIZE];
        lido_arm *arm = &study->arm[study->arms];
        snprintf(place, sizeof place, "cells[%d]", study->arms);
        lido_status status = read_cell(study, place, cell, arm, error);
        if (status) return status;
        int same = find_arm(study, arm->name);
        if (same >= 0)
            return lido_fail(error, LIDO_SPEC, "%s: %s: %s is cells[%d] already", study->path,
                             place, arm->name, same);
        study->arms++;
    }
    return LIDO_OK;
}

/* Every combination, the last factor changing fastest. */
static lido_status read_factorial(lido_study *study, int count, lido_error *error) {
    for (; study->arms < count; study->arms++) {
        lido_arm *arm = &study->arm[study->arms];
        for (int f = study->factors - 1, rest = study->arms; f >= 0; f--) {
            int variants = lido_json_count(study->factor[f].variants);
            const lido_json *variant = lido_json_first(study->factor[f].variants);
            for (int i = rest % variants; i > 0; i--) variant = lido_json_next(variant);
            arm->variant[f] = variant;
            rest /= variants;
        }
        lido_status status = name_arm(study, arm, error);
        if (status) return status;
    }
    return LIDO_OK;
}

static int64_t combinations(const lido_study *study) {
    int64_t count = 1;
    for (int f = 0; f < study->factors && count <= LIDO_STUDY_CELLS; f++)
        count *= lido_json_count(study->factor[f].variants);
    return count;
}

static lido_status read_baseline(lido_study *study, lido_error *error) {
    const lido_json *baseline = lido_json_get(study->document, "baseline");
    lido_arm named = {.scale = 1};
    if (!baseline) return LIDO_OK;
    lido_status status = read_cell(study, "baseline", baseline, &named, error);
    if (status) return status;
    study->baseline = find_arm(study, named.name);
    if (study->baseline >= 0) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "%s: baseline: %s is none of the cells", study->path,
                     named.name);
}

lido_status lido_study_read_cells(lido_study *study, lido_error *error) {
    const lido_json *cells = lido_json_get(study->document, "cells");
    int64_t count = cells ? lido_json_count(cells) : combinations(study);
    if (cells && lido_json_kind_of(cells) != LIDO_JSON_ARRAY)
        return fail_kind(study, "cells", cells, "a list of objects", error);
    if (count < 2 || count > LIDO_STUDY_CELLS)
        return lido_fail(error, LIDO_SPEC, "%s: there %s to compare, allowed: 2 to %d", study->path,
                         count < 1   ? "is no cell"
                         : count < 2 ? "is one cell"
                                     : "are too many cells",
                         LIDO_STUDY_CELLS);
    study->arm = calloc((size_t)count, sizeof *study->arm);
    if (!study->arm) return out_of_memory(error);
    lido_status status =
        cells ? read_listed(study, cells, error) : read_factorial(study, (int)count, error);
    return status ? status : read_baseline(study, error);
}

lido_json *lido_arm_levels(const lido_study *study, const lido_arm *arm) {
    lido_json *levels = lido_json_object();
    for (int f = 0; f < study->factors; f++)
        lido_json_add_string(levels, study->factor[f].name, lido_json_key(arm->variant[f]));
    return levels;
}

/* ---- seeds --------------------------------------------------------------------------------- */

static bool read_seed_list(lido_study *study, const lido_json *list) {
    for (const lido_json *s = lido_json_first(list); s; s = lido_json_next(s)) {
        int64_t seed;
        if (!lido_json_integer(s, &seed) || seed < 0) return false;
        for (int i = 0; i < study->seeds; i++)
            if (study->seed[i] == seed) return false;
        study->seed[study->seeds++] = seed;
    }
    return true;
}

lido_status lido_study_read_seeds(lido_study *study, lido_error *error) {
    const lido_json *seeds = lido_json_get(study->document, "seeds");
    bool list = lido_json_kind_of(seeds) == LIDO_JSON_ARRAY;
    int64_t count = list ? lido_json_count(seeds) : 0;
    bool valid = list || lido_json_integer(seeds, &count);
    valid = valid && count >= 1 && count <= LIDO_STUDY_SEEDS;
    study->seed = valid ? calloc((size_t)count, sizeof *study->seed) : NULL;
    if (valid && !study->seed) return out_of_memory(error);
    if (valid && list) valid = read_seed_list(study, seeds);
    for (; valid && study->seeds < count; study->seeds++)
        study->seed[study->seeds] = study->seeds + 1;
    if (valid) return LIDO_OK;
    return fail_kind(study, "seeds", seeds,
                     "how many, 1 to 1000, or a list of so many different ones from 0 to 2^53",
                     error);
}
