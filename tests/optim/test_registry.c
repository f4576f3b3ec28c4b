#include "lido_check.h"

#include "base/options.h"

#include <lido/optim.h>

START_TEST(names_are_found) {
    size_t count;
    const lido_optimizer *const *all = lido_optimizers(&count);
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < count; i++) ck_assert_ptr_eq(lido_optimizer_find(all[i]->name), all[i]);
    ck_assert_ptr_null(lido_optimizer_find("Adam"));
}
END_TEST

START_TEST(every_configuration_starts_with_the_common_options) {
    size_t count;
    const lido_optimizer *const *all = lido_optimizers(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(all[i]->options[0].name, "lr");
        ck_assert_uint_eq(all[i]->options[0].offset, offsetof(lido_optimizer_common, lr));
        ck_assert_str_eq(all[i]->options[1].name, "weight_decay");
        ck_assert_uint_eq(all[i]->options[1].offset, offsetof(lido_optimizer_common, weight_decay));
        ck_assert_uint_le(all[i]->config_size, LIDO_OPTIMIZER_CONFIG_SIZE);
        ck_assert_int_le(all[i]->slots, LIDO_MAX_SLOTS);
    }
}
END_TEST

START_TEST(every_default_is_valid) {
    size_t count;
    const lido_optimizer *const *all = lido_optimizers(&count);
    for (size_t i = 0; i < count; i++) {
        double config[LIDO_OPTIMIZER_CONFIG_SIZE / sizeof(double)] = {0};
        lido_error error;
        assert_ok(lido_options_default(all[i]->options, config, &error));
        ck_assert(config[0] > 0);
        if (all[i]->check) assert_ok(all[i]->check(config, &error));
    }
}
END_TEST

LIDO_TEST_MAIN("optim registry", names_are_found,
               every_configuration_starts_with_the_common_options, every_default_is_valid)
