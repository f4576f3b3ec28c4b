/* curve.c - the learning curve of a run: what a study keeps of its history. */
#include "study/curve.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 30 };

static void keep_row(const lido_json *row, lido_curve *curve) {
    static const char *const keys[] = {"epoch",     "train_loss",    "train_accuracy",
                                       "test_loss", "test_accuracy", NULL};
    lido_json *kept = lido_json_object();
    for (const char *const *key = keys; *key; key++)
        lido_json_add_number(kept, *key, lido_json_number(lido_json_get(row, *key)));
    lido_json_append(curve->rows, kept);
    curve->seconds += lido_json_number(lido_json_get(row, "seconds"));
    curve->epochs++;
}

static lido_status read_rows(const char *path, const char *text, lido_curve *curve,
                             lido_error *error) {
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        lido_json *row;
        lido_status status = lido_json_parse(text, (size_t)(end - text), path, &row, error);
        if (status == LIDO_SPEC) status = lido_fail_in(error, LIDO_CORRUPT, "not a history");
        if (status) return status;
        keep_row(row, curve);
        lido_json_free(row);
    }
    if (curve->epochs > 0) curve->seconds /= (double)curve->epochs;
    return LIDO_OK;
}

lido_status lido_curve_read(const char *folder, lido_curve *curve, lido_error *error) {
    char path[LIDO_PATH_SIZE];
    uint8_t *text;
    size_t size;
    *curve = (lido_curve){0};
    lido_status status = lido_path_join(folder, "history.jsonl", path, sizeof path, error);
    if (!status) status = lido_file_read(path, MOST_BYTES, &text, &size, error);
    if (status) return status;
    curve->rows = lido_json_array();
    status = read_rows(path, (const char *)text, curve, error);
    free(text);
    if (status) lido_curve_free(curve);
    return status;
}

void lido_curve_free(lido_curve *curve) {
    lido_json_free(curve->rows);
    *curve = (lido_curve){0};
}

int64_t lido_curve_epochs_to(const lido_curve *curve, double accuracy) {
    int64_t epoch = 0;
    for (const lido_json *r = lido_json_first(curve->rows); r; r = lido_json_next(r)) {
        epoch++;
        if (lido_json_number(lido_json_get(r, "test_accuracy")) >= accuracy) return epoch;
    }
    return 0;
}
