/* Tests of options.c: tables read with their defaults, every message, writing back, schemas, and
 * spreading numbers over axes. Single kinds are tested in test_option_kinds.c. */
#include "lido_check.h"

#include "base/options.h"

#include <math.h>
#include <stdio.h>

static lido_error error;

typedef struct fraction {
    bool given;
    double ratio;
    int64_t cell;
} fraction;

typedef struct config {
    int64_t units, seed;
    double rate, clip;
    bool ceil, bias;
    int mode, variant;
    lido_axes kernel, stride, output_size;
    lido_padding padding;
    lido_list levels;
    char data[LIDO_TEXT_SIZE];
    fraction fractional, defaulted;
} config;

static const char *const modes[] = {"pseudo", "random", NULL};

static const lido_option fraction_table[] = {
    {.name = "ratio", .kind = LIDO_OPTION_REAL, .offset = offsetof(fraction, ratio), .max = 1},
    {.name = "cell", .kind = LIDO_OPTION_INT, .offset = offsetof(fraction, cell), .fallback = "2"},
    {0},
};

static const lido_option defaulted_table[] = {
    {.name = "cell", .kind = LIDO_OPTION_INT, .offset = offsetof(fraction, cell), .fallback = "5"},
    {0},
};

#define OPTION(field, kind_name, default_value)                                         \
    .name = #field, .kind = LIDO_OPTION_##kind_name, .offset = offsetof(config, field), \
    .fallback = default_value

static const lido_option table[] = {
    {OPTION(kernel, AXES, NULL), .min = 1, .doc = "window size"},
    {OPTION(stride, AXES, "null"), .min = 1},
    {OPTION(padding, PADDING, "\"same\"")},
    {OPTION(output_size, SIZES, "null")},
    {OPTION(levels, LIST, "null"), .min = 1},
    {OPTION(units, INT, "10"), .min = 1, .max = 64},
    {OPTION(seed, INT, "null"), .min = 1},
    {OPTION(rate, REAL, "0.1")},
    {OPTION(clip, REAL, "null")},
    {OPTION(ceil, BOOL, "false")},
    {OPTION(bias, BOOL, "true")},
    {OPTION(mode, CHOICE, "\"random\""), .choices = modes},
    {OPTION(variant, CHOICE, "null"), .choices = modes},
    {OPTION(data, TEXT, "\"mnist\"")},
    {OPTION(fractional, OBJECT, "null"), .table = fraction_table},
    {OPTION(defaulted, OBJECT, "{}"), .table = defaulted_table},
    {0},
};

static const char *const skip[] = {"type", "name", NULL};
static const char where[] = "layers[3] \"pool2\" (max_pool)";

static lido_status read_text(const lido_option *options, const char *text, void *out,
                             lido_given *given) {
    lido_json *json;
    assert_ok(lido_json_parse(text, strlen(text), "spec", &json, &error));
    lido_status status = lido_options_read(options, json, where, skip, out, given, &error);
    lido_json_free(json);
    return status;
}

static void assert_message(const lido_option *options, const char *text, const char *message) {
    config c = {0};
    lido_given given;
    ck_assert_msg(read_text(options, text, &c, &given) == LIDO_SPEC, "accepted: %s", text);
    char expected[600];
    snprintf(expected, sizeof expected, "%s: %s", where, message);
    ck_assert_str_eq(error.message, expected);
}

/* ---- reading ------------------------------------------------------------------------------- */

START_TEST(what_is_not_written_gets_its_default) {
    config c = {0};
    lido_given given;
    assert_ok(read_text(table, "{\"type\":\"x\",\"kernel\":3}", &c, &given));
    ck_assert(c.kernel.count == 1 && c.kernel.at[0] == 3);
    ck_assert_int_eq(c.stride.count, 0);
    ck_assert_int_eq(c.padding.mode, LIDO_SAME);
    ck_assert_int_eq(c.output_size.count, 0);
    ck_assert_int_eq(c.levels.count, 0);
    ck_assert_int_eq(c.units, 10);
    ck_assert_int_eq(c.seed, 0);
    ck_assert_double_eq(c.rate, 0.1);
    ck_assert(isnan(c.clip));
    ck_assert(!c.ceil && c.bias);
    ck_assert_int_eq(c.mode, 1);
    ck_assert_int_eq(c.variant, -1);
    ck_assert_str_eq(c.data, "mnist");
    ck_assert(!c.fractional.given && c.fractional.cell == 0);
    ck_assert(c.defaulted.given && c.defaulted.cell == 5);
    ck_assert_uint_eq(given, 1);
}
END_TEST

