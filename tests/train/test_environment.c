#include "lido_check.h"

#include "base/json.h"
#include "train/environment.h"

START_TEST(says_what_a_run_ran_on) {
    lido_environment environment = {
        .threads = 3, .seed = 7, .data = "mnist", .training = 50, .validation = 10, .test = 20};
    char *text = lido_environment_text(&environment);
    lido_json *json;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "environment", &json, &error));
    const char *const texts[] = {"lido", "precision", "compiler", "blas", "cpu", "os", "date"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(lido_json_string(lido_json_get(json, texts[i])) != NULL, "%s", texts[i]);
    ck_assert_uint_eq(strlen(lido_json_string(lido_json_get(json, "date"))), 20);
    ck_assert_str_eq(lido_json_string(lido_json_get(json, "data")), "mnist");
    const struct {
        const char *key;
        int value;
    } numbers[] = {{"threads", 3},
                   {"seed", 7},
                   {"training_pictures", 50},
                   {"validation_pictures", 10},
                   {"test_pictures", 20}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert(lido_json_number(lido_json_get(json, numbers[i].key)) == numbers[i].value);
    ck_assert(lido_json_number(lido_json_get(json, "cores")) >= 1);
    lido_json_free(json);
    free(text);
}
END_TEST

LIDO_TEST_MAIN("environment", says_what_a_run_ran_on)
