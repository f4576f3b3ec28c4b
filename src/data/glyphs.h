/* glyphs.h - skeletons of the ten digits, from which the synthetic sets are drawn. */
#ifndef LIDO_DATA_GLYPHS_H
#define LIDO_DATA_GLYPHS_H

#include <stdint.h>

enum { LIDO_GLYPH_STROKES = 3, LIDO_STROKE_POINTS = 11, LIDO_GLYPH_VARIANTS = 3 };

typedef enum lido_stroke_kind {
    LIDO_STROKE_NONE,
    LIDO_STROKE_SHARP,
    LIDO_STROKE_SMOOTH
} lido_stroke_kind;

/* Points joined by straight lines, or by a Catmull-Rom spline when smooth. */
typedef struct lido_stroke {
    lido_stroke_kind kind;
    int count;
    int8_t point[LIDO_STROKE_POINTS][2]; /* x right -50..50, y down -100..100 */
} lido_stroke;

typedef struct lido_glyph {
    lido_stroke stroke[LIDO_GLYPH_STROKES]; /* ended by a LIDO_STROKE_NONE, if shorter */
} lido_glyph;

typedef struct lido_digit {
    int variants;
    lido_glyph glyph[LIDO_GLYPH_VARIANTS];
} lido_digit;

extern const lido_digit lido_digits[10];

#endif