static const char everything[] =
    "{\"kernel\":[3,2],\"stride\":2,\"padding\":[[0,1],[2,3]],\"output_size\":[null,7],"
    "\"levels\":[1,2,4],\"units\":64,\"seed\":42,\"rate\":0.25,\"clip\":1.5,\"ceil\":true,"
    "\"bias\":false,\"mode\":\"pseudo\",\"variant\":\"random\",\"data\":\"svhn\","
    "\"fractional\":{\"ratio\":0.7,\"cell\":3},\"defaulted\":{\"cell\":6}}";

START_TEST(what_is_written_counts) {
    config c = {0};
    lido_given given;
    assert_ok(read_text(table, everything, &c, &given));
    ck_assert(c.kernel.count == 2 && c.kernel.at[0] == 3 && c.kernel.at[1] == 2);
    ck_assert(c.stride.count == 1 && c.stride.at[0] == 2);
    ck_assert(c.padding.mode == LIDO_EXPLICIT && c.padding.after[1] == 3);
    ck_assert(c.output_size.at[0] == 0 && c.output_size.at[1] == 7);
    ck_assert(c.levels.count == 3 && c.levels.at[2] == 4);
    ck_assert(c.units == 64 && c.seed == 42 && c.rate == 0.25 && c.clip == 1.5);
    ck_assert(c.ceil && !c.bias && c.mode == 0 && c.variant == 1);
    ck_assert_str_eq(c.data, "svhn");
    ck_assert(c.fractional.given && c.fractional.ratio == 0.7 && c.fractional.cell == 3);
    ck_assert_int_eq(c.defaulted.cell, 6);
    ck_assert_uint_eq(given, ((lido_given)1 << 16) - 1);
}
END_TEST

START_TEST(given_says_what_was_written) {
    config c = {0};
    lido_given given;
    assert_ok(read_text(table, "{\"kernel\":3,\"units\":10,\"name\":\"a\"}", &c, &given));
    ck_assert(lido_is_given(table, given, "kernel"));
    ck_assert(lido_is_given(table, given, "units"));
    ck_assert(!lido_is_given(table, given, "stride"));
    ck_assert(!lido_is_given(table, given, "name"));
}
END_TEST

START_TEST(a_full_table_has_a_bit_for_each_option) {
    static char names[LIDO_MAX_OPTIONS][4];
    lido_option full[LIDO_MAX_OPTIONS + 1] = {0};
    int64_t values[LIDO_MAX_OPTIONS] = {0};
    for (int i = 0; i < LIDO_MAX_OPTIONS; i++) {
        snprintf(names[i], sizeof names[i], "o%d", i);
        full[i] = (lido_option){.name = names[i],
                                .kind = LIDO_OPTION_INT,
                                .offset = (size_t)i * sizeof *values,
                                .fallback = "7"};
    }
    lido_given given;
    assert_ok(read_text(full, "{\"o0\":1,\"o63\":2}", values, &given));
    ck_assert_uint_eq(given, (uint64_t)1 << 63 | 1);
    ck_assert(lido_is_given(full, given, "o63") && !lido_is_given(full, given, "o62"));
    ck_assert(values[0] == 1 && values[62] == 7 && values[63] == 2);
}
END_TEST

START_TEST(defaults_alone) {
    config c = {0};
    assert_fails(lido_options_default(table, &c, &error), LIDO_SPEC,
                 "defaults: \"kernel\" is missing");
    c = (config){0};
    assert_ok(lido_options_default(table + 1, &c, &error));
    ck_assert_int_eq(c.units, 10);
    ck_assert(isnan(c.clip));
}
END_TEST

/* ---- messages ------------------------------------------------------------------------------ */

