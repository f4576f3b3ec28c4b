/* upsample.c - a map made larger (or, with `output_size`, of any size), one axis at a time. Output
 * cell o of O shows, of an input of L cells,
 *   repeat    cell floor(o L / O): each cell so many times over
 *   nearest   the cell under the centre of o: floor((o + 1/2) L / O)
 *   bilinear  the two cells around position p = (o + 1/2) L / O - 1/2, at the ends the last one;
 * with align_corners p = o (L - 1) / (O - 1), so that the first and last cells coincide Bilinear is
 * linear on one axis and trilinear on three. The arithmetic of positions is in whole numbers.
 * Backward gathers: each input cell knows which outputs show it. */
#include <lido/layer.h>

#include "base/team.h"
#include "kernels/clones.h"
#include "layers/blocks.h"

#include <inttypes.h>
#include <string.h>

typedef enum upsample_mode { REPEAT, NEAREST, BILINEAR } upsample_mode;

static const char *const mode_names[] = {"repeat", "nearest", "bilinear", NULL};

typedef struct upsample_config {
    int mode; /* upsample_mode */
    lido_axes scale, output_size;
    bool align_corners;
} upsample_config;

static const lido_option options[] = {
    {"mode", LIDO_OPTION_CHOICE, offsetof(upsample_config, mode), "\"nearest\"",
     .choices = mode_names, .doc = "what lies between the cells"},
    {"scale", LIDO_OPTION_AXES, offsetof(upsample_config, scale), "null", 1, 1 << 20,
     .doc = "so many times as long"},
    {"output_size", LIDO_OPTION_SIZES, offsetof(upsample_config, output_size), "null", 1, 1 << 30,
     .doc = "so long (null: as the input)"},
    {"align_corners", LIDO_OPTION_BOOL, offsetof(upsample_config, align_corners), "false",
     .doc = "bilinear: the corners' centres coincide, not their edges"},
    {0},
};

/* What one output cell shows: low and high, mixed as (1 - share) low + share high. */
typedef struct pick {
    int64_t low, high;
    lido_real share;
} pick;

/* The outputs that show one input cell, one after the other; none where first == last. */
typedef struct readers {
    int64_t first, last;
} readers;

typedef struct axis_plan {
    int64_t length, output;
    const pick *pick;       /* pick[output] */
    const readers *readers; /* readers[length] */
} axis_plan;

/* The tables begin with this; picks and readers follow. */
typedef struct upsample_plan {
    axis_plan axis[LIDO_MAX_AXES];
} upsample_plan;

/* ---- sizes ---------------------------------------------------------------------------------- */

static lido_status find_outputs(const lido_site *site, int64_t output[], lido_error *error) {
    const upsample_config *config = site->config;
    const bool scaled = config->scale.count > 0;
    if (site->x->rank == 0)
        return lido_fail(error, LIDO_SHAPE, "upsample needs spatial axes, the input is a vector");
    if (scaled == (config->output_size.count > 0))
        return lido_fail(error, LIDO_SPEC, "allowed: either \"scale\" or \"output_size\"");
    if (config->align_corners && config->mode != BILINEAR)
        return lido_fail(error, LIDO_SPEC,
                         "\"align_corners\" has no meaning with \"%s\", only with \"bilinear\"",
                         mode_names[config->mode]);
    lido_status status =
        scaled ? lido_axes_expand(&config->scale, site->x->rank, 1, "scale", output, error)
               : lido_axes_expand(&config->output_size, site->x->rank, 1, "output_size", output,
                                  error);
    if (status) return status;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        const int64_t length = site->x->axis[a];
        int64_t product = length;
        bool fits = !scaled || lido_mul(length, output[a], &product);
        if (scaled)
            output[a] = product;
        else if (output[a] == 0)
            output[a] = length;
        fits = fits && output[a] <= INT32_MAX && length <= INT32_MAX;
        if (!fits) return lido_fail(error, LIDO_TOO_LARGE, "an axis of more than 2^31 cells");
    }
    return LIDO_OK;
}

