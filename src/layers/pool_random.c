/* pool_random.c - grids that are drawn anew for each sample: fractional (Graham 2014) and the
 * stochastic grid (S3Pool, Zhai et al. 2017). The numbers of a sample go to its axes in the order
 * D, H, W. */
#include "kernels/random_windows.h"
#include "layers/pool_grid.h"

#include <math.h>

/* ---- options ------------------------------------------------------------------------------- */

static const char *const modes[] = {"pseudo", "random", NULL};

const lido_option lido_fractional_options[] = {
    {"ratio", LIDO_OPTION_REAL, offsetof(lido_fractional, ratio), "null", 0, 1,
     .doc = "outputs for each input cell along an axis; or output_size"},
    {"output_size", LIDO_OPTION_AXES, offsetof(lido_fractional, output_size), "null", 1, 1 << 20,
     .doc = "outputs along each axis; or ratio"},
    {"kernel", LIDO_OPTION_AXES, offsetof(lido_fractional, kernel), "null", 1, 1 << 20,
     .doc = "size of overlapping windows"},
    {"overlap", LIDO_OPTION_BOOL, offsetof(lido_fractional, overlap), "true",
     .doc = "windows of one size that overlap; or windows side by side"},
    {"mode", LIDO_OPTION_CHOICE, offsetof(lido_fractional, mode), "\"pseudo\"", .choices = modes,
     .doc = "regular windows shifted at random; or steps in random order"},
    {0},
};

const lido_option lido_stochastic_grid_options[] = {
    {"cell", LIDO_OPTION_AXES, offsetof(lido_stochastic_grid, cell), NULL, 1, 1 << 20,
     .doc = "rows and columns are chosen among so many neighbouring ones"},
    {"keep", LIDO_OPTION_AXES, offsetof(lido_stochastic_grid, keep), NULL, 1, 1 << 20,
     .doc = "so many of them are kept; divides cell"},
    {"kernel", LIDO_OPTION_AXES, offsetof(lido_stochastic_grid, kernel), "null", 1, 1 << 20,
     .doc = "size of a window (default: cell / keep)"},
    {0},
};

static lido_windows axis_of(int64_t length, int64_t outputs, int64_t kernel) {
    return (lido_windows){.length = length, .outputs = outputs, .kernel = kernel, .step = 1};
}

/* Whether the input has that axis; those it has not are 1 long and take no numbers. */
static bool exists(const lido_site *site, int axis) {
    return axis >= LIDO_MAX_AXES - site->x->rank;
}

/* ---- fractional ---------------------------------------------------------------------------- */

static const lido_fractional *fractional_of(const lido_site *site) {
    return &((const lido_grid_config *)site->config)->fractional;
}

