/* Tests of option_kinds.c: for each kind, what it takes, what it refuses, what it writes back, how
 * it describes itself and its JSON Schema. */
#include "lido_check.h"

#include "base/option_kinds.h"
#include "base/options.h"

#include <math.h>
#include <stdio.h>

static lido_error error;

static const char *const modes[] = {"max", "average", NULL};

/* Large enough for the field of any kind. */
typedef union field {
    int64_t integer;
    double real;
    bool boolean;
    int choice;
    lido_axes axes;
    lido_padding padding;
    lido_list list;
    char text[LIDO_TEXT_SIZE];
} field;

static bool read_text(const lido_option *option, const char *text, field *out) {
    lido_json *json;
    assert_ok(lido_json_parse(text, strlen(text), "value", &json, &error));
    memset(out, 0, sizeof *out);
    bool accepted = lido_kind_of(option)->read(option, json, out);
    lido_json_free(json);
    return accepted;
}

/* Each of the values (ended by NULL) is read, and written back as itself; a value "a => b" is
 * written back as b. */
static void assert_takes(lido_option option, const char *const *values) {
    for (; *values; values++) {
        char text[300];
        snprintf(text, sizeof text, "%s", *values);
        char *arrow = strstr(text, " => "), *expected = arrow ? arrow + 4 : text;
        if (arrow) *arrow = '\0';
        field out;
        ck_assert_msg(read_text(&option, text, &out), "refused %s", text);
        lido_json *json = lido_kind_of(&option)->write(&option, &out);
        char *written = lido_json_print(json, false);
        ck_assert_str_eq(written, expected);
        free(written);
        lido_json_free(json);
    }
}

static void assert_refuses(lido_option option, const char *const *values) {
    for (; *values; values++) {
        field out;
        ck_assert_msg(!read_text(&option, *values, &out), "accepted %s", *values);
    }
}

