#include "golden.h"

START_TEST(agrees_with_pytorch) {
    golden_check("adam", 2);
}
END_TEST

LIDO_TEST_MAIN("adam", agrees_with_pytorch)
