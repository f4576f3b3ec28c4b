/* measures.h - what is measured of a trained network, as the object of a run's measures.json. */
#ifndef LIDO_STUDY_MEASURES_H
#define LIDO_STUDY_MEASURES_H

#include "study/measure_options.h"
#include "study/scores.h"

#include <lido/train.h>

typedef struct lido_measuring {
    lido_model *model;                   /* evaluated in batches of its training */
    const lido_dataset *test;            /* one size of pictures */
    const lido_dataset *train;           /* NULL: train_accuracy and train_loss are null */
    const lido_measure_options *options; /* NULL: nothing beyond the ordinary */
    uint64_t seed;                       /* of noise: the run's, so that paired runs see the same */
    lido_team *team;                     /* the model's */
    lido_progress progress;              /* as of lido_evaluation, done and total in pictures seen
                                            over all measures; return false to stop; NULL: none */
    void *context;
} lido_measuring;

/* Refuses before any training what could not be measured: changed pictures (shift, rotation,
 * scale, noise, blur) of a network that learns label maps or takes boxes, and several passes where
 * nothing is drawn in evaluation. LIDO_SPEC; `where` is the place of the "measures" object. */
lido_status lido_measure_check(const lido_graph *graph, const lido_measure_options *options,
                               const char *where, lido_error *error);

/* Measures and returns
 *   test_accuracy, test_loss, train_accuracy, train_loss   as lido_evaluate, the same bits as
 *                   result.json; training pictures without augmentation
 *   calibration_error  expected calibration error (Guo et al. 2017, "On calibration of modern
 *                   neural networks"): rows in 15 bins by confidence, bin b holding
 *                   (b / 15, (b + 1) / 15]; the sum over bins of
 *                   (rows of the bin / rows) * |accuracy of the bin - mean confidence of the bin|
 *   brier           mean over rows of the sum over classes of (p_k - [k is the label])^2, in 0..2
 *                   (Brier 1950); this and calibration_error are null without a softmax at the end
 *   parameters, multiply_adds, activation_bytes   of the graph, the latter two of one picture
 *                   forward and summed over layers
 *   shift           [{"fill": "zero", "accuracy": [..], "consistency": [..]}], an entry for each
 *                   shift d in 0..pixels: means over pictures and the four directions (up, down,
 *                   left, right), each by d pixels. Accuracy: the shifted picture is classified
 *                   right. Consistency: it is taken for the same class as the unshifted picture,
 *                   right or wrong; 1 at d = 0. So Azulay & Weiss (2019, "Why do deep convolutional
 *                   networks generalize so poorly to small image transformations?") ask how often a
 *                   shift by one pixel changes the answer; Zhang (2019, "Making convolutional
 *                   networks shift-invariant again") compares two shifts drawn at random, which
 *                   mixes all distances up to a largest. A picture larger than the input is shifted
 *                   before it is cropped: what moves in is then picture, whatever the fill.
 *   rotation, scale, noise, blur   [{"amount": 15, "accuracy": 0.9}] in the order asked for
 *   passes          [{"amount": 12, "accuracy": 0.9, "loss": 0.3}]
 *   confusion       [[rows]], rows what it is, columns what it was taken for
 *   pooling         [{"layer": "pool#1", ...}], else as `lido eval --pooling --json`
 * each of the last five only where asked for, confusion always. Parts that depend on the run's
 * history are the caller's. The bits do not depend on threads. Errors: those of lido_evaluate,
 * LIDO_MEMORY; then *measures is NULL and *answers empty. */
lido_status lido_measure(const lido_measuring *measuring, lido_json **measures,
                         lido_answers *answers, lido_error *error);

#endif
