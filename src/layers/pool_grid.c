/* pool_grid.c - the grids of pooling layers: choosing one by its key, its windows, what it refuses.
 */
#include "layers/pool_grid.h"

#include "layers/pool.h"

/* ---- kinds --------------------------------------------------------------------------------- */

/* A way to lay windows. `resolve` sets the sizes of layout->grid and the layer's reach; `fill`
 * writes the windows of one axis. */
struct lido_grid_kind {
    const char *key; /* the option that asks for it */
    bool (*asked)(const lido_grid_config *config);
    lido_status (*resolve)(const lido_site *site, lido_layout *layout, lido_needs *needs,
                           lido_error *error);
    void (*fill)(const lido_layout *layout, int axis, lido_window *windows);
    const char *lacks[LIDO_GRID_TRAITS]; /* why it has not that trait; NULL: it has */
};

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
        layout->grid.axis[a] = (lido_windows){.length = geometry->input[a],
                                              .outputs = geometry->output[a],
                                              .kernel = geometry->kernel[a],
                                              .step = geometry->dilation[a]};
        needs->extent[a] = lido_geometry_extent(geometry, a);
        needs->stride[a] = geometry->stride[a];
    }
    return LIDO_OK;
}

static void fill_kernel(const lido_layout *layout, int axis, lido_window *windows) {
    lido_windows_slide(&layout->geometry, axis, windows);
}

static lido_status resolve_adaptive(const lido_shape *x, const int64_t outputs[LIDO_MAX_AXES],
                                    lido_layout *layout, lido_error *error) {
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t product, length = x->axis[a];
        if (!lido_mul(length, outputs[a] + 1, &product))
            return lido_fail(error, LIDO_TOO_LARGE, "the input is too long to be cut into windows");
        layout->grid.axis[a] = (lido_windows){.length = length,
                                              .outputs = outputs[a],
                                              .kernel = lido_adaptive_kernel(length, outputs[a]),
                                              .step = 1};
    }
    return LIDO_OK;
}

static lido_status resolve_global(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                  lido_error *error) {
    static const int64_t one[LIDO_MAX_AXES] = {1, 1, 1};
    if (site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "pooling needs spatial axes, the input is a vector");
    needs->whole_map = true;
    return resolve_adaptive(site->x, one, layout, error);
}

static lido_status resolve_output_size(const lido_site *site, lido_layout *layout,
                                       lido_needs *needs, lido_error *error) {
    const lido_grid_config *config = site->config;
    int64_t outputs[LIDO_MAX_AXES];
    if (site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "pooling needs spatial axes, the input is a vector");
    lido_status status =
        lido_axes_expand(&config->output_size, site->x->rank, 1, "output_size", outputs, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (outputs[a] == 0) outputs[a] = site->x->axis[a];
    status = resolve_adaptive(site->x, outputs, layout, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t stride = site->x->axis[a] / outputs[a];
        needs->extent[a] = layout->grid.axis[a].kernel;
        needs->stride[a] = stride > 0 ? stride : 1;
    }
    return LIDO_OK;
}

static void fill_adaptive(const lido_layout *layout, int axis, lido_window *windows) {
    const lido_windows *of = &layout->grid.axis[axis];
    lido_windows_adapt(of->length, of->outputs, windows);
}

static const char parts_of_map[] = "its windows are parts of the map";

static const lido_grid_kind kinds[] = {
    {"kernel", asks_kernel, resolve_kernel, fill_kernel, {[LIDO_GRID_WHOLE_MAP] = parts_of_map}},
    {"global", asks_global, resolve_global, fill_adaptive, {NULL}},
    {"output_size",
     asks_output_size,
     resolve_output_size,
     fill_adaptive,
     {[LIDO_GRID_ONE_KERNEL] = "its windows differ in size", [LIDO_GRID_WHOLE_MAP] = parts_of_map}},
};

/* ---- checking ------------------------------------------------------------------------------ */

static lido_status choose_kind(const lido_site *site, const lido_grid_kind **kind,
                               lido_error *error) {
    *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].asked(grid_config(site))) continue;
        if (*kind)
            return lido_fail(error, LIDO_SPEC,
                             "\"%s\" and \"%s\" conflict, allowed: one of kernel, global, "
                             "output_size",
                             (*kind)->key, kinds[i].key);
        *kind = &kinds[i];
    }
    if (!*kind)
        return lido_fail(error, LIDO_SPEC,
                         "the windows are missing, allowed: one of kernel, global, output_size");
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
    return check_belongs(site, option, kinds[0].key, error);
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
        status = check_belongs(site, of_kernel[i], kinds[0].key, error);
    return status ? status : check_belongs(site, "keepdims", kinds[1].key, error);
}

/* ---- the layout ---------------------------------------------------------------------------- */

static lido_status count_cells(lido_grid *grid, lido_error *error) {
    grid->cells = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (!lido_mul(grid->cells, grid->axis[a].kernel, &grid->cells))
            return lido_fail(error, LIDO_TOO_LARGE, "a window has too many cells");
    return LIDO_OK;
}

static lido_status shape_output(const lido_site *site, const lido_layout *layout, lido_needs *needs,
                                lido_error *error) {
    int64_t dims[LIDO_MAX_AXES + 1];
    int count = 0;
    bool vector = layout->kind->asked == asks_global && !grid_config(site)->keepdims;
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES && !vector; a++)
        dims[count++] = layout->grid.axis[a].outputs;
    dims[count++] = site->x->channels;
    return lido_shape_make(dims, count, &needs->y, error);
}

lido_status lido_layout_make(const lido_site *site, lido_layout *layout, lido_needs *needs,
                             lido_error *error) {
    *layout = (lido_layout){0};
    lido_status status = choose_kind(site, &layout->kind, error);
    if (!status) status = check_options(site, error);
    if (!status) status = layout->kind->resolve(site, layout, needs, error);
    if (!status) status = count_cells(&layout->grid, error);
    if (!status) status = shape_output(site, layout, needs, error);
    return status;
}

static size_t listed_cells(const lido_grid *grid) {
    return grid->cells <= LIDO_LISTED_CELLS ? (size_t)grid->cells : 0;
}

size_t lido_layout_tables(const lido_layout *layout) {
    size_t bytes = listed_cells(&layout->grid) * sizeof *layout->grid.cell;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        bytes += (size_t)layout->grid.axis[a].outputs * sizeof(lido_window);
    return bytes;
}

void lido_layout_fill(lido_layout *layout, void *tables) {
    lido_window *windows = tables;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        layout->kind->fill(layout, a, windows);
        layout->grid.axis[a].at = windows;
        windows += layout->grid.axis[a].outputs;
    }
    lido_grid_finish(&layout->grid, (int64_t *)windows);
}
