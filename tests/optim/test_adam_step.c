#include "lido_check.h"

#include "optim/adam_step.h"

enum { MOST = 67 };

#ifdef LIDO_DOUBLE
static const double tolerance = 1e-14;
#else
static const double tolerance = 1e-6;
#endif

/* One step by the formula as it is printed, in double. */
static double reference(const lido_adam_config *c, const lido_update *u, int i, double added,
                        double kept) {
    double g = u->scale * (double)u->gradient[i] + added * (double)u->value[i];
    double m = c->beta1 * (double)u->slot[0][i] + (1 - c->beta1) * g;
    double s = c->beta2 * (double)u->slot[1][i] + (1 - c->beta2) * g * g;
    double corrected = m / (1 - pow(c->beta1, (double)u->step));
    double square = s / (1 - pow(c->beta2, (double)u->step));
    return kept * (double)u->value[i] - u->lr * corrected / (sqrt(square) + c->epsilon);
}

/* Every count up to a few vectors: bodies and tails of the vectorised loop alike. */
START_TEST(follows_the_formula_for_any_count) {
    lido_adam_config config = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    for (int count = 0; count <= MOST; count++) {
        lido_real value[MOST + 1], gradient[MOST], mean[MOST], square[MOST];
        double wanted[MOST];
        lido_update u = {&config, count, value, gradient, {mean, square}, 0.5, 0.01, 0, 3};
        for (int i = 0; i < MOST; i++) {
            value[i] = (lido_real)sin(i);
            gradient[i] = (lido_real)cos(3 * i);
            mean[i] = (lido_real)(0.1 * cos(i));
            square[i] = (lido_real)(0.01 * i);
        }
        value[count] = 42;
        for (int i = 0; i < count; i++) wanted[i] = reference(&config, &u, i, 0.02, 0.99);
        lido_adam_step(&u, 0.02, 0.99);
        for (int i = 0; i < count; i++)
            ck_assert_double_eq_tol((double)value[i], wanted[i], tolerance);
        ck_assert(value[count] == 42);
    }
}
END_TEST

LIDO_TEST_MAIN("adam step", follows_the_formula_for_any_count)
