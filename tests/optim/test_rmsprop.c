#include "golden.h"

START_TEST(agrees_with_pytorch) {
    golden_check("rmsprop", 2);
}
END_TEST

LIDO_TEST_MAIN("rmsprop", agrees_with_pytorch)