static lido_status infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    int64_t output[LIDO_MAX_AXES], dims[LIDO_MAX_AXES + 1];
    lido_status status = find_outputs(site, output, error);
    if (status) return status;
    int count = 0;
    for (int a = LIDO_MAX_AXES - site->x->rank; a < LIDO_MAX_AXES; a++) dims[count++] = output[a];
    dims[count++] = site->x->channels;
    if ((status = lido_shape_make(dims, count, &needs->y, error))) return status;
    needs->tables = sizeof(upsample_plan);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        needs->tables += (size_t)output[a] * sizeof(pick);
        needs->tables += (size_t)site->x->axis[a] * sizeof(readers);
        if (((const upsample_config *)site->config)->mode == BILINEAR)
            needs->extent[a] = site->x->axis[a] > 1 ? 2 : 1;
    }
    const int64_t longer = output[2] > site->x->axis[2] ? output[2] : site->x->axis[2];
    needs->scratch_worker = (size_t)(longer * site->x->channels) * sizeof(lido_real);
    needs->nonnegative = site->x_nonnegative[0];
    return LIDO_OK;
}

/* ---- tables --------------------------------------------------------------------------------- */

/* The cells around position over / under of an axis, which is at least 0. */
static pick between(int64_t over, int64_t under, int64_t length) {
    const int64_t low = over / under, high = low + 1 < length ? low + 1 : length - 1;
    return (pick){low, high, (lido_real)((double)(over % under) / (double)under)};
}

static pick one_cell(int64_t cell) {
    return (pick){cell, cell, 0};
}

static pick pick_of(const upsample_config *config, int64_t o, int64_t length, int64_t output) {
    if (config->mode == REPEAT) return one_cell(o * length / output);
    if (config->mode == NEAREST) return one_cell((2 * o + 1) * length / (2 * output));
    if (config->align_corners)
        return output > 1 ? between(o * (length - 1), output - 1, length) : one_cell(0);
    const int64_t over = (2 * o + 1) * length - output;
    return over > 0 ? between(over, 2 * output, length) : one_cell(0);
}

/* Picks go up with o, so the outputs that show a cell are neighbours. */
static void fill_readers(const axis_plan *axis, readers *list) {
    for (int64_t i = 0; i < axis->length; i++) list[i] = (readers){0, 0};
    for (int64_t o = 0; o < axis->output; o++) {
        const int64_t cell[] = {axis->pick[o].low, axis->pick[o].high};
        for (int k = 0; k < 2; k++) {
            readers *of = &list[cell[k]];
            if (of->last == 0) of->first = o;
            of->last = o + 1;
        }
    }
}

static void prepare(const lido_site *site, const lido_needs *needs, void *tables) {
    upsample_plan *plan = tables;
    char *at = (char *)(plan + 1);
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        axis_plan *axis = &plan->axis[a];
        pick *picks = (pick *)(void *)at;
        *axis = (axis_plan){site->x->axis[a], needs->y.axis[a], picks, NULL};
        for (int64_t o = 0; o < axis->output; o++)
            picks[o] = pick_of(site->config, o, axis->length, axis->output);
        at += (size_t)axis->output * sizeof *picks;
    }
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        axis_plan *axis = &plan->axis[a];
        readers *list = (readers *)(void *)at;
        fill_readers(axis, list);
        axis->readers = list;
        at += (size_t)axis->length * sizeof *list;
    }
}

