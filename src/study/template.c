/* template.c - documents from templates. A section is written by going over its text once for each
 * element, and once in silence where there is none. */
#include "study/template.h"

#include <string.h>

enum { NAME_SIZE = 64, MAX_NESTING = 16 };

typedef struct scope {
    const lido_json *value;
    const struct scope *outer; /* NULL at the top */
} scope;

typedef struct renderer {
    const char *start, *end;
    lido_escape escape;
    FILE *out;
    int nesting;
    lido_status status;
    lido_error *error;
} renderer;

typedef struct tag {
    char kind; /* '#', '^', '/', '{' or ' ': a string */
    char name[NAME_SIZE];
    const char *before, *after; /* where the text around it ends and goes on */
} tag;

static const char *fail(renderer *r, const char *at, const char *what, const char *name) {
    int line = 1;
    for (const char *c = r->start; c < at; c++) line += *c == '\n';
    if (!r->status)
        r->status =
            lido_fail(r->error, LIDO_SPEC, "template, line %d: %s \"%s\"", line, what, name);
    return NULL;
}

/* ---- tags ----------------------------------------------------------------------------------- */

static const char *find(const char *from, const char *end, const char *mark) {
    const size_t length = strlen(mark);
    for (; from + length <= end; from++)
        if (memcmp(from, mark, length) == 0) return from;
    return NULL;
}

/* A tag of a section alone on its line takes the line with it. */
static void widen(const renderer *r, tag *found) {
    const char *first = found->before, *last = found->after;
    while (first > r->start && (first[-1] == ' ' || first[-1] == '\t')) first--;
    while (last < r->end && (*last == ' ' || *last == '\t')) last++;
    const bool begins = first == r->start || first[-1] == '\n';
    const bool ends = last == r->end || *last == '\n';
    if (!begins || !ends) return;
    found->before = first;
    found->after = last < r->end ? last + 1 : last;
}

/* The next tag from `at` on; false when there is none, or with a status when it is not one. */
static bool next_tag(renderer *r, const char *at, tag *found) {
    const char *open = find(at, r->end, "{{");
    if (!open) return false;
    const char *name = open + 2;
    const bool marked = name < r->end && strchr("#^/{", *name) != NULL;
    found->kind = ' ';
    if (marked) found->kind = *name++;
    const char *mark = found->kind == '{' ? "}}}" : "}}", *close = find(name, r->end, mark);
    if (!close || close - name >= NAME_SIZE) {
        fail(r, open, "a tag without an end", "");
        return false;
    }
    memcpy(found->name, name, (size_t)(close - name));
    found->name[close - name] = '\0';
    found->before = open;
    found->after = close + strlen(mark);
    if (found->kind != ' ' && found->kind != '{') widen(r, found);
    return true;
}

/* ---- values --------------------------------------------------------------------------------- */

static const lido_json *look_up(const scope *at, const char *name) {
    if (strcmp(name, ".") == 0) return at->value;
    for (; at; at = at->outer) {
        const lido_json *found = lido_json_get(at->value, name);
        if (found) return found;
    }
    return NULL;
}

static bool is_shown(const lido_json *value) {
    const char *text = lido_json_string(value);
    switch (lido_json_kind_of(value)) {
    case LIDO_JSON_ARRAY:
        return lido_json_first(value) != NULL;
    case LIDO_JSON_STRING:
        return *text != '\0';
    case LIDO_JSON_BOOL:
        return lido_json_bool(value);
    default:
        return lido_json_kind_of(value) == LIDO_JSON_OBJECT;
    }
}

static const char *render(renderer *r, const char *at, const scope *around, const char *closing,
                          bool shown);

/* From behind the opening tag to behind the closing one. */
static const char *render_section(renderer *r, const tag *opening, const scope *around,
                                  bool shown) {
    const lido_json *value = look_up(around, opening->name);
    const bool wanted = shown && is_shown(value) == (opening->kind == '#');
    if (r->nesting == MAX_NESTING) return fail(r, opening->before, "too deep", opening->name);
    r->nesting++;
    const char *end = NULL;
    if (wanted && lido_json_kind_of(value) == LIDO_JSON_ARRAY && opening->kind == '#') {
        const lido_json *element = lido_json_first(value);
        for (; element && !r->status; element = lido_json_next(element)) {
            const scope inner = {element, around};
            end = render(r, opening->after, &inner, opening->name, true);
        }
    } else {
        const scope inner = {value, around};
        end = render(r, opening->after, &inner, opening->name, wanted);
    }
    r->nesting--;
    return end;
}

static const char *render_string(renderer *r, const tag *found, const scope *around) {
    const char *text = lido_json_string(look_up(around, found->name));
    if (!text) return fail(r, found->before, "no text is called", found->name);
    if (found->kind == '{')
        fputs(text, r->out);
    else
        r->escape(text, r->out);
    return found->after;
}

/* Writes (where shown) from `at` to the tag that closes `closing`, NULL: to the end. Returns where
 * the text goes on, NULL after a failure. */
static const char *render(renderer *r, const char *at, const scope *around, const char *closing,
                          bool shown) {
    tag found;
    while (at && next_tag(r, at, &found)) {
        if (shown) fwrite(at, 1, (size_t)(found.before - at), r->out);
        if (found.kind == '/') {
            if (closing && strcmp(closing, found.name) == 0) return found.after;
            return fail(r, found.before, "closes what is not open:", found.name);
        }
        if (found.kind == '#' || found.kind == '^')
            at = render_section(r, &found, around, shown);
        else
            at = shown ? render_string(r, &found, around) : found.after;
    }
    if (!at || r->status) return NULL;
    if (closing) return fail(r, r->end, "is never closed:", closing);
    fwrite(at, 1, (size_t)(r->end - at), r->out);
    return r->end;
}

lido_status lido_template_write(const char *text, size_t size, const lido_json *view,
                                lido_escape escape, FILE *out, lido_error *error) {
    renderer r = {.start = text, .end = text + size, .escape = escape, .out = out, .error = error};
    const scope top = {view, NULL};
    render(&r, text, &top, NULL, true);
    return r.status;
}
