/* data.c - `lido data list | info NAME | fetch NAME`: the known data sets. */
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"

#include "base/words.h"

#include <lido/lido.h>

#include <stdio.h>
#include <string.h>

typedef struct data_options {
    lido_common common;
    const char *url;
} data_options;

enum { MOST_NAMES = 64, PATH_SIZE = 4096 };

/* ---- list ----------------------------------------------------------------------------------- */

/* Where the set is on this machine, or why it is not. */
static bool find_set(const lido_data_source *source, const lido_common *common, char *path) {
    lido_data_options options = {.dir = common->data_dir};
    return lido_data_find(source->name, &options, path, PATH_SIZE, NULL) == LIDO_OK;
}

static const char *state_text(const lido_data_source *source, const lido_common *common) {
    char path[PATH_SIZE];
    if (!source->folder[0]) return "built in";
    return find_set(source, common, path) ? "here" : "-";
}

static lido_json *source_json(const lido_data_source *source, const lido_common *common) {
    char path[PATH_SIZE];
    lido_json *json = lido_json_object();
    lido_json_add_string(json, "name", source->name);
    lido_json_add_string(json, "shape", source->shape);
    lido_json_add_number(json, "train", (double)source->train);
    lido_json_add_number(json, "test", (double)source->test);
    lido_json_add_number(json, "classes", source->classes);
    if (!source->folder[0])
        lido_json_add_bool(json, "built_in", true);
    else if (find_set(source, common, path))
        lido_json_add_string(json, "path", path);
    return json;
}

static lido_status list_sets(const data_options *options, const lido_output *output,
                             lido_error *error) {
    static const char *const titles[] = {"<name", "shape", "train", "test", "classes", "<here?"};
    size_t count;
    const lido_data_source *sources = lido_data_sources(&count);
    lido_table *table = lido_table_new(titles, 6);
    lido_json *sets = lido_json_array();
    for (size_t i = 0; i < count; i++) {
        const lido_data_source *source = &sources[i];
        char train[LIDO_NUMBER_SIZE], test[LIDO_NUMBER_SIZE];
        lido_table_add(table, "%s", source->name);
        lido_table_add(table, "%s", source->shape);
        lido_table_add(table, "%s", lido_text_count(source->train, train));
        lido_table_add(table, "%s", lido_text_count(source->test, test));
        lido_table_add(table, "%d", source->classes);
        lido_table_add(table, "%s", state_text(source, &options->common));
        lido_json_append(sets, source_json(source, &options->common));
    }
    lido_status status = lido_table_print(table, output, error);
    if (status) {
        lido_json_free(sets);
        return status;
    }
    lido_say(output, "\n`lido data info NAME` tells more; `lido data fetch NAME` downloads.\n");
    lido_json *json = lido_json_object();
    lido_json_add(json, "sets", sets);
    return lido_output_json(output, json, error);
}

/* ---- info ----------------------------------------------------------------------------------- */

static lido_status info(const lido_data_source *source, const data_options *options,
                        const lido_output *output, lido_error *error) {
    char train[LIDO_NUMBER_SIZE], test[LIDO_NUMBER_SIZE], path[PATH_SIZE];
    lido_say(output, "%s: ", source->name);
    lido_say_wrapped(output, (int)strlen(source->name) + 2, source->doc);
    lido_say(output, "  pictures   %s to train, %s to test, %s, %d classes\n",
             lido_text_count(source->train, train), lido_text_count(source->test, test),
             source->shape, source->classes);
    if (source->home) lido_say(output, "  home       %s\n", source->home);
    if (source->licence) {
        lido_say(output, "  licence    ");
        lido_say_wrapped(output, 13, source->licence);
    }
    if (!source->folder[0])
        lido_say(output, "  built in   nothing to download\n");
    else if (find_set(source, &options->common, path))
        lido_say(output, "  here       %s\n", path);
    else if (source->files)
        lido_say(output, "  not here   `lido data fetch %s` downloads it\n", source->name);
    else
        lido_say(output, "  not here   put it into the folder %s\n", source->folder);
    for (const lido_data_file *file = source->files; file && file->name; file++) {
        char bytes[LIDO_NUMBER_SIZE];
        lido_say(output, "  file       %s, %s, md5 %s\n", file->name,
                 file->bytes ? lido_text_bytes(file->bytes, bytes) : "size not known", file->md5);
    }
    return lido_output_json(output, source_json(source, &options->common), error);
}

/* ---- fetch ---------------------------------------------------------------------------------- */

typedef struct fetching {
    const lido_output *output;
    lido_bar bar;
    char file[LIDO_TEXT_SIZE]; /* being downloaded; "" before the first */
    int64_t done;
} fetching;

/* Ends the bar of the file before with a line about it. */
static void finish_file(fetching *state) {
    char bytes[LIDO_NUMBER_SIZE];
    lido_bar_clear(&state->bar);
    if (*state->file)
        lido_say(state->output, "%s  %s\n", state->file, lido_text_bytes(state->done, bytes));
}

