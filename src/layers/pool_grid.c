/* pool_grid.c - the grids of pooling layers: choosing one by its key, its windows, what it refuses.
 */
#include "layers/pool_grid.h"

/* ---- kinds --------------------------------------------------------------------------------- */

static const lido_grid_config *grid_config(const lido_site *site) {
    return site->config;
}

static bool is_given(const lido_site *site, const char *option) {
    return lido_is_given(site->layer->options, site->given, option);
}

static bool asks_kernel(const lido_grid_config *config) {
    return config->kernel.count > 0;
}

static bool asks_global(const lido_grid_config *config) {
    return config->global;
}

static bool asks_output_size(const lido_grid_config *config) {
    return config->output_size.count > 0;
}

static bool asks_levels(const lido_grid_config *config) {
    return config->levels.count > 0;
}

static lido_status resolve_kernel(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                  lido_error *error) {
    const lido_grid_config *config = site->config;
    lido_window_options options = {.kernel = config->kernel,
                                   .stride = config->stride,
                                   .dilation = config->dilation,
                                   .padding = config->padding,
                                   .ceil = config->ceil};
    const lido_geometry *geometry = &layout->geometry;
    lido_status status =
        lido_engine_apply(lido_engine_at(config->semantics), is_given(site, "padding"),
                          is_given(site, "ceil"), &options, error);
    if (!status) status = lido_geometry_make(&options, site->x, &layout->geometry, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        layout->part[0].axis[a] = (lido_windows){.length = geometry->input[a],
                                                 .outputs = geometry->output[a],
                                                 .kernel = geometry->kernel[a],
                                                 .step = geometry->dilation[a]};
        needs->extent[a] = lido_geometry_extent(geometry, a);
        needs->stride[a] = geometry->stride[a];
    }
    return LIDO_OK;
}

static void fill_kernel(const lido_layout *layout, const lido_grid *grid, int axis,
                        lido_window *windows) {
    (void)grid;
    lido_windows_slide(&layout->geometry, axis, windows);
}

static lido_status resolve_adaptive(const lido_shape *x, const int64_t outputs[LIDO_MAX_AXES],
                                    lido_grid *grid, lido_error *error) {
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t product, length = x->axis[a];
        if (!lido_mul(length, outputs[a] + 1, &product))
            return lido_fail(error, LIDO_TOO_LARGE, "the input is too long to be cut into windows");
        grid->axis[a] = (lido_windows){.length = length,
                                       .outputs = outputs[a],
                                       .kernel = lido_adaptive_kernel(length, outputs[a]),
                                       .step = 1};
    }
    return LIDO_OK;
}

static lido_status resolve_global(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                  lido_error *error) {
    static const int64_t one[LIDO_MAX_AXES] = {1, 1, 1};
    needs->whole_map = true;
    return resolve_adaptive(site->x, one, &layout->part[0], error);
}

static void fill_adaptive(const lido_layout *layout, const lido_grid *grid, int axis,
                          lido_window *windows) {
    (void)layout;
    lido_windows_adapt(grid->axis[axis].length, grid->axis[axis].outputs, windows);
}

/* As far as windows of an adaptive grid reach, and how far apart they are at most. */
static void reach_adaptive(const lido_grid *grid, lido_needs *needs) {
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const lido_windows *axis = &grid->axis[a];
        needs->extent[a] = axis->kernel;
        needs->stride[a] = (axis->length + axis->outputs - 1) / axis->outputs;
    }
}

static lido_status resolve_output_size(const lido_site *site, lido_layout *layout,
                                       lido_needs *needs, lido_error *error) {
    const lido_grid_config *config = site->config;
    int64_t outputs[LIDO_MAX_AXES];
    lido_status status =
        lido_axes_expand(&config->output_size, site->x->rank, 1, "output_size", outputs, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (outputs[a] == 0) outputs[a] = site->x->axis[a];
    status = resolve_adaptive(site->x, outputs, &layout->part[0], error);
    if (!status) reach_adaptive(&layout->part[0], needs);
    return status;
}

/* The level of the largest windows comes to know the layer's reach. */
static lido_status resolve_levels(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                  lido_error *error) {
    const lido_list *levels = &grid_config(site)->levels;
    int64_t fewest = levels->at[0];
    layout->parts = levels->count;
    for (int p = 0; p < levels->count; p++) {
        int64_t outputs[LIDO_MAX_AXES] = {1, 1, 1};
        for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++)
            outputs[a] = levels->at[p];
        lido_status status = resolve_adaptive(site->x, outputs, &layout->part[p], error);
        if (status) return status;
        if (p > 0 && levels->at[p] >= fewest) continue;
        fewest = levels->at[p];
        layout->largest = p;
    }
    reach_adaptive(&layout->part[layout->largest], needs);
    return LIDO_OK;
}

