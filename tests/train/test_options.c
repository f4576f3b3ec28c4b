#include "run_helpers.h"

START_TEST(defaults_are_filled) {
    lido_spec *spec = spec_of("{\"input\": [4], \"layers\": [{\"type\": \"softmax\"}]}");
    lido_train_options options = options_of(spec);
    ck_assert_str_eq(options.data, "");
    ck_assert_int_eq(options.batch, 64);
    ck_assert_int_eq(options.epochs, 5);
    ck_assert_int_eq(options.seed, 1);
    ck_assert_int_eq(options.loss, LIDO_LOSS_CROSS_ENTROPY);
    ck_assert(options.normalize);
    ck_assert_str_eq(options.optimizer->name, "adam");
    ck_assert(options.optimizer_config[0] == 0.001);
    ck_assert_str_eq(options.schedule.type->name, "constant");
    ck_assert(!options.augmented);
    lido_spec_free(spec);
}
END_TEST

START_TEST(everything_written_is_read) {
    lido_spec *spec = digits_spec(
        "{\"data\": \"synthetic\", \"batch\": 8, \"epochs\": 2, \"seed\": 9007199254740992,"
        "\"optimizer\": {\"type\": \"sgd\", \"lr\": 0.1, \"momentum\": 0.9, \"nesterov\": true,"
        "\"weight_decay\": 1e-4}, \"schedule\": {\"type\": \"step\", \"every\": 3, \"factor\": 0.5,"
        "\"warmup\": 0.1}, \"loss\": \"mse\", \"clip\": 1.5, \"validation\": 0.25, \"patience\": 4,"
        "\"limit\": 100, \"normalize\": false, \"augment\": {\"shift\": 2, \"flip\": true}}");
    lido_train_options o = options_of(spec);
    ck_assert_str_eq(o.data, "synthetic");
    ck_assert_int_eq(o.batch, 8);
    ck_assert_int_eq(o.epochs, 2);
    ck_assert(o.seed == (int64_t)1 << 53);
    ck_assert_str_eq(o.optimizer->name, "sgd");
    ck_assert(o.optimizer_config[0] == 0.1 && o.optimizer_config[1] == 1e-4);
    ck_assert_str_eq(o.schedule.type->name, "step");
    ck_assert(o.schedule.every == 3 && o.schedule.factor == 0.5 && o.schedule.warmup == 0.1);
    ck_assert_int_eq(o.loss, LIDO_LOSS_SQUARED);
    ck_assert(o.clip == 1.5 && o.validation == 0.25 && o.patience == 4 && o.limit == 100);
    ck_assert(!o.normalize && o.augmented && o.augment.shift == 2 && o.augment.flip);
    ck_assert(!o.augment.crop);
    lido_spec_free(spec);
}
END_TEST

START_TEST(a_name_stands_for_an_object) {
    lido_spec *spec = digits_spec("{\"optimizer\": \"adamw\", \"schedule\": \"cosine\"}");
    lido_train_options options = options_of(spec);
    ck_assert_str_eq(options.optimizer->name, "adamw");
    ck_assert(options.optimizer_config[1] == 0.01);
    ck_assert_str_eq(options.schedule.type->name, "cosine");
    lido_spec_free(spec);
}
END_TEST

static const struct {
    const char *train, *message;
} refused[] = {
    {"{\"epoch\": 3}", "test: train: unknown key \"epoch\"; did you mean \"epochs\"?"},
    {"{\"normalise\": true}", "did you mean \"normalize\"?"},
    {"{\"batch\": 0}", "test: train: \"batch\" is 0"},
    {"{\"epochs\": 2.5}", "\"epochs\" is 2.5"},
    {"{\"loss\": \"cross-entropy\"}", "did you mean \"cross_entropy\"?"},
    {"{\"validation\": 1}", "\"validation\" is 1"},
    {"{\"patience\": 2}", "\"patience\" watches the validation, but \"validation\" is 0"},
    {"{\"optimizer\": \"adm\"}", "test: train.optimizer: unknown optimizer \"adm\"; did you mean "
                                 "\"adam\"?"},
    {"{\"optimizer\": \"lookahead\"}", "allowed: sgd, rmsprop, adam, adamw"},
    {"{\"optimizer\": 3}", "test: train.optimizer: expected the name of a type or an object"},
    {"{\"optimizer\": {\"lr\": 1}}", "an object with \"type\"; allowed: sgd"},
    {"{\"optimizer\": {\"type\": \"sgd\", \"beta1\": 0.9}}", "unknown key \"beta1\""},
    {"{\"optimizer\": {\"type\": \"adam\", \"beta2\": 1}}",
     "test: train.optimizer: \"beta2\" is 1"},
    {"{\"optimizer\": {\"type\": \"sgd\", \"nesterov\": true}}",
     "test: train.optimizer: \"nesterov\" is true, but \"momentum\" is 0"},
    {"{\"schedule\": \"linear\"}", "allowed: constant, step, cosine, one_cycle"},
    {"{\"schedule\": {\"type\": \"cosine\", \"factor\": 0.1}}",
     "test: train.schedule: unknown key \"factor\""},
    {"{\"schedule\": {\"type\": \"one_cycle\", \"warmup\": 0.1}}", "unknown key \"warmup\""},
    {"{\"augment\": {\"rotate\": 3}}", "test: train.augment: unknown key \"rotate\""},
    {"{\"augment\": true}", "test: train.augment: expected an object"},
};

START_TEST(mistakes_are_named) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        lido_spec *spec = digits_spec(refused[i].train);
        lido_train_options options;
        lido_error error;
        assert_fails(lido_train_options_read(spec, &options, &error), LIDO_SPEC,
                     refused[i].message);
        lido_spec_free(spec);
    }
}
END_TEST

START_TEST(resolved_reads_back_the_same) {
    static const char *const trains[] = {
        "{}",
        "{\"data\": \"synthetic\", \"optimizer\": {\"type\": \"rmsprop\", \"rho\": 0.95}, "
        "\"schedule\": {\"type\": \"one_cycle\", \"rise\": 0.2}, \"augment\": {\"crop\": true}}",
        "{\"schedule\": {\"type\": \"cosine\", \"final\": 0.1}, \"validation\": 0.1, "
        "\"patience\": 3, \"seed\": 7}",
    };
    for (int i = 0; i < 3; i++) {
        lido_spec *spec = digits_spec(trains[i]);
        lido_train_options options = options_of(spec);
        char *text = lido_train_resolved(spec, &options);
        ck_assert_ptr_nonnull(text);
        lido_spec *again = spec_of(text);
        lido_train_options same = options_of(again);
        char *text_again = lido_train_resolved(again, &same);
        ck_assert_str_eq(text, text_again);
        ck_assert_ptr_eq(options.optimizer, same.optimizer);
        ck_assert_mem_eq(options.optimizer_config, same.optimizer_config,
                         sizeof same.optimizer_config);
        free(text);
        free(text_again);
        lido_spec_free(spec);
        lido_spec_free(again);
    }
}
END_TEST

LIDO_TEST_MAIN("train options", defaults_are_filled, everything_written_is_read,
               a_name_stands_for_an_object, mistakes_are_named, resolved_reads_back_the_same)
