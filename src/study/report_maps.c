/* report_maps.c - feature maps before and after the first layer that makes them smaller, with the
 * cells it has chosen. The layer is run once more on the input the network gives it, in memory of
 * its own: so its outputs and switches are there whatever the network does with them. */
#include "study/report_maps.h"

#include "base/team.h"
#include "net/arena.h"
#include "net/graph.h"
#include "net/plan.h"
#include "study/data_uri.h"
#include "study/raster.h"
#include "study/report_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 224, DOT_OF_CELL = 2 }; /* pixels of a picture; a dot is half a cell */

static const lido_colour chosen = {0xe6, 0x6a, 0x00};

/* The maps around one layer, of one sample. */
typedef struct around {
    int layer;
    bool seen; /* the rest is there */
    lido_shape x_shape, y_shape;
    lido_real *x, *y;
    int64_t *taken; /* taken[y]: positions in x; NULL: the layer chooses no cells */
    const lido_node *node;
    lido_team *team;
    lido_status status; /* of what happened while looking on */
    lido_error *error;
} around;

/* ---- looking on ------------------------------------------------------------------------------ */

/* The first layer that is a map and whose outputs lie more than one input cell apart; -1. */
static int find_layer(const lido_graph *graph) {
    for (int i = 0; i < lido_graph_layers(graph); i++) {
        lido_layer_info info;
        lido_graph_layer(graph, i, &info);
        const bool map = info.y.rank == 2 && lido_shape_positions(&info.y) > 1;
        if (map && (info.field_stride[1] > 1 || info.field_stride[2] > 1)) return i;
    }
    return -1;
}

/* Memory that the layer needs for a run of its own. */
enum { TABLES, SAVED, SCRATCH, WORKER_SCRATCH, BUFFERS };

static bool get_memory(around *of, const lido_needs *needs, size_t stride, void *buffer[BUFFERS]) {
    const int64_t workers = lido_team_threads(of->team);
    const int64_t bytes[BUFFERS] = {[TABLES] = (int64_t)needs->tables,
                                    [SAVED] = (int64_t)needs->saved,
                                    [SCRATCH] = (int64_t)needs->scratch,
                                    [WORKER_SCRATCH] = workers * (int64_t)stride};
    bool enough = true;
    for (int i = 0; i < BUFFERS; i++) {
        buffer[i] = lido_arena_new(bytes[i]);
        enough = enough && buffer[i];
    }
    of->x = calloc((size_t)lido_shape_size(&of->x_shape), sizeof *of->x);
    of->y = calloc((size_t)lido_shape_size(&of->y_shape), sizeof *of->y);
    if (needs->switches[0])
        of->taken = calloc((size_t)lido_shape_size(&of->y_shape), sizeof *of->taken);
    return enough && of->x && of->y && (of->taken || !needs->switches[0]);
}

static void run_layer(around *of, const lido_call *shown, const lido_needs *needs, size_t stride,
                      void *const buffer[BUFFERS]) {
    lido_site other, site = lido_node_site(of->node, 1, &other);
    lido_call call = *shown;
    if (of->node->layer->prepare) of->node->layer->prepare(&site, needs, buffer[TABLES]);
    call.tables = buffer[TABLES];
    call.saved = buffer[SAVED];
    call.scratch = buffer[SCRATCH];
    call.worker_scratch = buffer[WORKER_SCRATCH];
    call.worker_stride = stride;
    call.y = of->y;
    call.lends = of->taken != NULL;
    call.team = of->team;
    memcpy(of->x, call.x[0], (size_t)lido_shape_size(&of->x_shape) * sizeof *of->x);
    of->node->layer->forward(&call);
    if (of->taken) of->node->layer->switches(&call, of->taken);
    of->seen = true;
}

static void look(void *context, int layer, const lido_call *shown) {
    around *of = context;
    void *buffer[BUFFERS] = {NULL};
    lido_needs needs;
    if (layer != of->layer) return;
    of->status = lido_node_needs(of->node, 1, &needs, of->error);
    if (of->status) return;
    const size_t stride = (needs.scratch_worker / LIDO_ALIGNMENT + 1) * LIDO_ALIGNMENT;
    of->x_shape = shown->x_shape[0];
    of->y_shape = *shown->y_shape;
    if (get_memory(of, &needs, stride, buffer))
        run_layer(of, shown, &needs, stride, buffer);
    else
        of->status = lido_fail(of->error, LIDO_MEMORY, "out of memory for feature maps");
    for (int i = 0; i < BUFFERS; i++) free(buffer[i]);
}

