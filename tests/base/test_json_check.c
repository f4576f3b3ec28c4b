/* Tests of json_check.c: what is JSON, what is not, where and why. */
#include "lido_check.h"

#include "base/json_check.h"

static lido_error error;

static lido_status check(const char *text) {
    return lido_json_check(text, strlen(text), "m.json", &error);
}

START_TEST(takes_what_the_standard_allows) {
    static const char *const good[] = {
        "0",
        "-0",
        "10",
        "-1.5e+30",
        "1E5",
        "0.25e-3",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u00e9\\uD83D\\uDE00\"",
        "\"\u00e9\u20ac\U0001F600\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        " \t\r\n[1 , [ ] ,{\"a\" : 1}] \n",
        "{\"a\":{\"b\":[1,2]},\"c\":0}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_ok(check(good[i]));
}
END_TEST

START_TEST(says_where_and_what) {
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "m.json:1:1: expected a value, found the end of the text"},
        {" \n ", "m.json:2:2: expected a value, found the end of the text"},
        {"{} x", "m.json:1:4: expected nothing after the value, found 'x'"},
        {"1 2", "m.json:1:3: expected nothing after the value, found '2'"},
        {"tru", "m.json:1:1: expected a value, found 't'"},
        {"[NaN]", "m.json:1:2: expected a value, found 'N'"},
        {"[Infinity]", "m.json:1:2: expected a value, found 'I'"},
        {"[1,]", "m.json:1:4: expected a value, found ']'"},
        {"[,1]", "m.json:1:2: expected a value, found ','"},
        {"[1 2]", "m.json:1:4: expected ',' or ']', found '2'"},
        {"[1", "m.json:1:3: expected ',' or ']', found the end of the text"},
        {"[", "m.json:1:2: expected a value, found the end of the text"},
        {"[1}", "m.json:1:3: expected ',' or ']', found '}'"},
        {"{\"a\":1,}", "m.json:1:8: expected a key in double quotes, found '}'"},
        {"{a:1}", "m.json:1:2: expected a key in double quotes, found 'a'"},
        {"{'a':1}", "m.json:1:2: expected a key in double quotes, found '''"},
        {"{\"a\" 1}", "m.json:1:6: expected ':', found '1'"},
        {"{\"a\":}", "m.json:1:6: expected a value, found '}'"},
        {"{\"a\":1 \"b\":2}", "m.json:1:8: expected ',' or '}', found '\"'"},
        {"{\n  \"a\": 1,\n  \"b\" 2\n}", "m.json:3:7: expected ':', found '2'"},
        {"[\"\u00e9\u20ac\" x]", "m.json:1:7: expected ',' or ']', found 'x'"},
        {"[1\001]", "m.json:1:3: expected ',' or ']', found byte 0x01"},
        {"[\xC3]", "m.json:1:2: expected a value, found byte 0xC3"},
        {"-", "m.json:1:2: expected a digit, found the end of the text"},
        {"+1", "m.json:1:1: expected a value, found '+'"},
        {".5", "m.json:1:1: expected a value, found '.'"},
        {"[1.]", "m.json:1:4: expected a digit, found ']'"},
        {"[1e]", "m.json:1:4: expected a digit, found ']'"},
        {"[1e+]", "m.json:1:5: expected a digit, found ']'"},
        {"01", "m.json:1:2: expected nothing after the value, found '1'"},
        {"\"abc", "m.json:1:1: a string that is not closed"},
        {"[\"abc\\", "m.json:1:2: a string that is not closed"},
        {"[\"abc\\\"]", "m.json:1:2: a string that is not closed"},
        {"\"a\nb\"", "m.json:1:3: a control character in a string; write it as an escape"},
        {"\"\\x\"", "m.json:1:2: not a known \\ escape"},
        {"\"\\u12G4\"", "m.json:1:2: \\u takes four hexadecimal digits"},
        {"\"\\u12", "m.json:1:2: \\u takes four hexadecimal digits"},
        {"\"a\\u0000\"", "m.json:1:3: a NUL character in a string"},
        {"\"\\uD800\"", "m.json:1:2: half a surrogate pair"},
        {"\"\\uD800\\u0041\"", "m.json:1:2: half a surrogate pair"},
        {"\"\\uDC00\"", "m.json:1:2: half a surrogate pair"},
        {"\"\xC3\"", "m.json:1:2: not UTF-8"},
        {"\"\xC3", "m.json:1:2: not UTF-8"},
        {"\"\x80\"", "m.json:1:2: not UTF-8"},
        {"\"\xC0\xAF\"", "m.json:1:2: not UTF-8"},
        {"\"\xE0\x80\xAF\"", "m.json:1:2: not UTF-8"},
        {"\"\xED\xA0\x80\"", "m.json:1:2: not UTF-8"},
        {"\"\xF4\x90\x80\x80\"", "m.json:1:2: not UTF-8"},
        {"\"\xF8\x88\x80\x80\x80\"", "m.json:1:2: not UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(check(bad[i].text) == LIDO_SPEC, "accepted: %s", bad[i].text);
        ck_assert_str_eq(error.message, bad[i].message);
    }
}
END_TEST

START_TEST(nul_bytes_are_not_white_space) {
    ck_assert_int_eq(lido_json_check("{}\0", 3, "m", &error), LIDO_SPEC);
    ck_assert_str_eq(error.message, "m:1:3: expected nothing after the value, found byte 0x00");
    ck_assert_int_eq(lido_json_check("[\0]", 3, "m", &error), LIDO_SPEC);
    ck_assert_int_eq(lido_json_check("\"\0\"", 3, "m", &error), LIDO_SPEC);
    ck_assert_int_eq(lido_json_check("\"\\\0\"", 4, "m", &error), LIDO_SPEC);
    ck_assert_str_eq(error.message, "m:1:2: not a known \\ escape");
}
END_TEST

START_TEST(nesting_is_limited) {
    enum { DEEP = 100000 };
    static char text[2 * DEEP];
    memset(text, '[', LIDO_JSON_DEPTH);
    memset(text + LIDO_JSON_DEPTH, ']', LIDO_JSON_DEPTH);
    assert_ok(lido_json_check(text, 2 * LIDO_JSON_DEPTH, "m", &error));
    memset(text, '[', DEEP);
    memset(text + DEEP, ']', DEEP);
    assert_fails(lido_json_check(text, sizeof text, "m", &error), LIDO_SPEC,
                 "m:1:65: nested more than 64 levels deep");
    for (size_t i = 0; i + 5 < DEEP; i += 5) memcpy(text + i, "{\"a\":", 5);
    assert_fails(lido_json_check(text, DEEP, "m", &error), LIDO_SPEC,
                 "m:1:321: nested more than 64 levels deep");
}
END_TEST

START_TEST(siblings_do_not_count_as_nesting) {
    char text[1000] = "[";
    for (int i = 0; i < 100; i++) strcat(text, "[{}],");
    strcat(text, "0]");
    assert_ok(check(text));
}
END_TEST

START_TEST(numbers_are_limited_in_length) {
    char text[LIDO_JSON_NUMBER_LENGTH + 2];
    memset(text, '1', sizeof text);
    assert_ok(lido_json_check(text, LIDO_JSON_NUMBER_LENGTH, "m", &error));
    assert_fails(lido_json_check(text, LIDO_JSON_NUMBER_LENGTH + 1, "m", &error), LIDO_SPEC,
                 "m:1:1: a number of more than 63 characters");
}
END_TEST

LIDO_TEST_MAIN("json_check", takes_what_the_standard_allows, says_where_and_what,
               nul_bytes_are_not_white_space, nesting_is_limited, siblings_do_not_count_as_nesting,
               numbers_are_limited_in_length)
