#include "golden.h"

START_TEST(agrees_with_pytorch) {
    golden_check("adamw", 2);
}
END_TEST

LIDO_TEST_MAIN("adamw", agrees_with_pytorch)