static void free_around(around *of) {
    free(of->x);
    free(of->y);
    free(of->taken);
}

/* ---- which channels -------------------------------------------------------------------------- */

static double variance_of(const lido_real *map, int64_t positions, int64_t channels, int64_t c) {
    double sum = 0, squares = 0;
    for (int64_t p = 0; p < positions; p++) {
        const double value = (double)map[p * channels + c];
        sum += value;
        squares += value * value;
    }
    return squares - sum * sum / (double)positions;
}

/* Those that vary most, the most varied first; of equals the first. */
static void choose_channels(const around *of, lido_shown_maps *shown) {
    const int64_t channels = of->x_shape.channels, positions = lido_shape_positions(&of->x_shape);
    double before = INFINITY;
    int64_t last = -1;
    while (shown->count < LIDO_SHOWN_MAPS && shown->count < channels) {
        int64_t best = -1;
        double most = -INFINITY;
        for (int64_t c = 0; c < channels; c++) {
            const double variance = variance_of(of->x, positions, channels, c);
            const bool later = variance < before || (variance == before && c > last);
            if (!later || variance <= most) continue;
            most = variance;
            best = c;
        }
        if (best < 0) return;
        shown->channel[shown->count++] = last = best;
        before = most;
    }
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* One channel of a map; grey from `least` to `most`. */
typedef struct plane {
    const lido_real *map;
    const lido_shape *shape;
    int64_t channel;
    double least, most;
} plane;

static double value_at(const plane *of, int64_t y, int64_t x) {
    return (double)of->map[(y * of->shape->axis[2] + x) * of->shape->channels + of->channel];
}

static void set_range(plane *of) {
    of->least = INFINITY;
    of->most = -INFINITY;
    for (int64_t y = 0; y < of->shape->axis[1]; y++)
        for (int64_t x = 0; x < of->shape->axis[2]; x++) {
            of->least = fmin(of->least, value_at(of, y, x));
            of->most = fmax(of->most, value_at(of, y, x));
        }
}

static int64_t cell_size(const lido_shape *shape) {
    const int64_t *axis = shape->axis, longer = axis[1] > axis[2] ? axis[1] : axis[2];
    return longer < SIDE ? SIDE / longer : 1;
}

static void draw_dots(const around *of, int64_t channel, int64_t cell, lido_raster *raster) {
    const int64_t dot = cell / DOT_OF_CELL > 0 ? cell / DOT_OF_CELL : 1, inset = (cell - dot) / 2;
    const int64_t width = of->x_shape.axis[2];
    for (int64_t p = 0; of->taken && p < lido_shape_positions(&of->y_shape); p++) {
        const int64_t at = of->taken[p * of->y_shape.channels + channel];
        if (at >= 0)
            lido_raster_block(raster, at / width * cell + inset, at % width * cell + inset, dot,
                              chosen);
    }
}

static lido_status draw_plane(const around *of, const plane *shown, bool dots, char **uri,
                              lido_error *error) {
    const int64_t height = shown->shape->axis[1], width = shown->shape->axis[2];
    const int64_t cell = cell_size(shown->shape);
    const double range = shown->most - shown->least;
    lido_raster raster;
    *uri = NULL;
    lido_status status =
        lido_raster_make(height * cell, width * cell, (lido_colour){0, 0, 0}, &raster, error);
    if (status) return status;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            const double value = range > 0 ? (value_at(shown, y, x) - shown->least) / range : 0;
            lido_raster_block(&raster, y * cell, x * cell, cell, lido_colour_grey(value));
        }
    if (dots) draw_dots(of, shown->channel, cell, &raster);
    status = lido_data_uri(&raster.shape, raster.pixels, uri, error);
    lido_raster_free(&raster);
    return status;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* What stands in every row of one map. */
typedef struct map_rows {
    const char *arm, *layer, *stage;
    const int64_t *taken; /* of the outputs; NULL: no column is filled */
    int64_t width;        /* of the map taken from */
    lido_json *rows;
} map_rows;

static void add_map_rows(const map_rows *to, const plane *shown) {
    const int64_t height = shown->shape->axis[1], width = shown->shape->axis[2];
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            const int64_t element = (y * width + x) * shown->shape->channels + shown->channel;
            const int64_t taken = to->taken ? to->taken[element] : -1;
            lido_json *row = lido_json_object();
            lido_json_add_string(row, "arm", to->arm);
            lido_json_add_string(row, "layer", to->layer);
            lido_json_add_number(row, "channel", (double)shown->channel);
            lido_json_add_string(row, "stage", to->stage);
            lido_json_add_number(row, "y", (double)y);
            lido_json_add_number(row, "x", (double)x);
            lido_json_add_number(row, "value", value_at(shown, y, x));
            lido_json_add_number(row, "taken_y", taken < 0 ? NAN : (double)(taken / to->width));
            lido_json_add_number(row, "taken_x", taken < 0 ? NAN : (double)(taken % to->width));
            lido_json_append(to->rows, row);
        }
}

