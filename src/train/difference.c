/* difference.c - where two JSON documents differ. */
#include "train/difference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, EXCERPT_SIZE = 80 };

typedef struct search {
    const char *except;
    char *text;
    size_t size;
} search;

static bool differ(const search *s, const lido_json *ours, const lido_json *theirs,
                   const char *path);

/* The value as one line of JSON, cut to fit; "absent" for NULL. */
static void excerpt(const lido_json *value, char text[EXCERPT_SIZE]) {
    char *whole = value ? lido_json_print(value, false) : NULL;
    int written = snprintf(text, EXCERPT_SIZE, "%s", whole ? whole : "absent");
    if (written >= EXCERPT_SIZE) memcpy(text + EXCERPT_SIZE - 4, "...", 4);
    free(whole);
}

static bool report(const search *s, const lido_json *ours, const lido_json *theirs,
                   const char *path) {
    if (s->except && strcmp(path, s->except) == 0) return false;
    char our_text[EXCERPT_SIZE], their_text[EXCERPT_SIZE];
    excerpt(ours, our_text);
    excerpt(theirs, their_text);
    snprintf(s->text, s->size, "%s is %s, not %s", path, our_text, their_text);
    return true;
}

static void member_path(const char *path, const char *key, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s%s%s", path, *path ? "." : "", key);
}

static bool objects_differ(const search *s, const lido_json *ours, const lido_json *theirs,
                           const char *path) {
    char place[PATH_SIZE];
    for (const lido_json *m = lido_json_first(ours); m; m = lido_json_next(m)) {
        member_path(path, lido_json_key(m), place);
        if (differ(s, m, lido_json_get(theirs, lido_json_key(m)), place)) return true;
    }
    for (const lido_json *m = lido_json_first(theirs); m; m = lido_json_next(m)) {
        if (lido_json_get(ours, lido_json_key(m))) continue;
        member_path(path, lido_json_key(m), place);
        if (report(s, NULL, m, place)) return true;
    }
    return false;
}

static bool arrays_differ(const search *s, const lido_json *ours, const lido_json *theirs,
                          const char *path) {
    const lido_json *a = lido_json_first(ours), *b = lido_json_first(theirs);
    for (int i = 0; a || b; i++) {
        char place[PATH_SIZE];
        snprintf(place, sizeof place, "%s[%d]", path, i);
        if (differ(s, a, b, place)) return true;
        a = a ? lido_json_next(a) : NULL;
        b = b ? lido_json_next(b) : NULL;
    }
    return false;
}

static bool scalars_equal(const lido_json *a, const lido_json *b) {
    switch (lido_json_kind_of(a)) {
    case LIDO_JSON_NUMBER:
        return lido_json_number(a) == lido_json_number(b);
    case LIDO_JSON_STRING:
        return strcmp(lido_json_string(a), lido_json_string(b)) == 0;
    case LIDO_JSON_BOOL:
        return lido_json_bool(a) == lido_json_bool(b);
    default:
        return true;
    }
}

static bool differ(const search *s, const lido_json *ours, const lido_json *theirs,
                   const char *path) {
    lido_json_kind kind = lido_json_kind_of(ours);
    if (!ours || !theirs || kind != lido_json_kind_of(theirs)) return report(s, ours, theirs, path);
    if (kind == LIDO_JSON_OBJECT) return objects_differ(s, ours, theirs, path);
    if (kind == LIDO_JSON_ARRAY) return arrays_differ(s, ours, theirs, path);
    return scalars_equal(ours, theirs) ? false : report(s, ours, theirs, path);
}

bool lido_json_difference(const lido_json *ours, const lido_json *theirs, const char *except,
                          char *text, size_t size) {
    search s = {except, text, size};
    return differ(&s, ours, theirs, "");
}
