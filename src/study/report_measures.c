/* report_measures.c - the measures of a study as people read them. */
#include "study/report_measures.h"

#include "base/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const lido_measure_kind lido_measure_kinds[] = {
    {"test_accuracy", "Test accuracy", "%", "points", 100, 2, 1},
    {"test_loss", "Test loss", "", "", 1, 4, -1},
    {"train_accuracy", "Train accuracy", "%", "points", 100, 2, 0},
    {"train_loss", "Train loss", "", "", 1, 4, 0},
    {"calibration_error", "Calibration error", "%", "points", 100, 2, -1},
    {"brier", "Brier score", "", "", 1, 4, -1},
    {"shift_consistency", "Shift consistency", "%", "points", 100, 2, 1},
    {NULL, NULL, NULL, NULL, 0, 0, 0},
};

const lido_measure_kind *lido_measure_kind_find(const char *name) {
    const lido_measure_kind *kind = lido_measure_kinds;
    while (kind->name && strcmp(kind->name, name) != 0) kind++;
    return kind->name ? kind : NULL;
}

/* text = magnitude with its sign before it; a zero of so many digits has none. */
static char *put_sign(double value, bool plus, const char *digits, char *text) {
    const bool zero = strspn(digits, "0.") == strlen(digits);
    const char *sign = zero ? "" : value < 0 ? "\u2212" : plus ? "+" : "";
    snprintf(text, LIDO_VALUE_SIZE, "%s%s", sign, digits);
    return text;
}

static char *write_value(const lido_measure_kind *kind, double value, bool plus, char *text) {
    char digits[LIDO_VALUE_SIZE - 4];
    if (isnan(value)) {
        snprintf(text, LIDO_VALUE_SIZE, "\u2013");
        return text;
    }
    if (kind)
        snprintf(digits, sizeof digits, "%.*f", kind->decimals, fabs(value) * kind->factor);
    else
        snprintf(digits, sizeof digits, "%.4g", fabs(value));
    return put_sign(value, plus, digits, text);
}

char *lido_value_text(const lido_measure_kind *kind, double value, char *text) {
    return write_value(kind, value, false, text);
}

char *lido_difference_text(const lido_measure_kind *kind, double value, char *text) {
    return write_value(kind, value, true, text);
}

char *lido_p_text(double p, char *text) {
    if (isnan(p))
        snprintf(text, LIDO_VALUE_SIZE, "\u2013");
    else if (p < 0.001)
        snprintf(text, LIDO_VALUE_SIZE, "< 0.001");
    else
        snprintf(text, LIDO_VALUE_SIZE, p < 0.1 ? "%.3f" : "%.2f", p);
    return text;
}

char *lido_whole_text(double value, char *text) {
    if (isfinite(value) && fabs(value) < 0x1p53) return lido_text_count(llround(value), text);
    snprintf(text, LIDO_VALUE_SIZE, "\u2013");
    return text;
}
