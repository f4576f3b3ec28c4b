/* options.c - the "train" object of a spec: reading it, refusing what contradicts itself, and
 * writing it back with every default filled. */
#include "base/options.h"
#include "net/spec.h"

#include <lido/train.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_SIZE = 256, NAMES = 16 };

#define OPTION_AT(field) .offset = offsetof(lido_train_options, field)

const lido_option lido_train_option_table[] = {
    {.name = "data",
     .kind = LIDO_OPTION_TEXT,
     OPTION_AT(data),
     .fallback = "null",
     .doc = "data set: a known name or FORMAT:PATH"},
    {.name = "batch",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(batch),
     .fallback = "64",
     .min = 1,
     .max = 1 << 20,
     .doc = "pictures to a step; the last of an epoch may have fewer"},
    {.name = "epochs",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(epochs),
     .fallback = "5",
     .min = 1,
     .max = 1 << 20,
     .doc = "passes over the training set"},
    {.name = "steps",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(steps),
     .fallback = "null",
     .min = 1,
     .max = INFINITY,
     .doc = "end after so many steps, within an epoch where they are up; absent: no such limit"},
    {.name = "seed",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(seed),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .doc = "of initial weights, order, split, dropout and augmentation"},
    {.name = "loss",
     .kind = LIDO_OPTION_CHOICE,
     OPTION_AT(loss),
     .fallback = "\"cross_entropy\"",
     .choices = lido_loss_names,
     .doc = "what is made small; cross_entropy needs softmax as the last layer"},
    {.name = "clip",
     .kind = LIDO_OPTION_REAL,
     OPTION_AT(clip),
     .fallback = "0",
     .min = 0,
     .max = INFINITY,
     .doc = "largest norm of the whole gradient; 0: no clipping"},
    {.name = "validation",
     .kind = LIDO_OPTION_REAL,
     OPTION_AT(validation),
     .fallback = "0",
     .min = 0,
     .max = 0.9,
     .doc = "fraction of the training set held out to choose the best epoch by"},
    {.name = "patience",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(patience),
     .fallback = "0",
     .min = 0,
     .max = INFINITY,
     .doc = "stop after so many epochs without a better validation; 0: never"},
    {.name = "limit",
     .kind = LIDO_OPTION_INT,
     OPTION_AT(limit),
     .fallback = "0",
     .min = 0,
     .max = INFINITY,
     .doc = "use only the first so many training pictures; 0: all"},
    {.name = "normalize",
     .kind = LIDO_OPTION_BOOL,
     OPTION_AT(normalize),
     .fallback = "true",
     .doc = "subtract the training set's mean and divide by its deviation, channel by channel"},
    {0},
};

/* ---- "optimizer" and "schedule": a name, or an object with "type" --------------------------- */

/* One of several types, each with options of its own. */
typedef struct typed {
    const char *key; /* in "train" */
    const char *fallback;
    const lido_option *(*options)(const char *type); /* NULL: no such type */
    const char *const *(*names)(const char *names[NAMES]);
} typed;

static const lido_option *optimizer_options(const char *type) {
    const lido_optimizer *optimizer = lido_optimizer_find(type);
    return optimizer ? optimizer->options : NULL;
}

static const char *const *optimizer_names(const char *names[NAMES]) {
    size_t count;
    const lido_optimizer *const *all = lido_optimizers(&count);
    for (size_t i = 0; i < count && i + 1 < NAMES; i++) names[i] = all[i]->name;
    return names;
}

static const lido_option *schedule_options(const char *type) {
    const lido_schedule_type *schedule = lido_schedule_find(type);
    return schedule ? schedule->options : NULL;
}

static const char *const *schedule_names(const char *names[NAMES]) {
    size_t count;
    const lido_schedule_type *all = lido_schedules(&count);
    for (size_t i = 0; i < count && i + 1 < NAMES; i++) names[i] = all[i].name;
    return names;
}

static const typed optimizer_kind = {"optimizer", "adam", optimizer_options, optimizer_names};
static const typed schedule_kind = {"schedule", "constant", schedule_options, schedule_names};

static lido_status fail_type(const typed *kind, const char *where, const char *type,
                             lido_error *error) {
    const char *names[NAMES] = {NULL};
    char allowed[WHERE_SIZE];
    const char *nearest = type ? lido_nearest(type, kind->names(names)) : NULL;
    if (nearest)
        return lido_fail(error, LIDO_SPEC, "%s: unknown %s \"%.40s\"; did you mean \"%s\"?", where,
                         kind->key, type, nearest);
    lido_text_list("allowed: ", kind->names(names), allowed, sizeof allowed);
    if (type)
        return lido_fail(error, LIDO_SPEC, "%s: unknown %s \"%.40s\"; %s", where, kind->key, type,
                         allowed);
    return lido_fail(error, LIDO_SPEC,
                     "%s: expected the name of a type or an object with \"type\"; %s", where,
                     allowed);
}