/* How much of an input cell an output shows. */
static lido_real share_of(const pick *p, int64_t cell) {
    return (p->low == cell ? 1 - p->share : 0) + (p->high == cell ? p->share : 0);
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* to = factor * from, or to += factor * from. */
LIDO_CLONES
static void blend(lido_real *restrict to, const lido_real *restrict from, lido_real factor,
                  int64_t count, bool add) {
    if (add)
        for (int64_t i = 0; i < count; i++) to[i] += factor * from[i];
    else
        for (int64_t i = 0; i < count; i++) to[i] = factor * from[i];
}

/* y[ow] from a row of input cells. */
LIDO_CLONES
static void stretch(const axis_plan *w, int64_t channels, const lido_real *restrict row,
                    lido_real *restrict y) {
    for (int64_t o = 0; o < w->output; o++, y += channels) {
        const pick p = w->pick[o];
        const lido_real *low = row + p.low * channels, *high = row + p.high * channels;
        if (p.share == 0)
            memcpy(y, low, (size_t)channels * sizeof *y);
        else
            for (int64_t c = 0; c < channels; c++)
                y[c] = (1 - p.share) * low[c] + p.share * high[c];
    }
}

/* dx[w] from the gradient of a row of output cells. */
LIDO_CLONES
static void gather(const axis_plan *w, int64_t channels, const lido_real *restrict row,
                   lido_real *restrict dx) {
    for (int64_t i = 0; i < w->length; i++, dx += channels) {
        memset(dx, 0, (size_t)channels * sizeof *dx);
        for (int64_t o = w->readers[i].first; o < w->readers[i].last; o++) {
            const lido_real share = share_of(&w->pick[o], i);
            for (int64_t c = 0; c < channels; c++) dx[c] += share * row[o * channels + c];
        }
    }
}

/* ---- running -------------------------------------------------------------------------------- */

static const axis_plan *axes_of(const lido_call *call) {
    return ((const upsample_plan *)call->tables)->axis;
}

static lido_real *worker_row(const lido_call *call, int worker) {
    return (lido_real *)(void *)(call->worker_scratch + (size_t)worker * call->worker_stride);
}

/* The rows of input that output row (od, oh) shows, mixed; the row itself where it is one. */
static const lido_real *mix_rows(const axis_plan axis[], int64_t channels, const lido_real *x,
                                 int64_t od, int64_t oh, lido_real *mixed) {
    const pick d = axis[0].pick[od], h = axis[1].pick[oh];
    const int64_t length = axis[2].length * channels;
    if (d.share == 0 && h.share == 0) return x + (d.low * axis[1].length + h.low) * length;
    bool add = false;
    for (int i = 0; i < 4; i++) {
        const lido_real depth = i / 2 ? d.share : 1 - d.share,
                        height = i % 2 ? h.share : 1 - h.share;
        const int64_t id = i / 2 ? d.high : d.low, ih = i % 2 ? h.high : h.low;
        if (depth == 0 || height == 0) continue;
        blend(mixed, x + (id * axis[1].length + ih) * length, depth * height, length, add);
        add = true;
    }
    return mixed;
}

static void forward_row(const lido_call *call, int64_t row, lido_real *mixed) {
    const axis_plan *axis = axes_of(call);
    const int64_t channels = call->x_shape->channels;
    const int64_t oh = row % axis[1].output, od = row / axis[1].output % axis[0].output;
    const int64_t n = row / axis[1].output / axis[0].output;
    const lido_real *x = call->x[0] + n * lido_shape_size(call->x_shape);
    stretch(&axis[2], channels, mix_rows(axis, channels, x, od, oh, mixed),
            call->y + row * axis[2].output * channels);
}

static void backward_row(const lido_call *call, int64_t row, lido_real *sum) {
    const axis_plan *axis = axes_of(call);
    const int64_t channels = call->x_shape->channels, length = axis[2].output * channels;
    const int64_t ih = row % axis[1].length, id = row / axis[1].length % axis[0].length;
    const int64_t n = row / axis[1].length / axis[0].length;
    const lido_real *dy = call->dy + n * lido_shape_size(call->y_shape);
    memset(sum, 0, (size_t)length * sizeof *sum);
    for (int64_t od = axis[0].readers[id].first; od < axis[0].readers[id].last; od++)
        for (int64_t oh = axis[1].readers[ih].first; oh < axis[1].readers[ih].last; oh++)
            blend(sum, dy + (od * axis[1].output + oh) * length,
                  share_of(&axis[0].pick[od], id) * share_of(&axis[1].pick[oh], ih), length, true);
    gather(&axis[2], channels, sum, call->dx[0] + row * axis[2].length * channels);
}

typedef struct rows_job {
    const lido_call *call;
    void (*row)(const lido_call *call, int64_t row, lido_real *scratch);
    int64_t rows, each; /* all, and those of a piece */
} rows_job;

static void run_piece(void *context, int64_t index, int worker) {
    const rows_job *j = context;
    const int64_t first = index * j->each, left = j->rows - first;
    for (int64_t i = 0; i < (left < j->each ? left : j->each); i++)
        j->row(j->call, first + i, worker_row(j->call, worker));
}

static void run(rows_job *j, int64_t width) {
    j->each = lido_block_rows(width);
    lido_team_run(j->call->team, lido_block_count(j->rows, width), run_piece, j);
}

static void forward(const lido_call *call) {
    const axis_plan *axis = axes_of(call);
    rows_job j = {call, forward_row, call->batch * axis[0].output * axis[1].output, 0};
    run(&j, axis[2].output * call->x_shape->channels);
}

static void backward(const lido_call *call) {
    const axis_plan *axis = axes_of(call);
    rows_job j = {call, backward_row, call->batch * axis[0].length * axis[1].length, 0};
    if (call->dx[0]) run(&j, axis[2].length * call->x_shape->channels);
}

const lido_layer lido_layer_upsample = {
    .name = "upsample",
    .doc = "a map made larger by repeating or interpolating its cells",
    .options = options,
    .config_size = sizeof(upsample_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
