/* document.c - the file, its profile and its base as one document. */
#include "study/document.h"

#include "base/file.h"
#include "base/options.h"
#include "net/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 32, EXCERPT_SIZE = 64, MESSAGE_SIZE = 256 };

const char *const lido_study_keys[] = {"name",     "claim",      "profile",  "base",  "factors",
                                       "cells",    "baseline",   "seeds",    "train", "budget",
                                       "measures", "parameters", "profiles", NULL};

static const lido_option no_options[] = {{0}};

/* ---- merging ------------------------------------------------------------------------------- */

lido_json *lido_json_merged(const lido_json *target, const lido_json *patch) {
    if (!patch) return lido_json_copy(target);
    if (lido_json_kind_of(patch) != LIDO_JSON_OBJECT) return lido_json_copy(patch);
    bool into = lido_json_kind_of(target) == LIDO_JSON_OBJECT;
    lido_json *merged = lido_json_object();
    for (const lido_json *m = into ? lido_json_first(target) : NULL; m; m = lido_json_next(m)) {
        const lido_json *over = lido_json_get(patch, lido_json_key(m));
        if (over && lido_json_kind_of(over) == LIDO_JSON_NULL) continue;
        lido_json_add(merged, lido_json_key(m), lido_json_merged(m, over));
    }
    for (const lido_json *m = lido_json_first(patch); m; m = lido_json_next(m)) {
        if (into && lido_json_get(target, lido_json_key(m))) continue;
        if (lido_json_kind_of(m) != LIDO_JSON_NULL)
            lido_json_add(merged, lido_json_key(m), lido_json_merged(NULL, m));
    }
    return merged;
}

lido_json *lido_json_with(const lido_json *object, const char *key, lido_json *value) {
    if (lido_json_kind_of(object) != LIDO_JSON_OBJECT) {
        lido_json_free(value);
        return NULL;
    }
    lido_json *with = lido_json_object();
    bool replaced = false;
    for (const lido_json *m = lido_json_first(object); m; m = lido_json_next(m)) {
        bool here = strcmp(lido_json_key(m), key) == 0;
        lido_json_add(with, lido_json_key(m), here ? value : lido_json_copy(m));
        replaced |= here;
    }
    if (!replaced) lido_json_add(with, key, value);
    return with;
}

/* Puts `better` in the place of *document. What cannot be printed is spoilt, by memory that ran
 * out, and would be taken for a document that says less. */
static lido_status replace(lido_json **document, lido_json *better, lido_error *error) {
    lido_json_free(*document);
    *document = better;
    char *text = lido_json_print(better, false);
    bool whole = text != NULL;
    free(text);
    return whole ? LIDO_OK : lido_fail(error, LIDO_MEMORY, "out of memory for the study");
}

/* ---- profiles ------------------------------------------------------------------------------ */

static lido_status check_keys(const lido_json *object, const char *where, lido_error *error) {
    lido_given ignored;
    return lido_options_read(no_options, object, where, lido_study_keys, NULL, &ignored, error);
}

/* Those that are not chosen too, so that a mistake does not wait for its day. */
static lido_status check_profiles(const lido_json *profiles, const char *path, lido_error *error) {
    lido_status status = LIDO_OK;
    if (profiles && lido_json_kind_of(profiles) != LIDO_JSON_OBJECT)
        return lido_fail(error, LIDO_SPEC, "%s: profiles: expected an object, found %s", path,
                         lido_json_kind_text(profiles));
    for (const lido_json *m = lido_json_first(profiles); m && !status; m = lido_json_next(m)) {
        char where[MESSAGE_SIZE];
        if (!lido_is_word(lido_json_key(m)))
            return lido_fail(error, LIDO_SPEC,
                             "%s: profiles: a name is not a word of letters, digits, _ . and -",
                             path);
        snprintf(where, sizeof where, "profiles.%s", lido_json_key(m));
        status = check_keys(m, where, error);
        if (!status && lido_json_get(m, "profiles"))
            status = lido_fail(error, LIDO_SPEC, "%s: a profile within a profile", where);
        if (status) lido_fail_in(error, status, "%s", path);
    }
    return status;
}

