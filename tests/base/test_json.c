/* Tests of json.c: documents read, refused, looked into, built and printed. The grammar itself is
 * tested in test_json_check.c. */
#define _GNU_SOURCE
#include "lido_check.h"

#include "base/file.h"
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <unistd.h>

static lido_error error;

static const char sample[] =
    "{ \"name\": \"k\\u00e9ras \\\"m\\\"\", \"input\": [28, 28, 1],\n"
    "  \"define\": { \"pool\": {\"type\": \"max_pool\", \"kernel\": 2, \"ceil\": false} },\n"
    "  \"layers\": [ {\"type\": \"conv\", \"lr\": -1.5e-3}, {\"use\": \"pool\"}, null, true ] }";

static lido_json *parse(const char *text) {
    lido_json *json;
    assert_ok(lido_json_parse(text, strlen(text), "m.json", &json, &error));
    return json;
}

static void assert_refused(const char *text, const char *message) {
    lido_json *json = (lido_json *)&error;
    ck_assert_int_eq(lido_json_parse(text, strlen(text), "m.json", &json, &error), LIDO_SPEC);
    ck_assert_ptr_null(json);
    ck_assert_str_eq(error.message, message);
}

/* Prints, compares and frees both. */
static void assert_prints(lido_json *json, const char *expected) {
    char *text = lido_json_print(json, false);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, expected);
    free(text);
    lido_json_free(json);
}

/* ---- reading ------------------------------------------------------------------------------- */

START_TEST(finds_what_is_written) {
    lido_json *json = parse(sample);
    ck_assert_str_eq(lido_json_string(lido_json_get(json, "name")), "k\u00e9ras \"m\"");
    const lido_json *input = lido_json_get(json, "input"), *layers = lido_json_get(json, "layers");
    ck_assert_int_eq(lido_json_count(input), 3);
    ck_assert_double_eq(lido_json_number(lido_json_first(input)), 28);
    const lido_json *conv = lido_json_first(layers);
    ck_assert_double_eq(lido_json_number(lido_json_get(conv, "lr")), -1.5e-3);
    const lido_json *use = lido_json_next(conv), *null = lido_json_next(use);
    ck_assert_str_eq(lido_json_key(lido_json_first(use)), "use");
    ck_assert_int_eq(lido_json_kind_of(null), LIDO_JSON_NULL);
    ck_assert(lido_json_bool(lido_json_next(null)));
    ck_assert_ptr_null(lido_json_next(lido_json_next(null)));
    lido_json_free(json);
}
END_TEST

START_TEST(look_ups_mind_the_case) {
    lido_json *json = parse("{\"Kernel\":1,\"kernel\":2,\"KERNEL\":3}");
    ck_assert_double_eq(lido_json_number(lido_json_get(json, "kernel")), 2);
    ck_assert_double_eq(lido_json_number(lido_json_member(json, "KERNEL")), 3);
    ck_assert_ptr_null(lido_json_get(json, "kerneL"));
    ck_assert_ptr_null(lido_json_get(json, "kern"));
    lido_json_free(json);
}
END_TEST

