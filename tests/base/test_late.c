/* Tests of late.c: what is loaded works, and what is missing is named. */
#include "lido_check.h"

#include "base/late.h"

typedef struct functions {
    double (*root)(double);
    double (*power)(double, double);
} functions;

static const char library[] = "libm.so.6";

START_TEST(loads_functions) {
    static const lido_late_function list[] = {
        {"sqrt", offsetof(functions, root)}, {"pow", offsetof(functions, power)}, {NULL, 0}};
    functions found = {0};
    lido_error error;
    assert_ok(lido_late_load(library, list, &found, &error));
    ck_assert_double_eq(found.root(9), 3);
    ck_assert_double_eq(found.power(2, 5), 32);
}
END_TEST

START_TEST(names_what_is_missing) {
    static const lido_late_function list[] = {
        {"sqrt", offsetof(functions, root)}, {"no_such", offsetof(functions, power)}, {NULL, 0}};
    functions found = {0};
    lido_error error;
    assert_fails(lido_late_load("libnosuch.so.1", list, &found, &error), LIDO_UNSUPPORTED,
                 "libnosuch.so.1 cannot be loaded");
    assert_fails(lido_late_load(library, list, &found, &error), LIDO_UNSUPPORTED, "no_such");
}
END_TEST

LIDO_TEST_MAIN("late", loads_functions, names_what_is_missing)
