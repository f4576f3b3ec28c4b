/* Tests of raster.c: blocks of colour where they belong, and scales of colours. */
#include "lido_check.h"

#include "study/raster.h"

#include <math.h>

static lido_colour pixel(const lido_raster *raster, int64_t y, int64_t x) {
    const uint8_t *p = raster->pixels + 3 * (y * raster->shape.axis[2] + x);
    return (lido_colour){p[0], p[1], p[2]};
}

static void assert_colour(lido_colour found, int red, int green, int blue) {
    ck_assert_int_eq(found.red, red);
    ck_assert_int_eq(found.green, green);
    ck_assert_int_eq(found.blue, blue);
}

START_TEST(blocks_lie_where_they_should) {
    lido_raster raster;
    lido_error error;
    assert_ok(lido_raster_make(3, 4, (lido_colour){1, 2, 3}, &raster, &error));
    lido_raster_block(&raster, 1, 2, 2, (lido_colour){7, 8, 9});
    for (int64_t y = 0; y < 3; y++)
        for (int64_t x = 0; x < 4; x++) {
            const bool inside = y >= 1 && x >= 2;
            assert_colour(pixel(&raster, y, x), inside ? 7 : 1, inside ? 8 : 2, inside ? 9 : 3);
        }
    lido_raster_free(&raster);
    ck_assert_ptr_null(raster.pixels);
    ck_assert_int_ne(lido_raster_make(0, 4, (lido_colour){0, 0, 0}, &raster, &error), LIDO_OK);
    lido_raster_free(&raster);
}
END_TEST

START_TEST(colours_have_ends_and_a_middle) {
    assert_colour(lido_colour_grey(-1), 0, 0, 0);
    assert_colour(lido_colour_grey(0.2), 51, 51, 51);
    assert_colour(lido_colour_grey(2), 255, 255, 255);
    assert_colour(lido_colour_signed(0), 0xf7, 0xf7, 0xf7);
    assert_colour(lido_colour_signed(-1), 0x21, 0x66, 0xac);
    assert_colour(lido_colour_signed(3), 0xb2, 0x18, 0x2b);
    const lido_colour half = lido_colour_signed(0.5);
    ck_assert(half.red > 0xb2 && half.red < 0xf7 && half.blue > 0x2b && half.blue < 0xf7);
}
END_TEST

LIDO_TEST_MAIN("raster", blocks_lie_where_they_should, colours_have_ends_and_a_middle)
