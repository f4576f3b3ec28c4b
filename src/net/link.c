/* link.c - finding the inputs of every entry: names to indices, once all names are known. */
#include "net/expand.h"

#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HINT_SIZE = 2 * LIDO_TEXT_SIZE, EXCERPT_SIZE = 64 };

static const lido_label *find_label(const lido_draft *draft, const char *name) {
    for (int i = 0; i < draft->labels; i++)
        if (strcmp(draft->label[i].name, name) == 0) return &draft->label[i];
    return NULL;
}

/* "pool#2/head#1/" becomes "pool#2/", and that "". */
static void leave_scope(char *scope) {
    scope[strlen(scope) - 1] = '\0';
    char *slash = strrchr(scope, '/');
    scope[slash ? slash - scope + 1 : 0] = '\0';
}

/* The name in the innermost scope that has it. */
static const lido_label *look_up(const lido_draft *draft, const char *scope, const char *name) {
    char inner[LIDO_TEXT_SIZE], full[2 * LIDO_TEXT_SIZE];
    if (strlen(name) >= LIDO_TEXT_SIZE) return NULL;
    snprintf(inner, sizeof inner, "%s", scope);
    for (;;) {
        snprintf(full, sizeof full, "%s%s", inner, name);
        const lido_label *label = find_label(draft, full);
        if (label || !*inner) return label;
        leave_scope(inner);
    }
}

/* The visible names before entry `index`, ended by NULL, to be freed; those of the scope without
 * its prefix. */
static const char **visible_names(const lido_draft *draft, int index) {
    const char **names = calloc((size_t)draft->labels + 3, sizeof *names);
    int count = 0;
    if (!names) return NULL;
    const char *scope = draft->wish[index].scope;
    for (int i = 0; i < draft->labels; i++) {
        const lido_label *label = &draft->label[i];
        size_t inside = strncmp(label->name, scope, strlen(scope)) == 0 ? strlen(scope) : 0;
        if (label->entry < index) names[count++] = label->name + inside;
    }
    names[count++] = LIDO_IMAGE_NAME;
    if (lido_spec_boxes(draft->spec)) names[count] = LIDO_BOXES_NAME;
    return names;
}

static lido_status fail_unknown(const lido_draft *draft, int index, const lido_json *name,
                                lido_error *error) {
    const char **names = visible_names(draft, index);
    if (!names) return lido_fail(error, LIDO_MEMORY, "out of memory");
    char found[EXCERPT_SIZE], hint[HINT_SIZE];
    const char *nearest = lido_nearest(lido_json_string(name), names);
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest);
    else
        lido_text_list("earlier names: ", names, hint, sizeof hint);
    free(names);
    return lido_fail(error, LIDO_SPEC, "%s: %s: \"input\" names %s, which no layer has; %s",
                     draft->spec->path, draft->spec->entry[index].where,
                     lido_excerpt(name, found, sizeof found), hint);
}

/* *input = the entry that the name stands for. */
static lido_status resolve(const lido_draft *draft, int index, const lido_json *name, int *input,
                           lido_error *error) {
    const lido_spec *spec = draft->spec;
    const char *word = lido_json_string(name);
    *input = LIDO_FROM_IMAGE;
    if (strcmp(word, LIDO_IMAGE_NAME) == 0) return LIDO_OK;
    *input = LIDO_FROM_BOXES;
    if (lido_spec_boxes(spec) && strcmp(word, LIDO_BOXES_NAME) == 0) return LIDO_OK;
    const lido_label *label = look_up(draft, draft->wish[index].scope, word);
    if (!label) return fail_unknown(draft, index, name, error);
    *input = label->entry;
    if (label->entry < index) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC,
                     "%s: %s: \"input\" names \"%s\", which is not earlier: %s; allowed: layers "
                     "before this one, \"" LIDO_IMAGE_NAME "\"",
                     spec->path, spec->entry[index].where, word, spec->entry[label->entry].where);
}

static lido_status resolve_all(const lido_draft *draft, int index, lido_error *error) {
    lido_entry *entry = &draft->spec->entry[index];
    const lido_json *wish = draft->wish[index].input;
    if (!wish) {
        entry->input[entry->inputs++] = index - 1;
        return LIDO_OK;
    }
    if (lido_json_kind_of(wish) == LIDO_JSON_STRING)
        return resolve(draft, index, wish, &entry->input[entry->inputs++], error);
    for (const lido_json *e = lido_json_first(wish); e; e = lido_json_next(e)) {
        lido_status status = resolve(draft, index, e, &entry->input[entry->inputs++], error);
        if (status) return status;
    }
    return LIDO_OK;
}

