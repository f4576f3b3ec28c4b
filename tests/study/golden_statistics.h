/* golden_statistics.h - tests/golden/statistics.json, made by SciPy. */
#ifndef LIDO_TESTS_STUDY_GOLDEN_STATISTICS_H
#define LIDO_TESTS_STUDY_GOLDEN_STATISTICS_H

#include "lido_check.h"

#include "base/json.h"

/* The whole file; the caller frees it. */
static inline lido_json *golden_statistics(void) {
    lido_json *json;
    lido_error error;
    assert_ok(lido_json_read(LIDO_SOURCE_DIR "/tests/golden/statistics.json", &json, &error));
    return json;
}

/* The numbers of a list into values[]; their count. */
static inline int golden_numbers(const lido_json *list, double *values) {
    int count = 0;
    for (const lido_json *v = lido_json_first(list); v; v = lido_json_next(v))
        values[count++] = lido_json_number(v);
    return count;
}

static inline double golden_number(const lido_json *object, const char *key) {
    return lido_json_number(lido_json_get(object, key));
}

#endif