START_TEST(unknown_keys) {
    assert_message(table, "{\"kernel\":1,\"strides\":2}",
                   "unknown key \"strides\"; did you mean \"stride\"?");
    assert_message(table, "{\"Kernel\":1}", "unknown key \"Kernel\"; did you mean \"kernel\"?");
    assert_message(table, "{\"nane\":1}", "unknown key \"nane\"; did you mean \"name\"?");
    assert_message(fraction_table, "{\"zzz\":1}",
                   "unknown key \"zzz\"; allowed: ratio, cell, type, name");
    assert_message(fraction_table, "{\"a\\n\\u001b\\\"\":1}",
                   "unknown key \"a\\n\\u001b\\\"\"; allowed: ratio, cell, type, name");
    lido_json *json;
    lido_given given;
    assert_ok(lido_json_parse("{\"zzz\":1}", 9, "spec", &json, &error));
    assert_fails(lido_options_read((lido_option[]){{0}}, json, "here", NULL, NULL, &given, &error),
                 LIDO_SPEC, "here: unknown key \"zzz\"; no key is allowed");
    lido_json_free(json);
}
END_TEST

START_TEST(wrong_values) {
    assert_message(table, "{\"kernel\":\"big\"}",
                   "\"kernel\" is \"big\", allowed: an integer >= 1 or [one per axis]");
    assert_message(table, "{\"kernel\":[1,0]}",
                   "\"kernel\" is [1,0], allowed: an integer >= 1 or [one per axis]");
    assert_message(table, "{\"kernel\":null}",
                   "\"kernel\" is null, allowed: an integer >= 1 or [one per axis]");
    assert_message(table, "{\"kernel\":1,\"stride\":null}",
                   "\"stride\" is null, allowed: an integer >= 1 or [one per axis]");
    assert_message(table, "{\"kernel\":1,\"units\":65}",
                   "\"units\" is 65, allowed: an integer in 1..64");
    assert_message(table, "{\"kernel\":1,\"units\":1.5}",
                   "\"units\" is 1.5, allowed: an integer in 1..64");
    assert_message(table, "{\"kernel\":1,\"rate\":{}}", "\"rate\" is {}, allowed: a number");
    assert_message(table, "{\"kernel\":1,\"ceil\":1}", "\"ceil\" is 1, allowed: true or false");
    assert_message(table, "{\"kernel\":1,\"padding\":-1}",
                   "\"padding\" is -1, allowed: \"valid\", \"same\", an integer >= 0, [one per "
                   "axis] or [[before, after] per axis]");
    assert_message(table, "{\"kernel\":1,\"output_size\":[0]}",
                   "\"output_size\" is [0], allowed: an integer >= 1 or [one or null per axis]");
    assert_message(table, "{\"kernel\":1,\"levels\":[]}",
                   "\"levels\" is [], allowed: a list of 1 to 16, each an integer >= 1");
    assert_message(table, "{\"kernel\":1,\"data\":7}",
                   "\"data\" is 7, allowed: a string of at most 127 bytes");
}
END_TEST

START_TEST(misspelt_choices) {
    assert_message(table, "{\"kernel\":1,\"mode\":\"pseud\"}",
                   "\"mode\" is \"pseud\", allowed: one of pseudo, random; did you mean "
                   "\"pseudo\"?");
    assert_message(table, "{\"kernel\":1,\"mode\":\"max\"}",
                   "\"mode\" is \"max\", allowed: one of pseudo, random");
    assert_message(table, "{\"kernel\":1,\"mode\":0}",
                   "\"mode\" is 0, allowed: one of pseudo, random");
}
END_TEST

START_TEST(missing_options_and_objects) {
    assert_message(table, "{}",
                   "\"kernel\" is missing, allowed: an integer >= 1 or [one per axis]");
    assert_message(table, "[]", "expected an object, found an array");
    assert_message(table, "3", "expected an object, found a number");
    lido_given given;
    config c = {0};
    assert_fails(lido_options_read(table, NULL, "here", NULL, &c, &given, &error), LIDO_SPEC,
                 "here: expected an object, found null");
}
END_TEST

START_TEST(nested_objects_say_where_they_are) {
    assert_message(table, "{\"kernel\":1,\"fractional\":{\"ratoi\":1}}",
                   "\"fractional\": unknown key \"ratoi\"; did you mean \"ratio\"?");
    assert_message(table, "{\"kernel\":1,\"fractional\":{\"ratio\":2}}",
                   "\"fractional\": \"ratio\" is 2, allowed: a number in 0..1");
    assert_message(table, "{\"kernel\":1,\"fractional\":{}}",
                   "\"fractional\": \"ratio\" is missing, allowed: a number in 0..1");
    assert_message(table, "{\"kernel\":1,\"fractional\":0.7}",
                   "\"fractional\" is 0.7, allowed: an object of ratio, cell");
    assert_message(table, "{\"kernel\":1,\"fractional\":{\"ratio\":1,\"type\":1}}",
                   "\"fractional\": unknown key \"type\"; allowed: ratio, cell");
}
END_TEST