START_TEST(integers_are_exact_or_none) {
    static const struct {
        const char *text;
        bool integral;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-7", true, -7},
        {"3000000000", true, 3000000000},
        {"9007199254740992", true, 9007199254740992},
        {"-9007199254740992", true, -9007199254740992},
        {"1e3", true, 1000},
        {"2.0", true, 2},
        {"9007199254740994", false, 0},
        {"1e300", false, 0},
        {"-1e300", false, 0},
        {"2.5", false, 0},
        {"\"2\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_json *json = parse(cases[i].text);
        int64_t value = 0;
        ck_assert_int_eq(lido_json_integer(json, &value), cases[i].integral);
        ck_assert_int_eq(value, cases[i].value);
        lido_json_free(json);
    }
}
END_TEST

START_TEST(kinds_have_texts) {
    static const struct {
        const char *text, *kind;
    } cases[] = {{"null", "null"},   {"true", "true or false"}, {"false", "true or false"},
                 {"1", "a number"},  {"\"\"", "a string"},      {"[]", "an array"},
                 {"{}", "an object"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_json *json = parse(cases[i].text);
        ck_assert_str_eq(lido_json_kind_text(json), cases[i].kind);
        lido_json_free(json);
    }
}
END_TEST

START_TEST(looking_at_the_wrong_kind_finds_nothing) {
    int64_t value;
    lido_json *number = parse("1");
    ck_assert_ptr_null(lido_json_string(number));
    ck_assert_ptr_null(lido_json_key(number));
    ck_assert_ptr_null(lido_json_first(number));
    ck_assert_ptr_null(lido_json_get(number, "a"));
    ck_assert_int_eq(lido_json_count(number), 0);
    ck_assert(!lido_json_bool(number));
    lido_json_free(number);
    ck_assert_int_eq(lido_json_kind_of(NULL), LIDO_JSON_NULL);
    ck_assert_ptr_null(lido_json_string(NULL));
    ck_assert_ptr_null(lido_json_key(NULL));
    ck_assert_ptr_null(lido_json_first(NULL));
    ck_assert_ptr_null(lido_json_next(NULL));
    ck_assert_ptr_null(lido_json_get(NULL, "a"));
    ck_assert_int_eq(lido_json_count(NULL), 0);
    ck_assert(isnan(lido_json_number(NULL)));
    ck_assert(!lido_json_integer(NULL, &value));
    lido_json_free(NULL);
}
END_TEST

START_TEST(refuses_what_the_grammar_cannot_see) {
    assert_refused("{\"a\":1,\"b\":2,\"a\":3}", "m.json: a: duplicate key");
    assert_refused("{\"layers\":[0,0,0,{\"kernel\":1,\"kernel\":1}]}",
                   "m.json: layers[3].kernel: duplicate key");
    assert_refused("{\"a\":1,\"\\u0061\":1}", "m.json: a: duplicate key");
    assert_refused("{\"\\n\\u001b[2J\":1,\"\\n\\u001b[2J\":1}", "m.json: ??[2J: duplicate key");
    assert_refused("1e999", "m.json: a number beyond the range of a double");
    assert_refused("{\"train\":{\"lr\":[[-1e999]]}}",
                   "m.json: train.lr[0][0]: a number beyond the range of a double");
    assert_refused("[1 2]", "m.json:1:4: expected ',' or ']', found '2'");
    lido_json_free(parse("[{\"a\":1},{\"a\":1,\"A\":2}]"));
}
END_TEST

START_TEST(long_paths_are_cut) {
    char text[5000] = "", key[101];
    memset(key, 'k', 100);
    key[100] = '\0';
    for (int i = 0; i < 30; i++) sprintf(text + strlen(text), "{\"%s\":", key);
    strcat(text, "1e999");
    for (int i = 0; i < 30; i++) strcat(text, "}");
    lido_json *json;
    assert_fails(lido_json_parse(text, strlen(text), "m", &json, &error), LIDO_SPEC,
                 ": a number beyond");
}
END_TEST

START_TEST(many_keys_are_checked_quickly) {
    enum { KEYS = 200000 };
    char *text = malloc(KEYS * 12 + 20), *end = text;
    *end++ = '{';
    for (int i = 0; i < KEYS; i++) end += sprintf(end, "\"%d\":0,", i);
    end += sprintf(end, "\"777\":0}");
    lido_json *json;
    assert_fails(lido_json_parse(text, (size_t)(end - text), "m", &json, &error), LIDO_SPEC,
                 "m: 777: duplicate key");
    free(text);
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over) {
    assert_prints(parse("\xEF\xBB\xBF[1]"), "[1]");
    assert_prints(parse("\xEF\xBB\xBF"
                        "7"),
                  "7");
    assert_refused("\xEF\xBB\xBF", "m.json:1:1: expected a value, found the end of the text");
}
END_TEST

START_TEST(reads_files) {
    char path[] = "/tmp/lido-test-json-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    lido_json *json;
    assert_ok(lido_file_write(path, "{\"a\": 1}", 8, &error));
    assert_ok(lido_json_read(path, &json, &error));
    assert_prints(json, "{\"a\":1}");
    assert_ok(lido_file_write(path, "{\n\"a\": }", 8, &error));
    assert_fails(lido_json_read(path, &json, &error), LIDO_SPEC, ":2:6: expected a value");
    ck_assert_int_eq(strncmp(error.message, path, strlen(path)), 0);
    ck_assert_ptr_null(json);
    ck_assert_int_eq(truncate(path, (16 << 20) + 1), 0);
    assert_fails(lido_json_read(path, &json, &error), LIDO_TOO_LARGE, "16777216 bytes");
    unlink(path);
    assert_fails(lido_json_read(path, &json, &error), LIDO_NOT_FOUND, "cannot open");
    ck_assert_ptr_null(json);
}
END_TEST

/* ---- hostile text -------------------------------------------------------------------------- */

/* From an allocation of exactly its size, so that a sanitizer sees a byte read too many. */
static lido_status parse_tight(const char *text, size_t size) {
    char *tight = malloc(size ? size : 1);
    memcpy(tight, text, size);
    lido_json *json;
    lido_status status = lido_json_parse(tight, size, "m", &json, &error);
    free(tight);
    ck_assert_int_eq(status == LIDO_OK, json != NULL);
    ck_assert_msg(status == LIDO_OK || status == LIDO_SPEC, "%s", error.message);
    lido_json_free(json);
    return status;
}

START_TEST(every_truncation_is_refused) {
    size_t size = strlen(sample);
    for (size_t length = 0; length < size; length++)
        ck_assert_int_eq(parse_tight(sample, length), LIDO_SPEC);
    ck_assert_int_eq(parse_tight(sample, size), LIDO_OK);
}
END_TEST

/* Whatever is accepted prints as something that is accepted and prints the same. */
START_TEST(flipped_bytes_never_crash) {
    int accepted = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        char text[sizeof sample];
        size_t size = sizeof sample - 1;
        memcpy(text, sample, size);
        lido_key key = lido_key_make(seed, "flip", 0);
        uint64_t flips = 1 + lido_random_below(key, 0, 0, 4);
        for (uint64_t i = 1; i <= flips; i++) {
            uint64_t bit = lido_random_below(key, 1, i, size * 8);
            text[bit / 8] ^= (char)(1 << bit % 8);
        }
        if (parse_tight(text, size) != LIDO_OK) continue;
        accepted++;
        lido_json *first, *second;
        assert_ok(lido_json_parse(text, size, "m", &first, &error));
        char *once = lido_json_print(first, true);
        assert_ok(lido_json_parse(once, strlen(once), "m", &second, &error));
        char *twice = lido_json_print(second, true);
        ck_assert_str_eq(once, twice);
        free(once);
        free(twice);
        lido_json_free(first);
        lido_json_free(second);
    }
    ck_assert_int_gt(accepted, 100);
    ck_assert_int_lt(accepted, 1900);
}
END_TEST

/* ---- building and printing ----------------------------------------------------------------- */

START_TEST(builds_documents) {
    lido_json *json = lido_json_object(), *list = lido_json_array();
    lido_json_add_number(json, "n", 2.5);
    lido_json_add_string(json, "s", "a\n\"b\"");
    lido_json_add_bool(json, "yes", true);
    lido_json_add(json, "no", lido_json_from_bool(false));
    lido_json_append(list, lido_json_from_number(1));
    lido_json_append(list, lido_json_from_string("x"));
    lido_json_add(json, "list", list);
    lido_json_add(json, "copy", lido_json_copy(list));
    lido_json_append(lido_json_member(json, "copy"), lido_json_object());
    assert_prints(json, "{\"n\":2.5,\"s\":\"a\\n\\\"b\\\"\",\"yes\":true,\"no\":false,"
                        "\"list\":[1,\"x\"],\"copy\":[1,\"x\",{}]}");
}
END_TEST

START_TEST(printing_leaves_the_document_as_it_is) {
    lido_json *json = parse(sample);
    char *first = lido_json_print(json, true), *second = lido_json_print(json, true);
    ck_assert_str_eq(first, second);
    ck_assert_ptr_nonnull(strchr(first, '\n'));
    ck_assert_double_eq(lido_json_number(lido_json_first(lido_json_get(json, "input"))), 28);
    lido_json *again = parse(first);
    char *third = lido_json_print(again, false);
    ck_assert_ptr_null(strchr(third, '\n'));
    free(first);
    free(second);
    free(third);
    lido_json_free(again);
    lido_json_free(json);
}
END_TEST

START_TEST(printed_numbers_read_back_the_same) {
    static const double special[] = {
        0.1,  0.1 + 0.2,          1.0 / 3, DBL_MAX,     DBL_MIN,         4.9e-324,
        -0.0, 9007199254740991.0, 1e22,    DBL_EPSILON, 1 + DBL_EPSILON, 123456789012345680.0};
    size_t specials = sizeof special / sizeof *special;
    for (size_t i = 0; i < specials + 2000; i++) {
        double value = i < specials ? special[i] : 0;
        if (i >= specials) {
            uint32_t word[4];
            lido_random(lido_key_make(1, "bits", i), 0, 0, word);
            memcpy(&value, word, sizeof value);
            if (!isfinite(value)) continue;
        }
        lido_json *json = lido_json_from_number(value);
        char *text = lido_json_print(json, false);
        lido_json *again = parse(text);
        double read = lido_json_number(again);
        ck_assert_mem_eq(&read, &value, sizeof value);
        free(text);
        lido_json_free(json);
        lido_json_free(again);
    }
}
END_TEST

START_TEST(numbers_are_as_short_as_they_can_be) {
    lido_json *json = lido_json_array();
    const double values[] = {0.1, 0.30000000000000004, 64, -1e-7, 9007199254740992};
    for (size_t i = 0; i < 5; i++) lido_json_append(json, lido_json_from_number(values[i]));
    assert_prints(json, "[0.1,0.30000000000000004,64,-1e-07,9007199254740992]");
}
END_TEST

START_TEST(numbers_that_are_not_finite_become_null) {
    lido_json *json = lido_json_object();
    lido_json_add_number(json, "nan", NAN);
    lido_json_add_number(json, "inf", -INFINITY);
    assert_prints(json, "{\"nan\":null,\"inf\":null}");
}
END_TEST

/* What memory that ran out looks like to the builder: a NULL somewhere. */
START_TEST(a_lost_part_is_not_printed_as_if_whole) {
    ck_assert_ptr_null(lido_json_print(NULL, false));
    lido_json_add(NULL, "a", lido_json_from_number(1));
    lido_json_append(NULL, lido_json_from_number(1));
    lido_json_add_string(NULL, "a", "b");
    lido_json *outer = lido_json_object(), *inner = lido_json_array();
    lido_json_add(outer, "list", inner);
    lido_json_append(inner, lido_json_from_number(1));
    lido_json_append(inner, NULL);
    lido_json_append(inner, lido_json_from_number(2));
    ck_assert_ptr_null(lido_json_print(outer, false));
    ck_assert_ptr_null(lido_json_print(outer, true));
    lido_json_free(outer);
    outer = lido_json_object();
    lido_json_add(outer, "a", NULL);
    ck_assert_ptr_null(lido_json_print(outer, false));
    lido_json_free(outer);
    ck_assert_ptr_null(lido_json_copy(NULL));
    ck_assert_ptr_null(lido_json_from_string(NULL));
}
END_TEST

LIDO_TEST_MAIN("json", finds_what_is_written, look_ups_mind_the_case, integers_are_exact_or_none,
               kinds_have_texts, looking_at_the_wrong_kind_finds_nothing,
               refuses_what_the_grammar_cannot_see, long_paths_are_cut,
               many_keys_are_checked_quickly, a_byte_order_mark_is_passed_over, reads_files,
               every_truncation_is_refused, flipped_bytes_never_crash, builds_documents,
               printing_leaves_the_document_as_it_is, printed_numbers_read_back_the_same,
               numbers_are_as_short_as_they_can_be, numbers_that_are_not_finite_become_null,
               a_lost_part_is_not_printed_as_if_whole)