static void assert_described(lido_option option, const char *accepts, const char *schema) {
    char text[256];
    ck_assert_str_eq(lido_option_accepts(&option, text, sizeof text), accepts);
    lido_json *json = lido_kind_of(&option)->schema(&option);
    char *printed = lido_json_print(json, false);
    ck_assert_str_eq(printed, schema);
    free(printed);
    lido_json_free(json);
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(int_kind) {
    lido_option any = {.kind = LIDO_OPTION_INT};
    lido_option some = {.kind = LIDO_OPTION_INT, .min = 1, .max = 64};
    assert_takes(
        any, VALUES("0", "-5", "1e3 => 1000", "2.0 => 2", "9007199254740992", "-9007199254740992"));
    assert_refuses(
        any, VALUES("1.5", "9007199254740994", "-1e300", "\"1\"", "true", "null", "[1]", "{}"));
    assert_takes(some, VALUES("1", "64"));
    assert_refuses(some, VALUES("0", "65", "-1"));
    assert_described(any, "an integer", "{\"type\":\"integer\"}");
    assert_described(some, "an integer in 1..64",
                     "{\"type\":\"integer\",\"minimum\":1,\"maximum\":64}");
}
END_TEST

START_TEST(bounds_may_be_open) {
    lido_option least = {.kind = LIDO_OPTION_INT, .min = 1};
    lido_option natural = {.kind = LIDO_OPTION_INT, .max = INFINITY};
    lido_option most = {.kind = LIDO_OPTION_INT, .min = -INFINITY, .max = 3};
    lido_option negative = {.kind = LIDO_OPTION_INT, .min = -2};
    assert_takes(least, VALUES("1", "1000000"));
    assert_refuses(least, VALUES("0"));
    assert_described(least, "an integer >= 1", "{\"type\":\"integer\",\"minimum\":1}");
    assert_takes(natural, VALUES("0", "1000000"));
    assert_refuses(natural, VALUES("-1"));
    assert_described(natural, "an integer >= 0", "{\"type\":\"integer\",\"minimum\":0}");
    assert_takes(most, VALUES("-1000000", "3"));
    assert_refuses(most, VALUES("4"));
    assert_described(most, "an integer <= 3", "{\"type\":\"integer\",\"maximum\":3}");
    assert_takes(negative, VALUES("-2", "0"));
    assert_refuses(negative, VALUES("1", "-3"));
    assert_described(negative, "an integer in -2..0",
                     "{\"type\":\"integer\",\"minimum\":-2,\"maximum\":0}");
}
END_TEST

START_TEST(real_kind) {
    lido_option any = {.kind = LIDO_OPTION_REAL};
    lido_option some = {.kind = LIDO_OPTION_REAL, .max = 1};
    assert_takes(any, VALUES("0", "0.1", "-1e+300", "0.30000000000000004"));
    assert_refuses(any, VALUES("\"1\"", "true", "null", "[1]"));
    assert_takes(some, VALUES("0", "0.5", "1"));
    assert_refuses(some, VALUES("-1e-300", "1.0000000000000002"));
    assert_described(any, "a number", "{\"type\":\"number\"}");
    assert_described(some, "a number in 0..1", "{\"type\":\"number\",\"minimum\":0,\"maximum\":1}");
}
END_TEST

START_TEST(bool_kind) {
    lido_option option = {.kind = LIDO_OPTION_BOOL};
    assert_takes(option, VALUES("true", "false"));
    assert_refuses(option, VALUES("0", "1", "\"true\"", "null", "[]"));
    assert_described(option, "true or false", "{\"type\":\"boolean\"}");
}
END_TEST

START_TEST(flag_kind) {
    lido_option option = {.kind = LIDO_OPTION_FLAG};
    assert_takes(option, VALUES("true", "false"));
    assert_refuses(option, VALUES("0", "1", "\"true\"", "null", "[]"));
    assert_described(option, "true or false", "{\"type\":\"boolean\"}");
}
END_TEST

START_TEST(choice_kind) {
    lido_option option = {.kind = LIDO_OPTION_CHOICE, .choices = modes};
    assert_takes(option, VALUES("\"max\"", "\"average\""));
    assert_refuses(option, VALUES("\"Max\"", "\"ma\"", "\"\"", "0", "null", "[\"max\"]"));
    assert_described(option, "one of max, average", "{\"enum\":[\"max\",\"average\"]}");
}
END_TEST

START_TEST(axes_kind) {
    lido_option option = {.kind = LIDO_OPTION_AXES, .min = 1};
    assert_takes(option, VALUES("3", "[3] => 3", "[3,2]", "[1,2,3]"));
    assert_refuses(option, VALUES("0", "[0]", "[1,0]", "[]", "[1,2,3,4]", "[1.5]", "[null]",
                                  "[[1]]", "\"3\"", "{}", "{\"a\":1}", "null"));
    assert_described(option, "an integer >= 1 or [one per axis]",
                     "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},{\"type\":\"array\","
                     "\"items\":{\"type\":\"integer\",\"minimum\":1},\"minItems\":1,"
                     "\"maxItems\":3}]}");
    field out;
    ck_assert(read_text(&option, "[5]", &out));
    ck_assert_int_eq(out.axes.count, 1);
    ck_assert_int_eq(out.axes.at[0], 5);
    ck_assert(read_text(&option, "[5,6,7]", &out));
    ck_assert_int_eq(out.axes.count, 3);
    ck_assert_int_eq(out.axes.at[2], 7);
}
END_TEST

START_TEST(sizes_kind) {
    lido_option any = {.kind = LIDO_OPTION_SIZES};
    lido_option some = {.kind = LIDO_OPTION_SIZES, .max = 9};
    assert_takes(any, VALUES("7", "[7] => 7", "[null]", "[null,7]", "[7,null,3]"));
    assert_refuses(any, VALUES("0", "-1", "[0]", "[null,0]", "[]", "[1,2,3,4]", "null", "\"7\"",
                               "[1.5]", "[true]", "{\"a\":1}"));
    assert_refuses(some, VALUES("0", "10", "[null,10]"));
    assert_takes(some, VALUES("9"));
    assert_described(any, "an integer >= 1 or [one or null per axis]",
                     "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},{\"type\":\"array\","
                     "\"items\":{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},"
                     "{\"type\":\"null\"}]},\"minItems\":1,\"maxItems\":3}]}");
    field out;
    ck_assert(read_text(&any, "[null,7]", &out));
    ck_assert_int_eq(out.axes.count, 2);
    ck_assert_int_eq(out.axes.at[0], 0);
    ck_assert_int_eq(out.axes.at[1], 7);
}
END_TEST

START_TEST(padding_kind) {
    lido_option option = {.kind = LIDO_OPTION_PADDING};
    lido_option small = {.kind = LIDO_OPTION_PADDING, .max = 2};
    assert_takes(option, VALUES("\"valid\"", "\"same\"", "0", "2", "[2] => 2", "[[2,2]] => 2",
                                "[[0,1]]", "[1,2] => [[1,1],[2,2]]", "[[0,1],[2,3],[4,5]]"));
    assert_refuses(option, VALUES("-1", "[-1]", "[[0,-1]]", "[[-1,0]]", "\"full\"", "\"\"", "[]",
                                  "[[]]", "[[1]]", "[[1,2,3]]", "[1,[1,2]]", "[[1,2],1]",
                                  "[1,2,3,4]", "[[1,2],[1,2],[1,2],[1,2]]", "1.5", "null", "true",
                                  "{}", "[\"same\"]", "{\"a\":[1,2]}"));
    assert_refuses(small, VALUES("3", "[[0,3]]", "-1"));
    assert_takes(small, VALUES("2"));
    assert_described(option,
                     "\"valid\", \"same\", an integer >= 0, [one per axis] or [[before, after] per "
                     "axis]",
                     "{\"anyOf\":[{\"enum\":[\"valid\",\"same\"]},{\"type\":\"integer\","
                     "\"minimum\":0},{\"type\":\"array\",\"items\":{\"type\":\"integer\","
                     "\"minimum\":0},\"minItems\":1,\"maxItems\":3},{\"type\":\"array\",\"items\":"
                     "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0},"
                     "\"minItems\":2,\"maxItems\":2},\"minItems\":1,\"maxItems\":3}]}");
    field out;
    ck_assert(read_text(&option, "[1,2]", &out));
    ck_assert_int_eq(out.padding.mode, LIDO_EXPLICIT);
    ck_assert_int_eq(out.padding.count, 2);
    ck_assert(out.padding.before[1] == 2 && out.padding.after[1] == 2);
    ck_assert(read_text(&option, "[[3,4]]", &out));
    ck_assert_int_eq(out.padding.count, 1);
    ck_assert(out.padding.before[0] == 3 && out.padding.after[0] == 4);
}
END_TEST

START_TEST(list_kind) {
    lido_option option = {.kind = LIDO_OPTION_LIST, .min = 1, .max = 9};
    assert_takes(option, VALUES("[1]", "[1,2,4]", "[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7]"));
    assert_refuses(option, VALUES("1", "[]", "[0]", "[10]", "[1,\"2\"]", "null",
                                  "[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8]", "{\"a\":1}"));
    assert_described(option, "a list of 1 to 16, each an integer in 1..9",
                     "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":1,"
                     "\"maximum\":9},\"minItems\":1,\"maxItems\":16}");
}
END_TEST

START_TEST(text_kind) {
    lido_option option = {.kind = LIDO_OPTION_TEXT};
    assert_takes(option, VALUES("\"\"", "\"mnist\"", "\"a\\nb\""));
    assert_refuses(option, VALUES("1", "null", "[\"a\"]", "true"));
    assert_described(option, "a string of at most 127 bytes",
                     "{\"type\":\"string\",\"maxLength\":127}");
    char text[LIDO_TEXT_SIZE + 3] = "\"";
    memset(text + 1, 'x', LIDO_TEXT_SIZE - 1);
    strcpy(text + LIDO_TEXT_SIZE, "\"");
    assert_takes(option, VALUES(text));
    strcpy(text + LIDO_TEXT_SIZE, "x\"");
    assert_refuses(option, VALUES(text));
}
END_TEST

START_TEST(object_kind) {
    static const lido_option inner[] = {
        {.name = "ratio", .kind = LIDO_OPTION_REAL, .offset = 8},
        {.name = "cell", .kind = LIDO_OPTION_INT, .fallback = "1", .offset = 16},
        {0},
    };
    lido_option option = {.kind = LIDO_OPTION_OBJECT, .table = inner};
    assert_described(option, "an object of ratio, cell",
                     "{\"type\":\"object\",\"properties\":{\"ratio\":{\"type\":\"number\"},"
                     "\"cell\":{\"type\":\"integer\",\"default\":1}},\"required\":[\"ratio\"],"
                     "\"additionalProperties\":false}");
}
END_TEST

START_TEST(a_cleared_field_is_absent) {
    for (int kind = LIDO_OPTION_INT; kind <= LIDO_OPTION_OBJECT; kind++) {
        lido_option option = {.kind = (lido_option_kind)kind, .choices = modes};
        const lido_kind *row = lido_kind_of(&option);
        field out;
        memset(&out, 0, sizeof out);
        if (row->clear) {
            ck_assert(!row->is_absent(&out));
            row->clear(&out);
        }
        ck_assert(row->is_absent(&out));
    }
}
END_TEST

LIDO_TEST_MAIN("option_kinds", int_kind, bounds_may_be_open, real_kind, bool_kind, flag_kind,
               choice_kind, axes_kind, sizes_kind, padding_kind, list_kind, text_kind, object_kind,
               a_cleared_field_is_absent)
