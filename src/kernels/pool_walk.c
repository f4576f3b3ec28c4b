/* pool_walk.c - visits windows one by one, and the cells of each in lists. */
#include "kernels/pool_walk.h"

static void begin_row(lido_walk *walk) {
    const lido_box *outputs = &walk->outputs, *within = walk->within;
    walk->run = lido_grid_run(walk->grid, walk->at[0], walk->at[1], outputs->first[2],
                              outputs->last[2], within ? within->first[2] : 0,
                              within ? within->last[2] : walk->grid->axis[2].length);
}

/* Before the first window of walk->outputs. */
static void begin(lido_walk *walk) {
    const lido_box *outputs = &walk->outputs;
    walk->left = 1;
    for (int a = 0; a < LIDO_MAX_AXES; a++) {
        int64_t extent = outputs->last[a] - outputs->first[a];
        walk->at[a] = outputs->first[a];
        walk->left *= extent > 0 ? extent : 0;
    }
    for (uint32_t i = 0; i < LIDO_LISTED_CELLS; i++) walk->every[i] = i;
    if (walk->left > 0) begin_row(walk);
    walk->at[2]--;
}

void lido_walk_outputs(lido_walk *walk, const lido_grid *grid, const lido_box *outputs) {
    walk->grid = grid;
    walk->outputs = *outputs;
    walk->within = NULL;
    begin(walk);
}

void lido_walk_inputs(lido_walk *walk, const lido_grid *grid, const lido_box *inputs) {
    walk->grid = grid;
    walk->within = inputs;
    lido_box_run(grid, inputs, &walk->low, &walk->high);
    lido_grid_reaching(grid, inputs, &walk->outputs);
    begin(walk);
}

/* at[] of the next window, row-major. */
static void step(lido_walk *walk) {
    const lido_box *outputs = &walk->outputs;
    if (++walk->at[2] < outputs->last[2]) return;
    walk->at[2] = outputs->first[2];
    if (++walk->at[1] == outputs->last[1]) {
        walk->at[1] = outputs->first[1];
        walk->at[0]++;
    }
    begin_row(walk);
}

bool lido_walk_window(lido_walk *walk) {
    const lido_windows *axis = walk->grid->axis;
    const int64_t *at = walk->at;
    if (walk->left == 0) return false;
    walk->left--;
    step(walk);
    walk->output = (at[0] * axis[1].outputs + at[1]) * axis[2].outputs + at[2];
    walk->cells = axis[0].at[at[0]].count * axis[1].at[at[1]].count * axis[2].at[at[2]].count;
    walk->in_run = at[2] >= walk->run.first && at[2] < walk->run.last;
    lido_walk_again(walk);
    return true;
}

void lido_walk_again(lido_walk *walk) {
    const int64_t *at = walk->at;
    walk->listed = false;
    if (!walk->in_run) lido_cells_begin(&walk->some, walk->grid, at[0], at[1], at[2], walk->within);
}

/* All cells of a full window. */
static bool list_every(lido_walk *walk) {
    if (walk->listed) return false;
    walk->listed = true;
    walk->count = (int)walk->grid->cells;
    walk->position = walk->grid->cell;
    walk->number = walk->every;
    walk->origin =
        walk->run.position + (walk->at[2] - walk->run.first) * walk->grid->axis[2].advance;
    return true;
}

bool lido_walk_cells(lido_walk *walk) {
    if (walk->in_run) return list_every(walk);
    if (!lido_cells_next(&walk->some)) return false;
    walk->count = walk->some.count;
    walk->position = walk->some.position;
    walk->number = walk->some.number;
    walk->origin = 0;
    return true;
}