static lido_status fail_unknown_profile(const lido_json *profiles, const char *path,
                                        const char *name, lido_error *error) {
    const char *names[NAMES + 1] = {NULL};
    char allowed[MESSAGE_SIZE];
    int count = 0;
    for (const lido_json *m = lido_json_first(profiles); m && count < NAMES; m = lido_json_next(m))
        names[count++] = lido_json_key(m);
    return lido_fail(
        error, LIDO_USAGE, "%s: no profile \"%.40s\"; %s", path, name,
        lido_text_list(count ? "there are: " : "it has none", names, allowed, sizeof allowed));
}

static lido_status apply_profile(lido_json **document, const char *path, const char *name,
                                 lido_error *error) {
    const lido_json *profiles = lido_json_get(*document, "profiles");
    lido_status status = check_profiles(profiles, path, error);
    if (status) return status;
    const lido_json *profile = name ? lido_json_get(profiles, name) : NULL;
    if (name && !profile) return fail_unknown_profile(profiles, path, name, error);
    lido_json *plain = lido_json_object();
    for (const lido_json *m = lido_json_first(*document); m; m = lido_json_next(m))
        if (m != profiles) lido_json_add(plain, lido_json_key(m), lido_json_copy(m));
    lido_json *merged = lido_json_merged(plain, profile);
    lido_json_free(plain);
    lido_status replaced = replace(document, merged, error);
    if (replaced || !name) return replaced;
    return replace(document, lido_json_with(*document, "profile", lido_json_from_string(name)),
                   error);
}

static lido_status apply_changes(lido_json **document, const char *changes, lido_error *error) {
    if (!changes) return LIDO_OK;
    lido_json *patch;
    lido_status status = lido_json_parse(changes, strlen(changes), "changes", &patch, error);
    if (status) return status;
    status = replace(document, lido_json_merged(*document, patch), error);
    lido_json_free(patch);
    return status;
}

/* ---- the base ------------------------------------------------------------------------------ */

/* The path in "base" is relative to the folder of the study's file. */
static lido_status base_path(const char *study, const char *base, char path[LIDO_PATH_SIZE],
                             lido_error *error) {
    const char *slash = strrchr(study, '/');
    int folder = slash && base[0] != '/' ? (int)(slash + 1 - study) : 0;
    if (snprintf(path, LIDO_PATH_SIZE, "%.*s%s", folder, study, base) < LIDO_PATH_SIZE)
        return LIDO_OK;
    return lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", base);
}

static lido_status embed_base(lido_json **document, const char *path, lido_error *error) {
    const lido_json *base = lido_json_get(*document, "base");
    const char *name = lido_json_string(base);
    char file[LIDO_PATH_SIZE], found[EXCERPT_SIZE];
    if (lido_json_kind_of(base) == LIDO_JSON_OBJECT) return LIDO_OK;
    if (!name)
        return lido_fail(error, LIDO_SPEC, "%s: \"base\" is %s, allowed: the path of a spec", path,
                         base ? lido_excerpt(base, found, sizeof found) : "missing");
    lido_json *spec;
    lido_status status = base_path(path, name, file, error);
    if (!status) status = lido_json_read(file, &spec, error);
    if (status) return lido_fail_in(error, status, "%s: base", path);
    if (lido_json_kind_of(spec) != LIDO_JSON_OBJECT) {
        status = lido_fail(error, LIDO_SPEC, "%s: base: %s: expected an object, found %s", path,
                           file, lido_json_kind_text(spec));
        lido_json_free(spec);
        return status;
    }
    return replace(document, lido_json_with(*document, "base", spec), error);
}

lido_status lido_study_document(const char *path, const lido_study_options *options,
                                lido_json **document, lido_error *error) {
    *document = NULL;
    lido_status status = lido_json_read(path, document, error);
    if (!status) status = check_keys(*document, path, error);
    if (!status) status = apply_profile(document, path, options->profile, error);
    if (!status) status = apply_changes(document, options->changes, error);
    if (!status) status = check_keys(*document, path, error);
    if (!status) status = embed_base(document, path, error);
    if (!status) return LIDO_OK;
    lido_json_free(*document);
    *document = NULL;
    return status;
}
