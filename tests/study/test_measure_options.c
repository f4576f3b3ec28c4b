#include "study/measure_options.h"

#include "lido_check.h"

static lido_status read_text(const char *text, lido_measure_options *options, lido_error *error) {
    lido_json *json;
    lido_status status = lido_json_parse(text, strlen(text), "test", &json, error);
    ck_assert_int_eq(status, LIDO_OK);
    status = lido_measure_options_read(json, "s.json: \"measures\"", options, error);
    lido_json_free(json);
    return status;
}

static lido_measure_options options_of(const char *text) {
    lido_measure_options options;
    lido_error error;
    assert_ok(read_text(text, &options, &error));
    return options;
}

START_TEST(nothing_is_asked_for_by_default) {
    lido_measure_options options, zero = {0};
    lido_error error;
    assert_ok(lido_measure_options_read(NULL, "x", &options, &error));
    ck_assert_mem_eq(&options, &zero, sizeof zero);
    options = options_of("{}");
    ck_assert(options.shift.pixels == 0 && !options.pooling && options.rotation.count == 0);
}
END_TEST

START_TEST(everything_is_read) {
    lido_measure_options o = options_of(
        "{\"shift\": {\"pixels\": 4, \"images\": 1000, \"fills\": [\"edge\", \"zero\"]},"
        "\"images\": 500, \"rotation\": [-15, 30], \"scale\": [0.8], \"noise\": [0, 0.1, 0.2],"
        "\"blur\": [1.5], \"passes\": [1, 12], \"accuracies\": [0.95, 1], \"pooling\": true}");
    ck_assert(o.shift.pixels == 4 && o.shift.images == 1000 && o.shift.fills == 2);
    ck_assert(o.shift.fill[0] == LIDO_FILL_EDGE && o.shift.fill[1] == LIDO_FILL_ZERO);
    ck_assert(o.images == 500 && o.pooling);
    ck_assert(o.rotation.count == 2 && o.rotation.at[0] == -15 && o.rotation.at[1] == 30);
    ck_assert(o.scale.count == 1 && o.scale.at[0] == 0.8);
    ck_assert(o.noise.count == 3 && o.noise.at[2] == 0.2);
    ck_assert(o.blur.count == 1 && o.blur.at[0] == 1.5);
    ck_assert(o.passes.count == 2 && o.passes.at[1] == 12);
    ck_assert(o.accuracies.count == 2 && o.accuracies.at[0] == 0.95);
    o = options_of("{\"shift\": {\"pixels\": 2}}");
    ck_assert(o.shift.images == 0 && o.shift.fills == 1 && o.shift.fill[0] == LIDO_FILL_ZERO);
}
END_TEST

/* What is written reads back as the same. */
START_TEST(written_and_read_again) {
    static const char *const texts[] = {
        "{\"images\":0,\"pooling\":false}",
        "{\"shift\":{\"pixels\":4,\"images\":10,\"fills\":[\"circular\",\"zero\"]},\"images\":5,"
        "\"pooling\":true,\"rotation\":[-15,30],\"scale\":[0.8],\"noise\":[0.1],\"blur\":[2],"
        "\"passes\":[3],\"accuracies\":[0.98]}",
    };
    for (int i = 0; i < 2; i++) {
        lido_measure_options options = options_of(texts[i]);
        lido_json *json = lido_measure_options_json(&options);
        char *text = lido_json_print(json, false);
        ck_assert_str_eq(text, texts[i]);
        free(text);
        lido_json_free(json);
    }
}
END_TEST

START_TEST(mistakes_are_named) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "s.json: \"measures\": expected an object, found an array"},
        {"{\"rotations\": [1]}", "unknown key \"rotations\"; did you mean \"rotation\"?"},
        {"{\"rotation\": 15}", "s.json: \"measures\": \"rotation\" must be a list of 1 to 32 "
                               "different numbers of at least -180 and at most 180"},
        {"{\"rotation\": []}", "\"rotation\" must be"},
        {"{\"rotation\": [1, 1]}", "\"rotation\" must be"},
        {"{\"rotation\": [\"a\"]}", "\"rotation\" must be"},
        {"{\"rotation\": [181]}", "\"rotation\" must be"},
        {"{\"scale\": [0]}", "\"scale\" must be"},
        {"{\"noise\": [-0.1]}", "numbers of at least 0 and at most 10"},
        {"{\"blur\": [65]}", "\"blur\" must be"},
        {"{\"passes\": [1.5]}", "different whole numbers of at least 1"},
        {"{\"accuracies\": [0]}", "different numbers above 0 and at most 1"},
        {"{\"pooling\": 1}", "\"pooling\" is 1"},
        {"{\"images\": -1}", "\"images\" is -1"},
        {"{\"shift\": 4}", "s.json: \"measures\": \"shift\": expected an object"},
        {"{\"shift\": {}}", "\"shift\": \"pixels\" is missing"},
        {"{\"shift\": {\"pixels\": 65}}", "\"pixels\" is 65"},
        {"{\"shift\": {\"pixels\": 1, \"fill\": 2}}", "did you mean \"fills\"?"},
        {"{\"shift\": {\"pixels\": 1, \"fills\": \"zero\"}}", "\"fills\" must be a list"},
        {"{\"shift\": {\"pixels\": 1, \"fills\": []}}", "\"fills\" must be a list"},
        {"{\"shift\": {\"pixels\": 1, \"fills\": [\"zero\", \"zero\"]}}",
         "s.json: \"measures\": \"shift\": \"fills\" must be a list of different words, of: zero, "
         "edge, circular"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_measure_options options;
        lido_error error;
        assert_fails(read_text(cases[i].text, &options, &error), LIDO_SPEC, cases[i].message);
    }
}
END_TEST

LIDO_TEST_MAIN("measure_options", nothing_is_asked_for_by_default, everything_is_read,
               written_and_read_again, mistakes_are_named)
