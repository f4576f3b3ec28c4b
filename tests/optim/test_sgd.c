#include "golden.h"

START_TEST(agrees_with_pytorch) {
    golden_check("sgd", 4);
}
END_TEST

START_TEST(refuses_nesterov_without_momentum) {
    const lido_optimizer *sgd = lido_optimizer_find("sgd");
    const char text[] = "{\"nesterov\": true}";
    double config[LIDO_OPTIMIZER_CONFIG_SIZE / sizeof(double)] = {0};
    lido_json *json;
    lido_given given;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "test", &json, &error));
    assert_ok(lido_options_read(sgd->options, json, "optimizer", NULL, config, &given, &error));
    assert_fails(sgd->check(config, &error), LIDO_SPEC,
                 "\"nesterov\" is true, but \"momentum\" is 0");
    lido_json_free(json);
}
END_TEST

LIDO_TEST_MAIN("sgd", agrees_with_pytorch, refuses_nesterov_without_momentum)