START_TEST(long_values_are_cut) {
    char text[4000] = "{\"kernel\":\"";
    size_t used = strlen(text);
    memset(text + used, 'k', 3000);
    strcpy(text + used + 3000, "\"}");
    config c = {0};
    lido_given given;
    ck_assert_int_eq(read_text(table, text, &c, &given), LIDO_SPEC);
    ck_assert_ptr_nonnull(strstr(error.message, "kkk..., allowed: an integer >= 1"));
    memmove(text + 1, text + 10, strlen(text + 10) + 1); /* {"kkk..."} */
    strcpy(strrchr(text, '}'), ":1}");
    ck_assert_int_eq(read_text(table, text, &c, &given), LIDO_SPEC);
    ck_assert_ptr_nonnull(strstr(error.message, "kkk...; allowed: kernel, stride"));
}
END_TEST

START_TEST(a_wrong_default_is_the_tables_error) {
    static const lido_option broken[] = {{.name = "a", .kind = LIDO_OPTION_INT, .fallback = "1 2"},
                                         {0}};
    static const lido_option refused[] = {
        {.name = "a", .kind = LIDO_OPTION_INT, .fallback = "0", .min = 1}, {0}};
    int64_t value;
    assert_fails(lido_options_default(broken, &value, &error), LIDO_SPEC,
                 "the default of the table: a:1:3: expected nothing");
    assert_fails(lido_options_default(refused, &value, &error), LIDO_SPEC,
                 "\"a\" is 0, allowed: an integer >= 1");
}
END_TEST

START_TEST(the_error_may_be_null) {
    config c = {0};
    lido_json *json;
    lido_given given;
    assert_ok(lido_json_parse("{\"kernel\":0}", 12, "spec", &json, &error));
    ck_assert_int_eq(lido_options_read(table, json, where, NULL, &c, &given, NULL), LIDO_SPEC);
    lido_json_free(json);
}
END_TEST

/* ---- writing ------------------------------------------------------------------------------- */

static char *write_text(const config *c) {
    lido_json *json = lido_json_object();
    lido_options_write(table, c, json);
    char *text = lido_json_print(json, false);
    lido_json_free(json);
    ck_assert_ptr_nonnull(text);
    return text;
}

START_TEST(writing_leaves_out_what_is_absent) {
    config c = {0};
    lido_given given;
    assert_ok(read_text(table, "{\"kernel\":3}", &c, &given));
    char *text = write_text(&c);
    ck_assert_str_eq(text, "{\"kernel\":3,\"padding\":\"same\",\"units\":10,\"rate\":0.1,"
                           "\"ceil\":false,\"bias\":true,\"mode\":\"random\",\"data\":\"mnist\","
                           "\"defaulted\":{\"cell\":5}}");
    free(text);
}
END_TEST

START_TEST(what_was_written_reads_the_same) {
    static const char *const specs[] = {
        everything, "{\"kernel\":3}", "{\"kernel\":[1,2,3],\"padding\":\"valid\"}",
        "{\"kernel\":1,\"padding\":[[1,2]],\"clip\":0,\"fractional\":{\"ratio\":1}}"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        config first = {0}, second = {0};
        lido_given given;
        assert_ok(read_text(table, specs[i], &first, &given));
        char *once = write_text(&first);
        assert_ok(read_text(table, once, &second, &given));
        char *twice = write_text(&second);
        ck_assert_str_eq(once, twice);
        ck_assert(isnan(first.clip) ? isnan(second.clip) : first.clip == second.clip);
        ck_assert_mem_eq(&first.kernel, &second.kernel, sizeof first.kernel);
        ck_assert_mem_eq(&first.padding, &second.padding, sizeof first.padding);
        ck_assert_int_eq(first.fractional.given, second.fractional.given);
        free(once);
        free(twice);
    }
    config c = {0};
    lido_given given;
    assert_ok(read_text(table, everything, &c, &given));
    char *text = write_text(&c);
    ck_assert_str_eq(text, everything);
    free(text);
}
END_TEST

