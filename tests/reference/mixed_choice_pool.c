/* mixed_choice_pool.c - the maximum where number c of the sample's draws is below a, else the mean;
 * their mixture in evaluation. A learned probability has no part in it: test_pool_mixed_choice.c.
 */
#include "reference/pool.h"

void lido_reference_mixed_choice_pool(const lido_example *e, double *y);

static double reduce(const lido_example *e, const lido_reference_window *window) {
    double a = lido_example_number(e, "a");
    if (e->training) a = lido_reference_draw(e, window->channel) < a;
    return a * lido_reference_max(window) + (1 - a) * lido_reference_mean(window);
}

void lido_reference_mixed_choice_pool(const lido_example *e, double *y) {
    lido_reference_pool(e, reduce, y);
}