static bool show_progress(void *context, const char *file, int64_t done, int64_t total) {
    fetching *state = context;
    if (strcmp(state->file, file) != 0) {
        finish_file(state);
        snprintf(state->file, sizeof state->file, "%s", file);
        lido_bar_start(&state->bar, state->output);
    }
    state->done = done;
    char note[2 * LIDO_NUMBER_SIZE + 8], of[LIDO_NUMBER_SIZE], bytes[LIDO_NUMBER_SIZE];
    lido_text_bytes(done, bytes);
    if (total > 0)
        snprintf(note, sizeof note, "%s of %s", bytes, lido_text_bytes(total, of));
    else
        snprintf(note, sizeof note, "%s", bytes);
    lido_bar_draw(&state->bar, file, total > 0 ? (double)done / (double)total : 0, note);
    return !lido_interrupted();
}

static lido_status fetch(const lido_data_source *source, const data_options *options,
                         const lido_output *output, lido_error *error) {
    if (!source->folder[0])
        return lido_fail(error, LIDO_USAGE, "\"%s\" is built in: there is nothing to download",
                         source->name);
    fetching state = {.output = output};
    lido_fetch_options fetching_options = {.dir = options->common.data_dir,
                                           .base_url = options->url,
                                           .progress = show_progress,
                                           .context = &state};
    lido_interrupt_watch();
    lido_status status = lido_data_fetch(source, &fetching_options, error);
    if (status) {
        lido_bar_clear(&state.bar);
        if (status == LIDO_INTERRUPTED)
            lido_fail(error, status, "interrupted; `lido data fetch %s` continues", source->name);
        return status;
    }
    finish_file(&state);
    char path[PATH_SIZE];
    if (find_set(source, &options->common, path))
        lido_say(output, "%s is in %s\n", source->name, path);
    return lido_output_json(output, source_json(source, &options->common), error);
}

/* ---- choosing ------------------------------------------------------------------------------- */

static lido_status fail_set(const char *name, lido_error *error) {
    const char *names[MOST_NAMES + 1] = {NULL};
    size_t count;
    const lido_data_source *sources = lido_data_sources(&count);
    for (size_t i = 0; i < count && i < MOST_NAMES; i++) names[i] = sources[i].name;
    const char *nearest = lido_nearest(name, names);
    if (nearest)
        return lido_fail(error, LIDO_USAGE, "no known data set \"%s\"; did you mean \"%s\"?", name,
                         nearest);
    char list[512];
    return lido_fail(error, LIDO_USAGE, "no known data set \"%s\"; %s", name,
                     lido_text_list("known: ", names, list, sizeof list));
}

typedef lido_status (*action_on_set)(const lido_data_source *source, const data_options *options,
                                     const lido_output *output, lido_error *error);

static lido_status act_on_set(action_on_set act, const data_options *options,
                              const lido_operands *operands, lido_error *error) {
    lido_output output = lido_output_of(&options->common);
    if (operands->count < 2)
        return lido_fail(error, LIDO_USAGE, "%s needs the NAME of a data set", operands->at[0]);
    const lido_data_source *source = lido_data_source_find(operands->at[1]);
    if (!source) return fail_set(operands->at[1], error);
    return act(source, options, &output, error);
}

static lido_status run(const void *given, const lido_operands *operands, lido_error *error) {
    const data_options *options = given;
    const char *action = operands->at[0];
    bool fetches = strcmp(action, "fetch") == 0;
    if (options->url && !fetches)
        return lido_fail(error, LIDO_USAGE, "--url is for `lido data fetch`");
    if (fetches) return act_on_set(fetch, options, operands, error);
    if (strcmp(action, "info") == 0) return act_on_set(info, options, operands, error);
    if (strcmp(action, "list") != 0)
        return lido_fail(error, LIDO_USAGE, "\"%s\" is none of list, info NAME, fetch NAME",
                         action);
    if (operands->count > 1)
        return lido_fail(error, LIDO_USAGE, "\"%s\" is one argument too many", operands->at[1]);
    lido_output output = lido_output_of(&options->common);
    return list_sets(options, &output, error);
}

static const lido_flag flags[] = {{.name = "url",
                                   .kind = LIDO_FLAG_TEXT,
                                   .offset = offsetof(data_options, url),
                                   .value = "BASE",
                                   .doc = "fetch from a mirror: the files lie directly under BASE"},
                                  LIDO_FLAG_DATA_DIR,
                                  LIDO_FLAGS_OUTPUT,
                                  {.name = NULL}};

extern const lido_command lido_command_data;
const lido_command lido_command_data = {
    .name = "data",
    .operands = "list | info NAME | fetch NAME",
    .doc = "Lists the known data sets, tells about one, or downloads one.",
    .details = "A set is looked for as a folder of its name in --data-dir, $LIDO_DATA, ./data and "
               "the user's cache; fetch puts it into --data-dir or else the cache. A download that "
               "broke off is continued.",
    .min_operands = 1,
    .max_operands = 2,
    .flags = flags,
    .options_size = sizeof(data_options),
    .run = run,
};