/* ---- describing ---------------------------------------------------------------------------- */

START_TEST(the_schema_follows_the_table) {
    lido_json *schema = lido_options_schema(table);
    const lido_json *properties = lido_json_get(schema, "properties");
    const lido_json *required = lido_json_get(schema, "required");
    ck_assert_str_eq(lido_json_string(lido_json_get(schema, "type")), "object");
    ck_assert_int_eq(lido_json_kind_of(lido_json_get(schema, "additionalProperties")),
                     LIDO_JSON_BOOL);
    ck_assert(!lido_json_bool(lido_json_get(schema, "additionalProperties")));
    ck_assert_int_eq(lido_json_count(properties), 16);
    ck_assert_int_eq(lido_json_count(required), 1);
    ck_assert_str_eq(lido_json_string(lido_json_first(required)), "kernel");
    const lido_json *kernel = lido_json_get(properties, "kernel");
    ck_assert_str_eq(lido_json_string(lido_json_get(kernel, "description")), "window size");
    ck_assert_ptr_null(lido_json_get(kernel, "default"));
    const lido_json *mode = lido_json_get(properties, "mode");
    ck_assert_str_eq(lido_json_string(lido_json_get(mode, "default")), "random");
    ck_assert_ptr_null(lido_json_get(lido_json_get(properties, "seed"), "default"));
    lido_json_add(lido_json_member(schema, "properties"), "type", lido_json_object());
    ck_assert_int_eq(lido_json_count(properties), 17);
    lido_json_free(schema);
}
END_TEST

START_TEST(descriptions_are_cut_to_fit) {
    lido_option option = {.kind = LIDO_OPTION_PADDING};
    char text[100];
    for (size_t size = 1; size < 80; size++) {
        memset(text, '#', sizeof text);
        lido_option_accepts(&option, text, size);
        ck_assert_uint_eq(strlen(text), size - 1);
        ck_assert_int_eq(text[size], '#');
    }
}
END_TEST

/* ---- axes ---------------------------------------------------------------------------------- */

static void assert_expands(lido_axes axes, int rank, int64_t d, int64_t h, int64_t w) {
    int64_t out[LIDO_MAX_AXES];
    assert_ok(lido_axes_expand(&axes, rank, 9, "kernel", out, &error));
    ck_assert_int_eq(out[0], d);
    ck_assert_int_eq(out[1], h);
    ck_assert_int_eq(out[2], w);
}

START_TEST(axes_expand) {
    assert_expands((lido_axes){1, {5}}, 1, 9, 9, 5);
    assert_expands((lido_axes){1, {5}}, 2, 9, 5, 5);
    assert_expands((lido_axes){1, {5}}, 3, 5, 5, 5);
    assert_expands((lido_axes){2, {5, 6}}, 2, 9, 5, 6);
    assert_expands((lido_axes){3, {5, 6, 7}}, 3, 5, 6, 7);
}
END_TEST

START_TEST(axes_that_do_not_fit) {
    int64_t out[LIDO_MAX_AXES];
    assert_fails(lido_axes_expand(&(lido_axes){2, {5, 6}}, 3, 1, "kernel", out, &error), LIDO_SPEC,
                 "\"kernel\" has 2 numbers, but the input has 3 spatial axes, allowed: one number "
                 "or one per axis");
    assert_fails(lido_axes_expand(&(lido_axes){3, {5, 6, 7}}, 1, 1, "stride", out, &error),
                 LIDO_SPEC, "\"stride\" has 3 numbers, but the input has 1 spatial axis,");
    assert_fails(lido_axes_expand(&(lido_axes){0}, 2, 1, "kernel", out, &error), LIDO_SPEC,
                 "\"kernel\" has 0 numbers");
}
END_TEST

LIDO_TEST_MAIN("options", what_is_not_written_gets_its_default, what_is_written_counts,
               given_says_what_was_written, a_full_table_has_a_bit_for_each_option, defaults_alone,
               unknown_keys, wrong_values, misspelt_choices, missing_options_and_objects,
               nested_objects_say_where_they_are, long_values_are_cut,
               a_wrong_default_is_the_tables_error, the_error_may_be_null,
               writing_leaves_out_what_is_absent, what_was_written_reads_the_same,
               the_schema_follows_the_table, descriptions_are_cut_to_fit, axes_expand,
               axes_that_do_not_fit)
