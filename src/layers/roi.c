/* roi.c - boxes on maps: shapes, memory, and the work cut into boxes (forward) or into samples and
 * groups of channels (backward, where boxes overlap and are added in order). */
#include "layers/roi.h"

#include "base/team.h"

#include <string.h>

enum { BOX_NUMBERS = 5, CHANNELS_A_PIECE = 32 };

const char *const lido_roi_reducers[] = {"max", "mean", NULL};

static lido_status check_inputs(const lido_site *site, lido_error *error) {
    const lido_shape *map = &site->x[0], *boxes = &site->x[1];
    char first[64], second[64];
    if (map->rank != 2 || boxes->rank != 1 || boxes->channels != BOX_NUMBERS)
        return lido_fail(error, LIDO_SHAPE, "takes a map [H,W,C] and boxes [n,5], not %s and %s",
                         lido_shape_text(map, first, sizeof first),
                         lido_shape_text(boxes, second, sizeof second));
    if (lido_shape_positions(map) <= INT32_MAX) return LIDO_OK;
    return lido_fail(error, LIDO_TOO_LARGE, "a map of %s has more than 2^31 - 1 positions",
                     lido_shape_text(map, first, sizeof first));
}

lido_status lido_roi_infer(const lido_site *site, lido_needs *needs, lido_error *error) {
    const lido_roi_config *config = site->config;
    const lido_shape *map = &site->x[0];
    int64_t bins[LIDO_MAX_AXES], saved;
    lido_status status = check_inputs(site, error);
    if (!status) status = lido_axes_expand(&config->output_size, 2, 1, "output_size", bins, error);
    if (!status)
        status = lido_shape_make((int64_t[]){site->x[1].axis[2], bins[1], bins[2], map->channels},
                                 4, &needs->y, error);
    if (status) return status;
    bool is_max = config->reducer == LIDO_ROI_MAX;
    if (!lido_mul(lido_shape_size(&needs->y) * (int64_t)sizeof(int32_t), site->batch, &saved))
        return lido_fail(error, LIDO_TOO_LARGE, "the places of the maxima take too much memory");
    needs->saved = is_max ? (size_t)saved : 0;
    needs->scratch_worker = (size_t)map->channels * sizeof(double);
    needs->backward_reads_x = true; /* the boxes */
    needs->nonnegative = site->x_nonnegative[0];
    needs->whole_map = true;
    return LIDO_OK;
}

/* ---- running ------------------------------------------------------------------------------- */

typedef struct work {
    const lido_call *call;
    lido_roi_function function;
    int64_t boxes; /* of a sample */
} work;

/* Where the output of a box of the batch starts in y, dy and saved. */
static int64_t place_of(const work *w, int64_t box) {
    const lido_shape *y = w->call->y_shape;
    return box * y->axis[1] * y->axis[2] * y->channels;
}

/* A box of the batch, from channel c on; without the arrays of either way. */
static lido_roi_piece piece_of(const work *w, int64_t box, int64_t c, int worker) {
    const lido_call *call = w->call;
    int32_t *saved = call->saved;
    return (lido_roi_piece){
        .config = call->config,
        .map = &call->x_shape[0],
        .bins = {call->y_shape->axis[1], call->y_shape->axis[2]},
        .box = call->x[1] + box * BOX_NUMBERS,
        .channels = call->y_shape->channels - c,
        .saved = saved ? saved + place_of(w, box) + c : NULL,
        .scratch = (void *)(call->worker_scratch + (size_t)worker * call->worker_stride),
    };
}

static void run_box(void *context, int64_t box, int worker) {
    const work *w = context;
    lido_roi_piece piece = piece_of(w, box, 0, worker);
    piece.x = w->call->x[0] + box / w->boxes * lido_shape_size(piece.map);
    piece.y = w->call->y + place_of(w, box);
    w->function(&piece);
}

void lido_roi_forward(const lido_call *call, lido_roi_function forward) {
    work w = {call, forward, call->x_shape[1].axis[2]};
    lido_team_run(call->team, call->batch * w.boxes, run_box, &w);
}

static int64_t groups_of(const lido_shape *map) {
    return (map->channels + CHANNELS_A_PIECE - 1) / CHANNELS_A_PIECE;
}

static void zero_channels(const lido_shape *map, lido_real *dx, int64_t channels) {
    int64_t positions = lido_shape_positions(map);
    for (int64_t p = 0; p < positions; p++)
        memset(dx + p * map->channels, 0, (size_t)channels * sizeof *dx);
}

static void run_group(void *context, int64_t index, int worker) {
    const work *w = context;
    const lido_shape *map = &w->call->x_shape[0];
    int64_t n = index / groups_of(map), first = index % groups_of(map) * CHANNELS_A_PIECE;
    int64_t left = map->channels - first, count = left < CHANNELS_A_PIECE ? left : CHANNELS_A_PIECE;
    lido_real *dx = w->call->dx[0] + n * lido_shape_size(map) + first;
    zero_channels(map, dx, count);
    for (int64_t i = 0; i < w->boxes; i++) {
        int64_t box = n * w->boxes + i;
        lido_roi_piece piece = piece_of(w, box, first, worker);
        piece.channels = count;
        piece.dy = w->call->dy + place_of(w, box) + first;
        piece.dx = dx;
        w->function(&piece);
    }
}

void lido_roi_backward(const lido_call *call, lido_roi_function backward) {
    const lido_shape *boxes = &call->x_shape[1];
    work w = {call, backward, boxes->axis[2]};
    if (call->dx[1])
        memset(call->dx[1], 0, (size_t)(call->batch * lido_shape_size(boxes)) * sizeof(lido_real));
    if (call->dx[0])
        lido_team_run(call->team, call->batch * groups_of(&call->x_shape[0]), run_group, &w);
}

void lido_roi_switches(const lido_call *call, int64_t *position) {
    const int32_t *saved = call->saved;
    const int64_t elements = call->batch * lido_shape_size(call->y_shape);
    for (int64_t i = 0; i < elements; i++) position[i] = saved[i];
}
