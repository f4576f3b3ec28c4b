/* quantity.c - counts, sizes and times as people read them. */
#include "base/quantity.h"

#include <inttypes.h>
#include <stdio.h>

char *lido_text_count(int64_t count, char *text) {
    char digits[LIDO_NUMBER_SIZE];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);
    int sign = count < 0, at = 0;
    for (int i = 0; i < length; i++) {
        if (i > sign && (length - i) % 3 == 0) text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

char *lido_text_bytes(int64_t bytes, char *text) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 999.5; unit++) value /= 1000;
    snprintf(text, LIDO_NUMBER_SIZE, "%.*f %s", unit > 0 && value < 99.95, value, units[unit]);
    return text;
}

char *lido_text_seconds(double seconds, char *text) {
    int64_t whole = (int64_t)(seconds + 0.5);
    if (seconds < 99.95)
        snprintf(text, LIDO_NUMBER_SIZE, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(text, LIDO_NUMBER_SIZE, "%" PRId64 " m %02d s", whole / 60, (int)(whole % 60));
    else
        snprintf(text, LIDO_NUMBER_SIZE, "%" PRId64 " h %02d m", whole / 3600,
                 (int)(whole / 60 % 60));
    return text;
}
