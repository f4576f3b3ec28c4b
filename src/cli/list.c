/* list.c - `lido list`: what a spec can name, read from the registries, and every option of it. */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pairs.h"

#include "base/options.h"
#include "base/words.h"

#include <lido/lido.h>

#include <string.h>

typedef struct list_options {
    lido_common common;
} list_options;

/* Something that has a name, a line about it, and perhaps options. */
typedef struct item {
    const char *name, *doc;
    const lido_option *options; /* NULL: none */
} item;

/* A kind of things: item number `index`, or one with a NULL name after the last. */
typedef struct group {
    const char *name, *title;
    item (*at)(size_t index);
} group;

static item layer_at(size_t index) {
    size_t count;
    const lido_layer *const *layers = lido_layers(&count);
    if (index >= count) return (item){NULL, NULL, NULL};
    return (item){layers[index]->name, layers[index]->doc, layers[index]->options};
}

static item optimizer_at(size_t index) {
    size_t count;
    const lido_optimizer *const *optimizers = lido_optimizers(&count);
    if (index >= count) return (item){NULL, NULL, NULL};
    return (item){optimizers[index]->name, optimizers[index]->doc, optimizers[index]->options};
}

static item data_at(size_t index) {
    size_t count;
    const lido_data_source *sources = lido_data_sources(&count);
    if (index >= count) return (item){NULL, NULL, NULL};
    return (item){sources[index].name, sources[index].doc, NULL};
}

static item schedule_at(size_t index) {
    size_t count;
    const lido_schedule_type *types = lido_schedules(&count);
    if (index >= count) return (item){NULL, NULL, NULL};
    return (item){types[index].name, types[index].doc, types[index].options};
}

static item initializer_at(size_t index) {
    return (item){lido_init_names[index], "", NULL};
}

static item loss_at(size_t index) {
    return (item){lido_loss_names[index], "", NULL};
}

/* The option tables that are one object of a spec each. */
static item object_at(size_t index) {
    static const struct {
        const char *name, *doc;
        const lido_option *options;
    } objects[] = {
        {"train", "the \"train\" object, besides \"optimizer\", \"schedule\" and \"augment\"",
         lido_train_option_table},
        {"augment", "\"augment\" in \"train\": random changes of pictures", lido_augment_options},
    };
    if (index >= sizeof objects / sizeof *objects) return (item){NULL, NULL, NULL};
    return (item){objects[index].name, objects[index].doc, objects[index].options};
}

static const group groups[] = {
    {"layers", "Layers", layer_at},
    {"optimizers", "Optimisers", optimizer_at},
    {"schedules", "Learning-rate schedules", schedule_at},
    {"initializers", "Initial weights", initializer_at},
    {"losses", "Losses", loss_at},
    {"data", "Data sets", data_at},
    {"objects", "Further objects of a spec", object_at},
};

enum { GROUPS = sizeof groups / sizeof *groups, MOST_NAMES = 256 };

/* ---- everything, or one kind ---------------------------------------------------------------- */

static void say_group(const lido_output *output, const group *shown) {
    lido_say(output, "%s\n", shown->title);
    for (size_t i = 0; shown->at(i).name; i++) {
        item found = shown->at(i);
        lido_say(output, *found.doc ? "  %-17s " : "  %s", found.name);
        lido_say_wrapped(output, 20, found.doc);
    }
}

static lido_json *group_json(const group *shown) {
    lido_json *names = lido_json_array();
    for (size_t i = 0; shown->at(i).name; i++)
        lido_json_append(names, lido_json_from_string(shown->at(i).name));
    return names;
}

static lido_status list_groups(const lido_output *output, int first, int last, lido_error *error) {
    lido_json *json = lido_json_object();
    for (int g = first; g <= last; g++) {
        if (g > first) lido_say(output, "\n");
        say_group(output, &groups[g]);
        lido_json_add(json, groups[g].name, group_json(&groups[g]));
    }
    if (first < last)
        lido_say(output, "\n`lido list NAME` tells the options of a layer, optimiser or object.\n");
    return lido_output_json(output, json, error);
}

/* ---- one thing ------------------------------------------------------------------------------ */

static void say_option(const lido_output *output, const lido_option *option, int indent) {
    char accepts[512];
    lido_option_accepts(option, accepts, sizeof accepts);
    lido_say(output, "%*s%-*s ", indent, "", 22 - indent, option->name);
    lido_say_wrapped(output, 23, option->doc ? option->doc : "");
    lido_say(output, "%23s", "");
    lido_say_wrapped(output, 23, accepts);
    if (!option->fallback)
        lido_say(output, "%23srequired\n", "");
    else if (strcmp(option->fallback, "null") != 0)
        lido_say(output, "%23sdefault: %s\n", "", option->fallback);
    for (const lido_option *inner = option->table; inner && inner->name; inner++)
        say_option(output, inner, indent + 2);
}

static lido_status list_item(const lido_output *output, const item *found, lido_error *error) {
    lido_say(output, "%s: ", found->name);
    lido_say_wrapped(output, (int)strlen(found->name) + 2, found->doc);
    for (const lido_option *option = found->options; option && option->name; option++)
        say_option(output, option, 2);
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "name", found->name);
    lido_json_add_string(json, "doc", found->doc);
    if (found->options) lido_json_add(json, "options", lido_options_schema(found->options));
    return lido_output_json(output, json, error);
}

static lido_status fail_unknown(const char *name, lido_error *error) {
    const char *names[MOST_NAMES + 1] = {NULL};
    int count = 0;
    for (int g = 0; g < GROUPS; g++) {
        if (count < MOST_NAMES) names[count++] = groups[g].name;
        for (size_t i = 0; groups[g].at(i).name && count < MOST_NAMES; i++)
            names[count++] = groups[g].at(i).name;
    }
    const char *nearest = lido_nearest(name, names);
    if (nearest)
        return lido_fail(error, LIDO_USAGE, "nothing is called \"%s\"; did you mean \"%s\"?", name,
                         nearest);
    return lido_fail(error, LIDO_USAGE, "nothing is called \"%s\"; `lido list` names all there is",
                     name);
}

static lido_status run(const void *options, const lido_operands *operands, lido_error *error) {
    lido_output output = lido_output_of(&((const list_options *)options)->common);
    if (operands->count == 0) return list_groups(&output, 0, GROUPS - 1, error);
    const char *name = operands->at[0];
    if (strcmp(name, "pairs") == 0) return lido_list_pairs(&output, error);
    for (int g = 0; g < GROUPS; g++) {
        if (strcmp(groups[g].name, name) == 0) return list_groups(&output, g, g, error);
        for (size_t i = 0; groups[g].at(i).name; i++) {
            item found = groups[g].at(i);
            if (strcmp(found.name, name) == 0) return list_item(&output, &found, error);
        }
    }
    return fail_unknown(name, error);
}

static const lido_flag flags[] = {LIDO_FLAGS_OUTPUT, {.name = NULL}};

extern const lido_command lido_command_list;
const lido_command lido_command_list = {
    .name = "list",
    .operands = "[NAME]",
    .doc = "Names the layers, optimisers, schedules and data sets there are, or tells the "
           "options of one.",
    .details = "`lido list pairs` tells which pooling layer works on which grid, as a table in "
               "Markdown.",
    .max_operands = 1,
    .flags = flags,
    .options_size = sizeof(list_options),
    .run = run,
};
