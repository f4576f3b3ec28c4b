/* measure_options.h - the "measures" object of a study: what is measured of every run beside
 * accuracy, loss and calibration. */
#ifndef LIDO_STUDY_MEASURE_OPTIONS_H
#define LIDO_STUDY_MEASURE_OPTIONS_H

#include "base/json.h"

#include "study/transforms.h"

enum { LIDO_MAX_AMOUNTS = 32 };

/* A list of numbers as it was written; count 0: not asked for. */
typedef struct lido_amounts {
    int count;
    double at[LIDO_MAX_AMOUNTS];
} lido_amounts;

typedef struct lido_shift_options {
    int64_t pixels; /* shifts by 0..pixels; 0: not asked for */
    int64_t images; /* of so many pictures of the test set, evenly spaced; 0: all */
    int fills;
    lido_fill fill[LIDO_FILLS];
} lido_shift_options;

typedef struct lido_measure_options {
    lido_shift_options shift;
    int64_t images; /* the pictures that the following look at, evenly spaced; 0: all */
    lido_amounts rotation, scale, noise, blur; /* as lido_change_make takes them */
    bool pooling;                              /* what `lido eval --pooling` says */
    lido_amounts passes;     /* accuracy and loss of the mean of so many passes, whole numbers */
    lido_amounts accuracies; /* epochs to these; read here, measured from the run's history */
} lido_measure_options;

/* Reads {"shift": {"pixels": 4, "images": 1000, "fills": ["zero", ...]}, "images": 0,
 * "rotation": [degrees], "scale": [factors], "noise": [sigmas], "blur": [sigmas], "passes": [n],
 * "accuracies": [fractions], "pooling": true}; all may be absent (NULL: no object), `fills` is then
 * ["zero"]. LIDO_SPEC with `where`, the place of the object, for unknown keys, and for numbers out
 * of range or given twice. */
lido_status lido_measure_options_read(const lido_json *measures, const char *where,
                                      lido_measure_options *options, lido_error *error);

/* The object with every default, so that reading it gives the same options. */
lido_json *lido_measure_options_json(const lido_measure_options *options);

#endif