static lido_status check_arity(const lido_draft *draft, int index, lido_error *error) {
    const lido_entry *entry = &draft->spec->entry[index];
    int least = entry->layer->min_inputs, most = entry->layer->max_inputs;
    if (entry->inputs >= least && entry->inputs <= most) return LIDO_OK;
    char allowed[EXCERPT_SIZE];
    if (least == most)
        snprintf(allowed, sizeof allowed, "%d input%s", least, least == 1 ? "" : "s");
    else
        snprintf(allowed, sizeof allowed, "%d to %d inputs", least, most);
    if (!draft->wish[index].input)
        return lido_fail(error, LIDO_SPEC, "%s: %s: \"input\" is missing: a list that names %s",
                         draft->spec->path, entry->where, allowed);
    return lido_fail(error, LIDO_SPEC, "%s: %s: takes %s, \"input\" names %d", draft->spec->path,
                     entry->where, allowed, entry->inputs);
}

/* ---- layers named by option "of" ------------------------------------------------------------- */

/* Where the entry keeps that name, of LIDO_TEXT_SIZE. */
static char *text_of(const lido_entry *entry) {
    const lido_option *option = entry->layer->options;
    while (strcmp(option->name, "of") != 0) option++;
    return (char *)entry->config + option->offset;
}

/* The entry a label was given to, which need not be the one whose output it stands for: an inner
 * activation or blur may come behind. */
static int labelled_entry(const lido_draft *draft, const lido_label *label) {
    for (int i = 0; i < label->entry; i++)
        if (strcmp(draft->spec->entry[i].name, label->name) == 0) return i;
    return label->entry;
}

/* The scope that a full name begins with: "pool#2/" of "pool#2/conv#1". */
static void scope_of(const char *name, char scope[LIDO_TEXT_SIZE]) {
    const char *slash = strrchr(name, '/');
    const int length = slash ? (int)(slash - name) + 1 : 0;
    snprintf(scope, LIDO_TEXT_SIZE, "%.*s", length, name);
}

/* Finds the layer and keeps the full name in place of the written one. */
static lido_status resolve_of(const lido_draft *draft, int index, lido_error *error) {
    lido_entry *entry = &draft->spec->entry[index];
    const char *wanted = entry->layer->borrows;
    if (!wanted) return LIDO_OK;
    char *name = text_of(entry), scope[LIDO_TEXT_SIZE];
    scope_of(entry->name, scope);
    const lido_label *label = look_up(draft, scope, name);
    if (!label)
        return lido_fail(error, LIDO_SPEC,
                         "%s: %s: \"of\" names \"%s\", which no layer has; allowed: the name of an "
                         "earlier %s",
                         draft->spec->path, entry->where, name, wanted);
    entry->of = labelled_entry(draft, label);
    const lido_entry *found = &draft->spec->entry[entry->of];
    if (entry->of >= index || strcmp(found->layer->name, wanted) != 0)
        return lido_fail(error, LIDO_SPEC,
                         "%s: %s: \"of\" names %s, allowed: the name of an earlier %s",
                         draft->spec->path, entry->where, found->where, wanted);
    snprintf(name, LIDO_TEXT_SIZE, "%s", found->name);
    return LIDO_OK;
}

/* ---- all ---------------------------------------------------------------------------------------
 */

/* Every output but the last must be somebody's input. */
static lido_status check_used(const lido_spec *spec, lido_error *error) {
    bool used[LIDO_MAX_LAYERS] = {false}, boxes_used = false;
    for (int i = 0; i < spec->entries; i++)
        for (int j = 0; j < spec->entry[i].inputs; j++) {
            if (spec->entry[i].input[j] >= 0) used[spec->entry[i].input[j]] = true;
            boxes_used |= spec->entry[i].input[j] == LIDO_FROM_BOXES;
        }
    if (lido_spec_boxes(spec) && !boxes_used)
        return lido_fail(error, LIDO_SPEC, "%s: \"inputs." LIDO_BOXES_NAME "\" is not used",
                         spec->path);
    for (int i = 0; i < spec->entries - 1; i++)
        if (!used[i])
            return lido_fail(error, LIDO_SPEC, "%s: the output of %s is not used", spec->path,
                             spec->entry[i].where);
    return LIDO_OK;
}

lido_status lido_link(const lido_draft *draft, lido_error *error) {
    for (int i = 0; i < draft->spec->entries; i++) {
        lido_status status = resolve_all(draft, i, error);
        if (!status) status = check_arity(draft, i, error);
        if (!status) status = resolve_of(draft, i, error);
        if (status) return status;
    }
    return check_used(draft->spec, error);
}