static const lido_grid_kind grid_kernel = {
    .key = "kernel",
    .asked = asks_kernel,
    .resolve = resolve_kernel,
    .fill = fill_kernel,
    .lacks = {[LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};

static const lido_grid_kind grid_global = {
    .key = "global",
    .asked = asks_global,
    .resolve = resolve_global,
    .fill = fill_adaptive,
};

static const lido_grid_kind grid_output_size = {
    .key = "output_size",
    .asked = asks_output_size,
    .resolve = resolve_output_size,
    .fill = fill_adaptive,
    .lacks = {[LIDO_GRID_ONE_KERNEL] = "its windows differ in size",
              [LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};

static const lido_grid_kind grid_levels = {
    .key = "levels",
    .asked = asks_levels,
    .resolve = resolve_levels,
    .fill = fill_adaptive,
    .lacks = {[LIDO_GRID_ONE_KERNEL] = "its windows differ in size",
              [LIDO_GRID_POSITIONS] = "it is several grids",
              [LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};

static const lido_grid_kind *const kinds[] = {
    &grid_kernel,           &grid_global,        &grid_output_size,    &grid_levels,
    &lido_grid_overlapping, &lido_grid_abutting, &lido_grid_stochastic};

/* ---- checking ------------------------------------------------------------------------------ */

#define LIDO_GRIDS "one of kernel, global, output_size, levels, fractional, stochastic_grid"

static lido_status choose_kind(const lido_site *site, const lido_grid_kind **kind,
                               lido_error *error) {
    *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i]->asked(grid_config(site))) continue;
        if (*kind)
            return lido_fail(error, LIDO_SPEC, "\"%s\" and \"%s\" conflict, allowed: " LIDO_GRIDS,
                             (*kind)->key, kinds[i]->key);
        *kind = kinds[i];
    }
    if (!*kind) return lido_fail(error, LIDO_SPEC, "the windows are missing, allowed: " LIDO_GRIDS);
    return LIDO_OK;
}

/* Refuses a written option that means something with `key` only. */
static lido_status check_belongs(const lido_site *site, const char *option, const char *key,
                                 lido_error *error) {
    const lido_grid_kind *kind;
    lido_status status = choose_kind(site, &kind, error);
    if (status || kind->key == key) return status;
    if (!is_given(site, option)) return LIDO_OK;
    return lido_fail(error, LIDO_SPEC, "\"%s\" has no meaning with \"%s\", only with \"%s\"",
                     option, kind->key, key);
}

lido_status lido_pool_needs_kernel(const lido_site *site, const char *option, lido_error *error) {
    return check_belongs(site, option, grid_kernel.key, error);
}

lido_status lido_pool_needs_grid(const lido_site *site, lido_grid_trait trait, const char *because,
                                 lido_error *error) {
    const lido_grid_kind *kind;
    lido_status status = choose_kind(site, &kind, error);
    if (status || !kind->lacks[trait]) return status;
    return lido_fail(error, LIDO_SPEC, "%s has no meaning with \"%s\": %s, but %s",
                     site->layer->name, kind->key, kind->lacks[trait], because);
}

static lido_status check_options(const lido_site *site, lido_error *error) {
    static const char *const of_kernel[] = {"stride", "padding", "dilation", "ceil", "semantics"};
    lido_status status = LIDO_OK;
    for (size_t i = 0; i < sizeof of_kernel / sizeof *of_kernel && !status; i++)
        status = check_belongs(site, of_kernel[i], grid_kernel.key, error);
    return status ? status : check_belongs(site, "keepdims", grid_global.key, error);
}

/* ---- the layout ---------------------------------------------------------------------------- */

static lido_status count_cells(lido_grid *grid, lido_error *error) {
    grid->cells = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (!lido_mul(grid->cells, grid->axis[a].kernel, &grid->cells))
            return lido_fail(error, LIDO_TOO_LARGE, "a window has too many cells");
    return LIDO_OK;
}

static lido_status count_all_cells(lido_layout *layout, lido_error *error) {
    lido_status status = LIDO_OK;
    for (int p = 0; p < layout->parts && !status; p++)
        status = count_cells(&layout->part[p], error);
    if (!layout->averaged) return status;
    if (!status) status = count_cells(&layout->every, error);
    return status ? status : count_cells(&layout->means, error);
}

/* All windows of all parts, one after another. */
static lido_status shape_vector(const lido_site *site, const lido_layout *layout, lido_needs *needs,
                                lido_error *error) {
    int64_t length = 0;
    for (int p = 0; p < layout->parts; p++) {
        int64_t outputs = site->x->channels;
        for (int a = 0; a < LIDO_MAX_AXES; a++)
            if (!lido_mul(outputs, layout->part[p].axis[a].outputs, &outputs) ||
                outputs > LIDO_MAX_ELEMENTS)
                return lido_fail(error, LIDO_TOO_LARGE, "too many windows");
        length += outputs;
    }
    return lido_shape_make(&length, 1, &needs->y, error);
}

static lido_status shape_output(const lido_site *site, const lido_layout *layout, lido_needs *needs,
                                lido_error *error) {
    const bool global = layout->kind == &grid_global && !grid_config(site)->keepdims;
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = 0;
    if (global || layout->kind == &grid_levels) return shape_vector(site, layout, needs, error);
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++)
        dims[count++] = layout->part[0].axis[a].outputs;
    dims[count++] = site->x->channels;
    return lido_shape_make(dims, count, &needs->y, error);
}

lido_status lido_layout_make(const lido_site *site, lido_layout *layout, lido_needs *needs,
                             lido_error *error) {
    *layout = (lido_layout){.parts = 1};
    lido_status status = choose_kind(site, &layout->kind, error);
    if (!status) status = check_options(site, error);
    if (!status && site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "pooling needs spatial axes, the input is a vector");
    if (!status) status = layout->kind->resolve(site, layout, needs, error);
    if (!status) status = count_all_cells(layout, error);
    if (!status) status = shape_output(site, layout, needs, error);
    return status;
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Bytes of the windows and listed cells of a grid; drawn, it may have few enough to be listed. */
static size_t grid_size(const lido_grid *grid) {
    int64_t cells = grid->cells < LIDO_LISTED_CELLS ? grid->cells : LIDO_LISTED_CELLS;
    size_t bytes = (size_t)cells * sizeof *grid->cell;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        bytes += (size_t)grid->axis[a].outputs * sizeof(lido_window);
    return bytes;
}

/* Fills the tables of a grid; returns where they end. */
static void *fill_grid(const lido_layout *layout, lido_grid *grid, void *tables) {
    char *end = (char *)tables + grid_size(grid);
    lido_window *windows = tables;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        layout->kind->fill(layout, grid, a, windows);
        grid->axis[a].at = windows;
        windows += grid->axis[a].outputs;
    }
    lido_grid_finish(grid, (int64_t *)windows);
    return end;
}

size_t lido_layout_tables(const lido_layout *layout) {
    size_t bytes = 0;
    for (int p = 0; p < layout->parts && !layout->kind->draw; p++)
        bytes += grid_size(&layout->part[p]);
    if (layout->averaged) bytes += grid_size(&layout->every) + grid_size(&layout->means);
    return bytes;
}

void lido_layout_fill(lido_layout *layout, void *tables) {
    for (int p = 0; p < layout->parts && !layout->kind->draw; p++)
        tables = fill_grid(layout, &layout->part[p], tables);
    if (!layout->averaged) return;
    tables = fill_grid(layout, &layout->every, tables);
    fill_grid(layout, &layout->means, tables);
}

/* ---- drawn grids --------------------------------------------------------------------------- */

bool lido_layout_is_drawn(const lido_layout *layout, bool training) {
    return layout->kind->draw && (training || !layout->averaged);
}

int64_t lido_layout_draws(const lido_layout *layout) {
    return layout->draws[0] + layout->draws[1] + layout->draws[2];
}

size_t lido_layout_drawn_size(const lido_layout *layout) {
    return layout->kind->draw ? sizeof(lido_grid) + grid_size(&layout->part[0]) : 0;
}

/* The largest window there is, where they were not all as large as they might be. */
static int64_t largest_count(const lido_windows *windows) {
    int64_t most = 1;
    for (int64_t o = 0; o < windows->outputs; o++)
        if (windows->at[o].count > most) most = windows->at[o].count;
    return most;
}

void lido_layout_draw(const lido_layout *layout, const float *draws, void *memory) {
    lido_grid *grid = memory;
    lido_window *windows = (lido_window *)(grid + 1);
    *grid = layout->part[0];
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        lido_windows *axis = &grid->axis[a];
        layout->kind->draw(layout, a, draws, windows);
        axis->at = windows;
        if (layout->kind->lacks[LIDO_GRID_ONE_KERNEL]) axis->kernel = largest_count(axis);
        windows += axis->outputs;
        draws += layout->draws[a];
    }
    lido_grid_finish(grid, (int64_t *)windows);
}