/* Reads train[kind->key] into config by the options of its type; *type is that type's name, alive
 * as long as `train`. */
static lido_status read_typed(const typed *kind, const lido_json *train, const char *place,
                              const char **type, void *config, lido_error *error) {
    static const char *const skip[] = {"type", NULL};
    char where[WHERE_SIZE];
    snprintf(where, sizeof where, "%.200s.%s", place, kind->key);
    const lido_json *value = lido_json_get(train, kind->key);
    bool is_object = lido_json_kind_of(value) == LIDO_JSON_OBJECT;
    *type = kind->fallback;
    if (value) *type = lido_json_string(is_object ? lido_json_get(value, "type") : value);
    const lido_option *options = *type ? kind->options(*type) : NULL;
    if (!options) return fail_type(kind, where, *type, error);
    lido_given given;
    if (is_object) return lido_options_read(options, value, where, skip, config, &given, error);
    return lido_options_default(options, config, error);
}

static lido_status read_optimizer(const lido_json *train, const char *place,
                                  lido_train_options *options, lido_error *error) {
    const char *type;
    lido_status status =
        read_typed(&optimizer_kind, train, place, &type, options->optimizer_config, error);
    if (status) return status;
    options->optimizer = lido_optimizer_find(type);
    if (!options->optimizer->check) return LIDO_OK;
    status = options->optimizer->check(options->optimizer_config, error);
    return status ? lido_fail_in(error, status, "%s.optimizer", place) : LIDO_OK;
}

static lido_status read_schedule(const lido_json *train, const char *place,
                                 lido_train_options *options, lido_error *error) {
    const char *type;
    lido_status status = read_typed(&schedule_kind, train, place, &type, &options->schedule, error);
    if (!status) options->schedule.type = lido_schedule_find(type);
    return status;
}

static lido_status read_augment(const lido_json *train, const char *place,
                                lido_train_options *options, lido_error *error) {
    const lido_json *value = lido_json_get(train, "augment");
    options->augmented = value != NULL;
    if (!value) return LIDO_OK;
    char where[WHERE_SIZE];
    lido_given given;
    snprintf(where, sizeof where, "%.200s.augment", place);
    return lido_options_read(lido_augment_options, value, where, NULL, &options->augment, &given,
                             error);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static lido_status read_train(const lido_json *train, const char *place,
                              lido_train_options *options, lido_error *error) {
    static const char *const skip[] = {"optimizer", "schedule", "augment", NULL};
    lido_given given;
    lido_status status =
        lido_options_read(lido_train_option_table, train, place, skip, options, &given, error);
    if (!status) status = read_optimizer(train, place, options, error);
    if (!status) status = read_schedule(train, place, options, error);
    if (!status) status = read_augment(train, place, options, error);
    if (status) return status;
    if (options->patience > 0 && options->validation <= 0)
        return lido_fail(error, LIDO_SPEC,
                         "%s: \"patience\" watches the validation, but \"validation\" is 0", place);
    return LIDO_OK;
}

lido_status lido_train_options_read(const lido_spec *spec, lido_train_options *options,
                                    lido_error *error) {
    *options = (lido_train_options){0};
    char place[WHERE_SIZE];
    snprintf(place, sizeof place, "%s: train", spec->path);
    const lido_json *train = lido_spec_train(spec);
    if (train) return read_train(train, place, options, error);
    lido_json *none = lido_json_object();
    lido_status status = none ? read_train(none, place, options, error)
                              : lido_fail(error, LIDO_MEMORY, "%s: out of memory", place);
    lido_json_free(none);
    return status;
}

static lido_json *write_typed(const char *type, const lido_option *options, const void *config) {
    lido_json *object = lido_json_object();
    lido_json_add_string(object, "type", type);
    lido_options_write(options, config, object);
    return object;
}

char *lido_train_resolved(const lido_spec *spec, const lido_train_options *options) {
    lido_json *document = lido_spec_resolved(spec), *train = lido_json_object();
    lido_options_write(lido_train_option_table, options, train);
    lido_json_add(train, "optimizer",
                  write_typed(options->optimizer->name, options->optimizer->options,
                              options->optimizer_config));
    const lido_schedule_type *schedule = options->schedule.type;
    lido_json_add(train, "schedule",
                  write_typed(schedule->name, schedule->options, &options->schedule));
    if (options->augmented) {
        lido_json *augment = lido_json_object();
        lido_options_write(lido_augment_options, &options->augment, augment);
        lido_json_add(train, "augment", augment);
    }
    lido_json_add(document, "train", train);
    char *text = lido_json_print(document, true);
    lido_json_free(document);
    return text;
}
