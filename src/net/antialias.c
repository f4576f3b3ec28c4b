/* antialias.c - "antialias" beside conv, max_pool and avg_pool: what it asks of the layer, and the
 * blur_pool that comes of it. Works on the layers' option tables, so it knows none of their
 * configurations. */
#include "net/antialias.h"

#include "base/options.h"

#include <stdlib.h>
#include <string.h>

const lido_option lido_antialias_options[] = {
    {"antialias", LIDO_OPTION_AXES, offsetof(lido_antialias, kernel), "null", 1, 7,
     .doc = "run at stride 1, then subsample by a blur_pool of this kernel"},
    {0},
};

static const lido_option blur_options[] = {
    {"kernel", LIDO_OPTION_AXES, offsetof(lido_antialias, kernel), "null", .doc = ""},
    {"stride", LIDO_OPTION_AXES, offsetof(lido_antialias, stride), "null", .doc = ""},
    {0},
};

/* The layers that take it, and their options that a subsampling blur leaves nothing to say. */
static const struct rule {
    const char *layer;
    bool instead;
    const char *useless[8];
} rules[] = {
    {"conv", false, {NULL}},
    {"max_pool", false, {"ceil", "semantics", NULL}},
    {"avg_pool",
     true,
     {"padding", "dilation", "ceil", "count_include_pad", "divisor", "semantics", NULL}},
};

static const struct rule *find_rule(const lido_layer *layer) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].layer, layer->name) == 0) return &rules[i];
    return NULL;
}

bool lido_antialias_allowed(const lido_layer *layer) {
    return find_rule(layer) != NULL;
}

static int find_option(const lido_layer *layer, const char *name) {
    int i = 0;
    while (strcmp(layer->options[i].name, name) != 0) i++;
    return i;
}

static lido_axes *axes_of(const lido_entry *entry, const char *name) {
    const lido_option *option = &entry->layer->options[find_option(entry->layer, name)];
    return (lido_axes *)(void *)((char *)entry->config + option->offset);
}

static bool subsamples(const lido_axes *stride) {
    for (int i = 0; i < stride->count; i++)
        if (stride->at[i] > 1) return true;
    return false;
}

static lido_status check_useless(const lido_entry *entry, const struct rule *rule,
                                 const char *where, lido_error *error) {
    for (const char *const *name = rule->useless; *name; name++)
        if (lido_is_given(entry->layer->options, entry->given, *name))
            return lido_fail(error, LIDO_SPEC,
                             "%s: \"%s\" has no meaning with \"antialias\": a blur %s", where,
                             *name,
                             rule->instead ? "takes the place of the average"
                                           : "subsamples, and its length is ceil(L / stride)");
    return LIDO_OK;
}

/* Options from an object built here, which is freed; LIDO_MEMORY where it lost a part. */
static lido_status read_built(const lido_option *table, lido_json *object, const char *where,
                              void *config, lido_given *given, lido_error *error) {
    lido_status status = LIDO_OK;
    if (lido_json_kind_of(object) != LIDO_JSON_OBJECT)
        status = lido_fail(error, LIDO_MEMORY, "out of memory");
    if (!status) status = lido_options_read(table, object, where, NULL, config, given, error);
    lido_json_free(object);
    return status;
}

lido_status lido_antialias_read(lido_entry *entry, const lido_json *object, const char *where,
                                lido_antialias *blur, lido_error *error) {
    const struct rule *rule = find_rule(entry->layer);
    lido_given ignored;
    if (!rule)
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"antialias\" is for layers that subsample by a window: conv, "
                         "max_pool, avg_pool",
                         where);
    lido_json *alone = lido_json_object();
    lido_json_add(alone, "antialias", lido_json_copy(lido_json_get(object, "antialias")));
    *blur = (lido_antialias){.instead = rule->instead};
    lido_status status = read_built(lido_antialias_options, alone, where, blur, &ignored, error);
    if (!status) status = check_useless(entry, rule, where, error);
    if (status) return status;

    const lido_axes *kernel = axes_of(entry, "kernel");
    lido_axes *stride = axes_of(entry, "stride");
    if (kernel->count == 0)
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"antialias\" needs the windows of a \"kernel\": other grids have no "
                         "stride to take over",
                         where);
    blur->stride = stride->count > 0 ? *stride : *kernel;
    if (!subsamples(&blur->stride))
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"antialias\" has no meaning with a stride of 1: nothing is "
                         "subsampled",
                         where);
    *stride = (lido_axes){.count = 1, .at = {1}};
    entry->given |= (lido_given)1 << find_option(entry->layer, "stride");
    return LIDO_OK;
}

lido_status lido_antialias_apply(const lido_antialias *blur, lido_entry *entry, lido_error *error) {
    const lido_layer *layer = lido_layer_find("blur_pool");
    void *config = calloc(1, layer->config_size);
    if (!config) return lido_fail(error, LIDO_MEMORY, "out of memory");
    free(entry->config);
    entry->layer = layer;
    entry->config = config;
    lido_json *object = lido_json_object();
    lido_options_write(blur_options, blur, object);
    return read_built(layer->options, object, entry->where, config, &entry->given, error);
}
