/* test_pool_cases.c - that cases.def, from which test_registry.c draws, has for every reducer what
 * others have failed on, and every grid, with gradients checked for each element. */
#include "layers/pool_reducers.h"

#include "base/json.h"

typedef struct described {
    lido_json *json;
    int64_t shape[4];
    int rank;
    bool every_element; /* its gradient is checked for each */
} described;

static bool per_axis(const described *c, const char *key, int axis, int64_t *value) {
    const lido_json *given = lido_json_get(c->json, key);
    if (!given) return false;
    if (lido_json_kind_of(given) == LIDO_JSON_ARRAY)
        for (given = lido_json_first(given); axis > 0; axis--) given = lido_json_next(given);
    if (lido_json_kind_of(given) != LIDO_JSON_NUMBER) return false;
    *value = (int64_t)lido_json_number(given);
    return true;
}

static bool has(const described *c, const char *key) {
    return lido_json_get(c->json, key) != NULL;
}

static bool skips_cells(const described *c) {
    int64_t kernel, stride;
    for (int a = 0; a < c->rank; a++)
        if (per_axis(c, "kernel", a, &kernel) && per_axis(c, "stride", a, &stride) &&
            stride > kernel)
            return true;
    return false;
}

static bool is_oblong(const described *c) {
    int64_t first, other;
    for (int a = 1; a < c->rank; a++)
        if (per_axis(c, "kernel", 0, &first) && per_axis(c, "kernel", a, &other) && first != other)
            return true;
    return false;
}

static bool is_uneven(const described *c) {
    const lido_json *pair = lido_json_first(lido_json_get(c->json, "padding"));
    for (; pair; pair = lido_json_next(pair)) {
        const lido_json *before = lido_json_first(pair);
        if (before && lido_json_number(before) != lido_json_number(lido_json_next(before)))
            return true;
    }
    return false;
}

static bool outgrows(const described *c) {
    int64_t size;
    for (int a = 0; a < c->rank; a++)
        if (per_axis(c, "output_size", a, &size) && size > c->shape[a]) return true;
    return false;
}

static bool pads_with_ceil(const described *c) {
    return has(c, "ceil") && has(c, "padding");
}

static bool is_dilated(const described *c) {
    return has(c, "dilation");
}

static bool is_line(const described *c) {
    return c->rank == 1;
}

static bool is_volume(const described *c) {
    return c->rank == 3;
}

static const struct {
    const char *name;
    bool (*holds)(const described *c);
    const char *grid; /* with which a reducer is asked for it */
} features[] = {
    {"a stride beyond the kernel", skips_cells, "\"kernel\": 2"},
    {"a kernel of different sides", is_oblong, "\"kernel\": 2"},
    {"padding that differs before and after", is_uneven, "\"kernel\": 2"},
    {"padding and ceil", pads_with_ceil, "\"kernel\": 2"},
    {"dilation", is_dilated, "\"kernel\": 2"},
    {"more adaptive windows than cells", outgrows, "\"output_size\": 2"},
    {"one axis", is_line, "\"global\": true"},
    {"three axes", is_volume, "\"global\": true"},
};

static const struct {
    const char *shapes, *json;
    bool every_element;
} cases[] = {
#define LIDO_CASE(batch, shapes, ...) {shapes, #__VA_ARGS__, true},
#define LIDO_LARGE(batch, shapes, ...) {shapes, #__VA_ARGS__, false},
#define LIDO_NONNEGATIVE(batch, shapes, ...) {shapes, #__VA_ARGS__, true},
#define LIDO_REFUSED(option, shapes, reason, ...)
#include "layers/cases.def"
#undef LIDO_REFUSED
#undef LIDO_NONNEGATIVE
#undef LIDO_CASE
#undef LIDO_LARGE
};
enum { CASES = sizeof cases / sizeof *cases };

static described described_cases[CASES];

static void describe_cases(void) {
    for (int i = 0; i < CASES; i++) {
        described *c = &described_cases[i];
        const char *json = cases[i].json;
        assert_ok(lido_json_parse(json, strlen(json), "case", &c->json, &error));
        char *at = (char *)cases[i].shapes;
        int64_t dims[5];
        int count = 0;
        for (; *at != ']'; count++) dims[count] = strtoll(at + 1, &at, 10);
        c->rank = count - 1;
        memcpy(c->shape, dims, (size_t)c->rank * sizeof *dims);
        c->shape[3] = dims[c->rank];
        c->every_element = cases[i].every_element;
    }
}

static bool is_of(const described *c, const char *type) {
    return strcmp(lido_json_string(lido_json_get(c->json, "type")), type) == 0;
}

static void check_features(const char *type) {
    for (size_t f = 0; f < sizeof features / sizeof *features; f++) {
        lido_rig rig;
        bool found = false;
        if (!open_on(type, features[f].grid, "[8,12,3]", 1, &rig)) continue;
        lido_rig_free(&rig);
        for (int i = 0; i < CASES && !found; i++) {
            const described *c = &described_cases[i];
            found = is_of(c, type) && c->every_element && features[f].holds(c);
        }
        ck_assert_msg(found, "no case of %s has %s", type, features[f].name);
    }
}

/* Each grid, with the gradient of every element. */
static void check_grids(const char *type) {
    static const char *const keys[] = {"kernel", "global",     "output_size",
                                       "levels", "fractional", "stochastic_grid"};
    static const char *const probes[] = {"\"kernel\": 2",
                                         "\"global\": true",
                                         "\"output_size\": 2",
                                         "\"levels\": [1, 2]",
                                         "\"fractional\": {\"kernel\": 2, \"ratio\": 0.7}",
                                         "\"stochastic_grid\": {\"cell\": 4, \"keep\": 2}"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        lido_rig rig;
        bool found = false;
        if (!open_on(type, probes[k], "[8,12,3]", 1, &rig)) continue;
        lido_rig_free(&rig);
        for (int i = 0; i < CASES && !found; i++) {
            const described *c = &described_cases[i];
            found = is_of(c, type) && c->every_element && has(c, keys[k]);
        }
        ck_assert_msg(found, "no case checks every gradient of %s with %s", type, keys[k]);
    }
}

static void check_channel_counts(const char *type) {
    static const int64_t channels[] = {1, 2, 3, 6, 7, 16, 33};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        bool found = false;
        for (int k = 0; k < CASES && !found; k++)
            found = is_of(&described_cases[k], type) && described_cases[k].shape[3] == channels[i];
        ck_assert_msg(found, "no case of %s has %d channels", type, (int)channels[i]);
    }
}

START_TEST(cases_have_what_others_failed_on) {
    describe_cases();
    each_reducer(check_features);
    each_reducer(check_grids);
    each_reducer(check_channel_counts);
    for (int i = 0; i < CASES; i++) lido_json_free(described_cases[i].json);
}
END_TEST

LIDO_TEST_MAIN("pool cases", cases_have_what_others_failed_on)