/* outputs[] along each axis, 1 to the axis's length. */
static lido_status count_outputs(const lido_site *site, int64_t outputs[LIDO_MAX_AXES],
                                 lido_error *error) {
    const lido_fractional *f = fractional_of(site);
    const int64_t *length = site->x->axis;
    const bool by_ratio = !isnan(f->ratio);
    if (by_ratio == (f->output_size.count > 0))
        return lido_fail(error, LIDO_SPEC,
                         "\"fractional\" has %s, allowed: one of ratio, output_size",
                         by_ratio ? "both" : "neither");
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        outputs[a] = by_ratio && exists(site, a) ? (int64_t)((double)length[a] * f->ratio) : 1;
    lido_status status = LIDO_OK;
    if (!by_ratio)
        status = lido_axes_expand(&f->output_size, site->x->rank, 1, "output_size", outputs, error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (outputs[a] < 1 || outputs[a] > length[a] || length[a] > LIDO_FRACTION_LENGTH)
            return lido_fail(error, LIDO_SHAPE,
                             "fractional: %lld windows along an axis of %lld, allowed: 1 to its "
                             "length, of at most %d",
                             (long long)outputs[a], (long long)length[a], LIDO_FRACTION_LENGTH);
    return LIDO_OK;
}

static void set_fractional_axis(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                int a, int64_t outputs, int64_t kernel) {
    const int64_t length = site->x->axis[a];
    layout->part[0].axis[a] = axis_of(length, outputs, kernel);
    needs->extent[a] = kernel;
    needs->stride[a] = (length + outputs - 1) / outputs;
}

/* Numbers each axis takes. */
static void count_axis_draws(const lido_site *site, lido_layout *layout) {
    const lido_fractional *f = fractional_of(site);
    layout->shuffled = f->mode == LIDO_RANDOM;
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        if (exists(site, a))
            layout->draws[a] = layout->shuffled
                                   ? lido_shuffle_draws(layout->part[0].axis[a].outputs, f->overlap)
                                   : 1;
}

/* The kernel of overlapping windows along one axis, written or implied. */
static lido_status check_overlap(const lido_fractional *f, int64_t length, int64_t outputs,
                                 int64_t kernel, lido_error *error) {
    const long long n = outputs, k = kernel, l = length, implied = length / outputs + 1;
    if (f->mode == LIDO_RANDOM && length % outputs == 0)
        return lido_fail(error, LIDO_SHAPE,
                         "fractional: %lld windows in random order divide an axis of %lld, "
                         "allowed: a number that does not divide it, or \"overlap\": false",
                         n, l);
    if (f->mode == LIDO_RANDOM && kernel != implied)
        return lido_fail(error, LIDO_SPEC,
                         "fractional: \"kernel\" is %lld, allowed: %lld, as %lld windows in random "
                         "order along an axis of %lld have",
                         k, implied, n, l);
    if (outputs + kernel - 1 > length)
        return lido_fail(error, LIDO_SHAPE,
                         "fractional: %lld windows of %lld do not fit an axis of %lld, allowed: "
                         "windows + kernel - 1 <= axis",
                         n, k, l);
    return LIDO_OK;
}

static lido_status resolve_overlapping(const lido_site *site, lido_layout *layout,
                                       lido_needs *needs, lido_error *error) {
    const lido_fractional *f = fractional_of(site);
    const bool written = f->kernel.count > 0;
    int64_t outputs[LIDO_MAX_AXES], kernel[LIDO_MAX_AXES];
    lido_status status = count_outputs(site, outputs, error);
    if (!status && !written && f->mode == LIDO_PSEUDO)
        return lido_fail(error, LIDO_SPEC, "fractional: \"kernel\" is missing");
    if (!status && written)
        status = lido_axes_expand(&f->kernel, site->x->rank, 1, "kernel", kernel, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) {
        const int64_t length = site->x->axis[a];
        if (!written) kernel[a] = exists(site, a) ? length / outputs[a] + 1 : 1;
        if (exists(site, a)) status = check_overlap(f, length, outputs[a], kernel[a], error);
        set_fractional_axis(site, layout, needs, a, outputs[a], kernel[a]);
    }
    count_axis_draws(site, layout);
    return status;
}

static lido_status resolve_abutting(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                    lido_error *error) {
    const lido_fractional *f = fractional_of(site);
    int64_t outputs[LIDO_MAX_AXES];
    lido_status status = count_outputs(site, outputs, error);
    if (status) return status;
    if (f->kernel.count > 0)
        return lido_fail(error, LIDO_SPEC,
                         "fractional: \"kernel\" has no meaning with \"overlap\": false, where "
                         "windows end where the next begin");
    for (int a = 0; a < LIDO_MAX_AXES; a++)
        set_fractional_axis(site, layout, needs, a, outputs[a],
                            lido_abutting_kernel(site->x->axis[a], outputs[a]));
    count_axis_draws(site, layout);
    return LIDO_OK;
}

static void draw_overlapping(const lido_layout *layout, int axis, const float *draws,
                             lido_window *windows) {
    const lido_windows *of = &layout->part[0].axis[axis];
    if (layout->shuffled && of->outputs > 1)
        lido_windows_shuffle(of->length, of->outputs, true, draws, windows);
    else
        lido_windows_overlap(of->length, of->outputs, of->kernel,
                             layout->draws[axis] > 0 ? *draws : 0, windows);
}

static void draw_abutting(const lido_layout *layout, int axis, const float *draws,
                          lido_window *windows) {
    const lido_windows *of = &layout->part[0].axis[axis];
    if (layout->shuffled)
        lido_windows_shuffle(of->length, of->outputs, false, draws, windows);
    else
        lido_windows_abut(of->length, of->outputs, layout->draws[axis] > 0 ? *draws : 0, windows);
}

static bool asks_overlapping(const lido_grid_config *config) {
    return config->fractional.given && config->fractional.overlap;
}

static bool asks_abutting(const lido_grid_config *config) {
    return config->fractional.given && !config->fractional.overlap;
}

const lido_grid_kind lido_grid_overlapping = {
    .key = "fractional",
    .asked = asks_overlapping,
    .resolve = resolve_overlapping,
    .draw = draw_overlapping,
    .lacks = {[LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};

const lido_grid_kind lido_grid_abutting = {
    .key = "fractional",
    .asked = asks_abutting,
    .resolve = resolve_abutting,
    .draw = draw_abutting,
    .lacks = {[LIDO_GRID_ONE_KERNEL] = "its windows side by side differ in size",
              [LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};

/* ---- the stochastic grid ------------------------------------------------------------------- */

/* The sizes of one axis in training (part[0]) and in evaluation. */
static lido_status resolve_axis(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                int a, int64_t kernel, lido_error *error) {
    const int64_t length = site->x->axis[a], cell = layout->cell[a], keep = layout->keep[a];
    if (cell % keep != 0)
        return lido_fail(error, LIDO_SPEC,
                         "stochastic_grid: \"keep\" is %lld, allowed: a divisor of the cell of "
                         "%lld",
                         (long long)keep, (long long)cell);
    const int64_t step = cell / keep;
    if (kernel == 0) kernel = step;
    if (length % cell != 0 || kernel > length)
        return lido_fail(error, LIDO_SHAPE,
                         "stochastic_grid: cells of %lld and windows of %lld do not fit an axis of "
                         "%lld, allowed: a cell that divides it and a window not longer",
                         (long long)cell, (long long)kernel, (long long)length);
    layout->part[0].axis[a] = axis_of(length, length / step, kernel);
    layout->every.axis[a] = axis_of(length, length, kernel);
    layout->means.axis[a] = axis_of(length, length / step, step);
    needs->extent[a] = kernel + step - 1;
    needs->stride[a] = step;
    return LIDO_OK;
}

static lido_status resolve_stochastic(const lido_site *site, lido_layout *layout, lido_needs *needs,
                                      lido_error *error) {
    const lido_stochastic_grid *s = &((const lido_grid_config *)site->config)->stochastic_grid;
    const int rank = site->x->rank;
    int64_t kernel[LIDO_MAX_AXES] = {0};
    lido_status status = lido_axes_expand(&s->cell, rank, 1, "cell", layout->cell, error);
    if (!status) status = lido_axes_expand(&s->keep, rank, 1, "keep", layout->keep, error);
    if (!status && s->kernel.count > 0)
        status = lido_axes_expand(&s->kernel, rank, 1, "kernel", kernel, error);
    for (int a = 0; a < LIDO_MAX_AXES && !status; a++) {
        layout->draws[a] = exists(site, a) ? site->x->axis[a] : 0;
        status = resolve_axis(site, layout, needs, a, kernel[a], error);
    }
    layout->averaged = true;
    return status;
}

/* Of the two grids of evaluation. */
static void fill_stochastic(const lido_layout *layout, const lido_grid *grid, int axis,
                            lido_window *windows) {
    const lido_windows *of = &grid->axis[axis];
    if (grid == &layout->every)
        lido_windows_keep(of->length, 1, 1, of->kernel, NULL, windows);
    else
        lido_windows_adapt(of->length, of->outputs, windows);
}

static void draw_stochastic(const lido_layout *layout, int axis, const float *draws,
                            lido_window *windows) {
    const lido_windows *of = &layout->part[0].axis[axis];
    lido_windows_keep(of->length, layout->cell[axis], layout->keep[axis], of->kernel, draws,
                      windows);
}

static bool asks_stochastic(const lido_grid_config *config) {
    return config->stochastic_grid.given;
}

const lido_grid_kind lido_grid_stochastic = {
    .key = "stochastic_grid",
    .asked = asks_stochastic,
    .resolve = resolve_stochastic,
    .fill = fill_stochastic,
    .draw = draw_stochastic,
    .lacks = {[LIDO_GRID_POSITIONS] = "evaluation reduces windows at every cell",
              [LIDO_GRID_WHOLE_MAP] = LIDO_PARTS_OF_MAP},
};
