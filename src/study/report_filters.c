/* report_filters.c - the filters of the first convolution, as one picture. */
#include "study/report_maps.h"

#include "study/data_uri.h"
#include "study/raster.h"
#include "study/report_results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 9, GAP = 3, COLUMNS = 8, MOST = 64 };

static const lido_colour between = {0x8a, 0x8a, 0x8a};

/* The weights (KH, KW, C, filters) of a convolution. */
typedef struct bank {
    const lido_real *weight;
    int64_t height, width, channels, filters;
    double strongest; /* of the averages */
} bank;

/* Of the first convolution over two axes. */
static bool find_bank(const lido_model *model, bank *found) {
    int count;
    const lido_segment *segment = lido_graph_segments(model->graph, &count);
    for (int i = 0; i < count; i++) {
        lido_layer_info info;
        lido_graph_layer(model->graph, segment[i].layer, &info);
        if (segment[i].state || segment[i].part != 0 || segment[i].rank != 4 ||
            strcmp(info.type, "conv") != 0)
            continue;
        const int64_t *dim = segment[i].dim;
        *found = (bank){
            lido_net_params(model->net) + segment[i].offset, dim[0], dim[1], dim[2], dim[3], 0};
        return true;
    }
    return false;
}

static double average_at(const bank *of, int64_t filter, int64_t y, int64_t x) {
    double sum = 0;
    for (int64_t c = 0; c < of->channels; c++)
        sum += (double)of->weight[((y * of->width + x) * of->channels + c) * of->filters + filter];
    return sum / (double)of->channels;
}

static void measure(bank *of) {
    for (int64_t f = 0; f < of->filters; f++)
        for (int64_t y = 0; y < of->height; y++)
            for (int64_t x = 0; x < of->width; x++)
                of->strongest = fmax(of->strongest, fabs(average_at(of, f, y, x)));
}

static lido_json *weight_row(const char *arm, int64_t filter, int64_t y, int64_t x, double weight) {
    lido_json *row = lido_json_object();
    lido_json_add_string(row, "arm", arm);
    lido_json_add_number(row, "filter", (double)filter);
    lido_json_add_number(row, "y", (double)y);
    lido_json_add_number(row, "x", (double)x);
    lido_json_add_number(row, "weight", weight);
    return row;
}

/* Filter number f as a tile of the raster. */
static void draw_filter(const bank *of, int64_t f, const char *arm, lido_raster *raster,
                        lido_json *rows) {
    const int64_t top = GAP + f / COLUMNS * (of->height * CELL + GAP);
    const int64_t left = GAP + f % COLUMNS * (of->width * CELL + GAP);
    for (int64_t y = 0; y < of->height; y++)
        for (int64_t x = 0; x < of->width; x++) {
            const double weight = average_at(of, f, y, x);
            const double share = of->strongest > 0 ? weight / of->strongest : 0;
            lido_raster_block(raster, top + y * CELL, left + x * CELL, CELL,
                              lido_colour_signed(share));
            lido_json_append(rows, weight_row(arm, f, y, x, weight));
        }
}

static void add_view(const lido_subject *subject, const bank *of, int64_t drawn, const char *uri,
                     lido_json *shown) {
    char label[LIDO_LABEL_SIZE], text[160];
    lido_json *view = lido_json_object();
    snprintf(text, sizeof text, "%lld of %lld filters of %lld\u00d7%lld; full colour \u00b1%.3g",
             (long long)drawn, (long long)of->filters, (long long)of->height, (long long)of->width,
             of->strongest);
    lido_json_add_string(view, "arm", lido_results_label(subject->cell, label));
    lido_json_add_string(view, "scale", text);
    lido_json_add_string(view, "image", uri);
    lido_json_append(shown, view);
}

lido_status lido_report_filters(const lido_subject *subject, lido_json *shown, lido_json *rows,
                                lido_error *error) {
    bank of;
    if (!find_bank(subject->model, &of)) return LIDO_OK;
    measure(&of);
    const int64_t drawn = of.filters < MOST ? of.filters : MOST;
    const int64_t columns = drawn < COLUMNS ? drawn : COLUMNS;
    lido_raster raster;
    lido_status status =
        lido_raster_make(GAP + (drawn + COLUMNS - 1) / COLUMNS * (of.height * CELL + GAP),
                         GAP + columns * (of.width * CELL + GAP), between, &raster, error);
    if (status) return status;
    for (int64_t f = 0; f < drawn; f++)
        draw_filter(&of, f, lido_results_text(subject->cell, "name"), &raster, rows);
    char *uri;
    status = lido_data_uri(&raster.shape, raster.pixels, &uri, error);
    if (!status) add_view(subject, &of, drawn, uri, shown);
    free(uri);
    lido_raster_free(&raster);
    return status;
}
