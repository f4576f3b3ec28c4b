/* test_glyphs.c - the skeletons of the digits are within bounds and tell the digits apart. */
#include "lido_check.h"

#include "data/glyphs.h"

static void check_stroke(const lido_stroke *stroke) {
    ck_assert_int_ge(stroke->count, 2);
    ck_assert_int_le(stroke->count, LIDO_STROKE_POINTS);
    for (int i = 0; i < stroke->count; i++) {
        const int8_t *p = stroke->point[i];
        ck_assert(p[0] >= -50 && p[0] <= 50 && p[1] >= -100 && p[1] <= 100);
        if (i > 0) ck_assert(p[0] != stroke->point[i - 1][0] || p[1] != stroke->point[i - 1][1]);
    }
    for (int i = stroke->count; i < LIDO_STROKE_POINTS; i++) /* the count is that of the list */
        ck_assert(stroke->point[i][0] == 0 && stroke->point[i][1] == 0);
}

START_TEST(are_well_formed) {
    for (int digit = 0; digit < 10; digit++) {
        ck_assert_int_ge(lido_digits[digit].variants, 1);
        for (int v = 0; v < LIDO_GLYPH_VARIANTS; v++) {
            const lido_glyph *glyph = &lido_digits[digit].glyph[v];
            bool used = glyph->stroke[0].kind != LIDO_STROKE_NONE;
            ck_assert_int_eq(used, v < lido_digits[digit].variants);
            for (int k = 0; k < LIDO_GLYPH_STROKES; k++)
                if (glyph->stroke[k].kind != LIDO_STROKE_NONE) check_stroke(&glyph->stroke[k]);
        }
    }
}
END_TEST

START_TEST(are_different) {
    for (int a = 0; a < 10; a++)
        for (int b = 0; b < a; b++)
            for (int v = 0; v < lido_digits[a].variants; v++)
                for (int w = 0; w < lido_digits[b].variants; w++)
                    ck_assert_mem_ne(&lido_digits[a].glyph[v], &lido_digits[b].glyph[w],
                                     sizeof(lido_glyph));
}
END_TEST

LIDO_TEST_MAIN("glyphs", are_well_formed, are_different)
