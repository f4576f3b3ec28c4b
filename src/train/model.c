/* model.c - a trained network from its checkpoint. */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"
#include "train/snapshot.h"

#include <string.h>
#include <sys/stat.h>

/* The checkpoint that `path` means: itself, or the last of a run's folder. */
static lido_status checkpoint_path(const char *path, char *file, size_t size, lido_error *error) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return lido_path_join(path, "last.safetensors", file, size, error);
    if (snprintf(file, size, "%s", path) < (int)size) return LIDO_OK;
    return lido_fail(error, LIDO_TOO_LARGE, "the path is too long: %.200s...", path);
}

/* The network that the checkpoint's own spec describes. */
static lido_status make_network(const lido_snapshot *snapshot, int64_t batch, int threads,
                                lido_model *model, lido_error *error) {
    lido_status status =
        lido_spec_parse(snapshot->spec, strlen(snapshot->spec), "spec", &model->spec, error);
    if (!status) status = lido_train_options_read(model->spec, &model->options, error);
    if (!status) status = lido_graph_make(model->spec, &model->graph, error);
    if (status == LIDO_SPEC || status == LIDO_SHAPE) return LIDO_CORRUPT;
    if (status) return status;
    lido_net_options options = {.batch = batch,
                                .threads = threads,
                                .seed = (uint64_t)model->options.seed,
                                .loss = (lido_loss)model->options.loss};
    return lido_net_make(model->graph, &options, &model->net, error);
}

static lido_status restore(const lido_snapshot *snapshot, lido_model *model, lido_error *error) {
    lido_position position;
    lido_snapshot_parts parts = {.graph = model->graph,
                                 .net = model->net,
                                 .normalisation = &model->normalisation,
                                 .position = &position};
    lido_status status = lido_snapshot_restore(snapshot, &parts, error);
    model->epoch = position.epoch;
    return status;
}

lido_status lido_model_load(const char *path, int64_t batch, int threads, lido_model *model,
                            lido_error *error) {
    *model = (lido_model){0};
    char file[LIDO_PATH_SIZE];
    lido_snapshot snapshot;
    lido_status status = checkpoint_path(path, file, sizeof file, error);
    if (!status) status = lido_snapshot_read(file, &snapshot, error);
    if (status) return status;
    status = make_network(&snapshot, batch, threads, model, error);
    if (status) lido_fail_in(error, status, "%s", file);
    if (!status) status = restore(&snapshot, model, error);
    lido_snapshot_free(&snapshot);
    if (status) lido_model_free(model);
    return status;
}

void lido_model_free(lido_model *model) {
    lido_net_free(model->net);
    lido_graph_free(model->graph);
    lido_spec_free(model->spec);
    *model = (lido_model){0};
}
