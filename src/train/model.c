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

static lido_status make_net(const lido_model *model, const lido_graph *graph, int64_t batch,
                            lido_team *team, lido_net **net, lido_error *error) {
    lido_net_options options = {.batch = batch,
                                .team = team,
                                .seed = (uint64_t)model->options.seed,
                                .undrawn = true,
                                .loss = (lido_loss)model->options.loss};
    return lido_net_make(graph, &options, net, error);
}

/* The network that the checkpoint's own spec describes. */
static lido_status make_network(const lido_snapshot *snapshot, int64_t batch, lido_team *team,
                                lido_model *model, lido_error *error) {
    lido_status status =
        lido_spec_parse(snapshot->spec, strlen(snapshot->spec), "spec", &model->spec, error);
    if (!status) status = lido_train_options_read(model->spec, &model->options, error);
    if (!status) status = lido_graph_make(model->spec, &model->graph, error);
    if (status == LIDO_SPEC || status == LIDO_SHAPE) return LIDO_CORRUPT;
    if (status) return status;
    if (batch == 0) batch = model->options.batch;
    return make_net(model, model->graph, batch, team, &model->net, error);
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

lido_status lido_model_load(const char *path, int64_t batch, lido_team *team, lido_model *model,
                            lido_error *error) {
    *model = (lido_model){0};
    char file[LIDO_PATH_SIZE];
    lido_snapshot snapshot;
    lido_status status = checkpoint_path(path, file, sizeof file, error);
    if (!status) status = lido_snapshot_read(file, &snapshot, error);
    if (status) return status;
    status = make_network(&snapshot, batch, team, model, error);
    if (status) lido_fail_in(error, status, "%s", file);
    if (!status) status = restore(&snapshot, model, error);
    lido_snapshot_free(&snapshot);
    if (status) lido_model_free(model);
    return status;
}

/* Segments have the same names and order in both graphs, which are of one spec. */
static lido_status check_segments(const lido_graph *now, const lido_graph *wanted,
                                  lido_error *error) {
    int count;
    const lido_segment *has = lido_graph_segments(now, &count);
    const lido_segment *wants = lido_graph_segments(wanted, &count);
    for (int i = 0; i < count; i++)
        if (memcmp(has[i].dim, wants[i].dim, sizeof has[i].dim) != 0)
            return lido_fail(error, LIDO_SHAPE,
                             "\"%s\" holds %lld numbers and would need %lld: only a network that "
                             "ends in global, adaptive or pyramid pooling takes other sizes",
                             has[i].name, (long long)has[i].count, (long long)wants[i].count);
    return LIDO_OK;
}

static void copy_weights(const lido_graph *graph, lido_net *from, lido_net *to) {
    int count;
    const lido_segment *segment = lido_graph_segments(graph, &count);
    for (int i = 0; i < count; i++) {
        const lido_real *source = segment[i].state ? lido_net_state(from) : lido_net_params(from);
        lido_real *target = segment[i].state ? lido_net_state(to) : lido_net_params(to);
        memcpy(target + segment[i].offset, source + segment[i].offset,
               (size_t)segment[i].count * sizeof *target);
    }
}

lido_status lido_model_resize(lido_model *model, const lido_shape *input, int64_t batch,
                              lido_team *team, lido_error *error) {
    lido_graph *graph = NULL;
    lido_net *net = NULL;
    lido_status status = lido_graph_make_for(model->spec, input, &graph, error);
    if (!status) status = check_segments(model->graph, graph, error);
    if (!status) status = make_net(model, graph, batch, team, &net, error);
    if (status) {
        char shape[64];
        lido_graph_free(graph);
        return lido_fail_in(error, status, "pictures of %s",
                            lido_shape_text(input, shape, sizeof shape));
    }
    copy_weights(graph, model->net, net);
    lido_net_free(model->net);
    lido_graph_free(model->graph);
    model->graph = graph;
    model->net = net;
    return LIDO_OK;
}

void lido_model_free(lido_model *model) {
    lido_net_free(model->net);
    lido_graph_free(model->graph);
    lido_spec_free(model->spec);
    *model = (lido_model){0};
}
