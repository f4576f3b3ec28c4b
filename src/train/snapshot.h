/* snapshot.h - a run's state as a checkpoint: weights, running state and the optimiser's vectors as
 * tensors; in the metadata the version, the resolved spec, the position and the normalisation of
 * the input (lido.version, lido.spec, lido.position, lido.input: the last three are JSON). */
#ifndef LIDO_TRAIN_SNAPSHOT_H
#define LIDO_TRAIN_SNAPSHOT_H

#include "net/checkpoint.h"
#include "train/position.h"

/* What is saved and what is restored into. */
typedef struct lido_snapshot_parts {
    const lido_graph *graph;
    lido_net *net;
    lido_updater *updater; /* NULL: the optimiser's vectors are not wanted */
    int slots;             /* how many it has */
    lido_normalisation *normalisation;
    lido_position *position;
} lido_snapshot_parts;

/* Atomically; spec is the resolved one. LIDO_IO, LIDO_MEMORY, LIDO_TOO_LARGE. */
lido_status lido_snapshot_write(const char *path, const lido_snapshot_parts *parts,
                                const char *spec, lido_error *error);

/* A checkpoint in memory, not yet compared with a network. */
typedef struct lido_snapshot {
    lido_tensor_file file;
    const char *spec; /* resolved, as text; alive as long as the snapshot */
    lido_position position;
    lido_normalisation normalisation;
} lido_snapshot;

/* LIDO_NOT_FOUND, LIDO_IO, LIDO_MEMORY, LIDO_CORRUPT (also for a file of tensors that is no
 * checkpoint of a run). On failure *snapshot is zeroed. */
lido_status lido_snapshot_read(const char *path, lido_snapshot *snapshot, lido_error *error);
void lido_snapshot_free(lido_snapshot *snapshot); /* harmless on a zeroed struct */

/* Copies the checkpoint into the parts. LIDO_MISMATCH, naming it, when an array is missing or of
 * another shape. */
lido_status lido_snapshot_restore(const lido_snapshot *snapshot, const lido_snapshot_parts *parts,
                                  lido_error *error);

#endif