/* A layer with other outputs than inputs (a strided convolution) need not have the channel. */
static lido_status add_channel(const around *of, int64_t channel, map_rows rows, lido_json *maps,
                               lido_error *error) {
    plane before = {of->x, &of->x_shape, channel, 0, 0},
          after = {of->y, &of->y_shape, channel, 0, 0};
    char *before_uri = NULL, *after_uri = NULL, number[32];
    if (channel >= of->x_shape.channels || channel >= of->y_shape.channels) return LIDO_OK;
    set_range(&before);
    set_range(&after);
    lido_status status = draw_plane(of, &before, true, &before_uri, error);
    if (!status) status = draw_plane(of, &after, false, &after_uri, error);
    if (!status) {
        lido_json *view = lido_json_object();
        snprintf(number, sizeof number, "%lld", (long long)channel);
        lido_json_add_string(view, "channel", number);
        lido_json_add_string(view, "before", before_uri);
        lido_json_add_string(view, "after", after_uri);
        lido_json_append(maps, view);
        rows.stage = "before";
        add_map_rows(&rows, &before);
        rows.stage = "after";
        rows.taken = of->taken;
        add_map_rows(&rows, &after);
    }
    free(before_uri);
    free(after_uri);
    return status;
}

static lido_status tell(const lido_subject *subject, const around *of,
                        const lido_shown_maps *channels, lido_json *shown, lido_json *rows,
                        lido_error *error) {
    char label[LIDO_LABEL_SIZE], text[160];
    lido_layer_info info;
    lido_graph_layer(subject->model->graph, of->layer, &info);
    const map_rows to = {.arm = lido_results_text(subject->cell, "name"),
                         .layer = info.name,
                         .width = of->x_shape.axis[2],
                         .rows = rows};
    lido_json *view = lido_json_object(), *maps = lido_json_array();
    lido_status status = LIDO_OK;
    for (int i = 0; i < channels->count && !status; i++)
        status = add_channel(of, channels->channel[i], to, maps, error);
    snprintf(text, sizeof text, "%s, %lld\u00d7%lld to %lld\u00d7%lld; %s", info.type,
             (long long)of->x_shape.axis[1], (long long)of->x_shape.axis[2],
             (long long)of->y_shape.axis[1], (long long)of->y_shape.axis[2],
             of->taken ? "dots: the cells that outputs were taken from"
                       : "it takes no output from a single cell");
    lido_json_add_string(view, "arm", lido_results_label(subject->cell, label));
    lido_json_add_string(view, "layer", info.name);
    lido_json_add_string(view, "note", text);
    lido_json_add(view, "maps", maps);
    lido_json_append(shown, view);
    return status;
}

lido_status lido_report_maps(const lido_subject *subject, lido_shown_maps *channels,
                             lido_json *shown, lido_json *rows, lido_error *error) {
    const lido_graph *graph = subject->model->graph;
    around of = {.layer = find_layer(graph), .error = error};
    if (of.layer < 0) return LIDO_OK;
    of.node = &graph->node[of.layer];
    const lido_batch batch = {.count = 1, .x = subject->x};
    lido_net_forward_shown(subject->model->net, &batch, look, &of);
    lido_status status = of.status;
    if (!status && of.seen) {
        if (channels->count == 0) choose_channels(&of, channels);
        status = tell(subject, &of, channels, shown, rows, error);
    }
    free_around(&of);
    return status;
}
