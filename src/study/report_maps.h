/* report_maps.h - what a trained network has learned to look for, and what its pooling makes of it:
 * the filters of the first convolution, and feature maps before and after the first layer that
 * makes them smaller. */
#ifndef LIDO_STUDY_REPORT_MAPS_H
#define LIDO_STUDY_REPORT_MAPS_H

#include "study/report_parts.h"

#include <lido/train.h>

/* The channels whose maps are shown, the same in all arms: chosen by the first model. */
enum { LIDO_SHOWN_MAPS = 3 };
typedef struct lido_shown_maps {
    int count; /* 0: not chosen yet */
    int64_t channel[LIDO_SHOWN_MAPS];
} lido_shown_maps;

/* A model of an arm, and the picture it is shown, normalised as in its training. */
typedef struct lido_subject {
    const lido_json *cell;
    lido_model *model; /* of batches of at least one, for pictures with two axes */
    const lido_real *x;
} lido_subject;

/* shown += {"arm", "image", "scale"}, rows += arm, filter, y, x, weight: of the first convolution,
 * the weights of each filter averaged over input channels. *shown stays as it is where there is no
 * convolution over two axes. LIDO_UNSUPPORTED without libpng, LIDO_MEMORY. */
lido_status lido_report_filters(const lido_subject *subject, lido_json *shown, lido_json *rows,
                                lido_error *error);

/* shown += {"arm", "layer", "note", "maps": [{"channel", "before", "after"}]}, rows += arm, layer,
 * channel, stage ("before", "after"), y, x, value, taken_y, taken_x: of the first layer whose
 * outputs lie more than one input cell apart and which is still a map. "Taken" is the cell of the
 * map before that an output was taken from, where the layer chooses one (its switches); it is
 * drawn as a dot. The channels are those whose maps vary most before the layer, the most varied
 * first. Errors as above. */
lido_status lido_report_maps(const lido_subject *subject, lido_shown_maps *channels,
                             lido_json *shown, lido_json *rows, lido_error *error);

#endif
