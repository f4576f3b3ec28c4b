/* switches.c - from numbers inside windows to places in the map, and on to other engines' indices.
 */
#include "layers/switches.h"

#include "kernels/pool_extremum.h"

void lido_switch_positions(const lido_grid *grid, const void *switches, size_t size,
                           const int64_t o[LIDO_MAX_AXES], int64_t channels, int64_t *position) {
    const lido_windows *axis = grid->axis;
    const lido_window *const window[] = {&axis[0].at[o[0]], &axis[1].at[o[1]], &axis[2].at[o[2]]};
    const int64_t first = ((o[0] * axis[1].outputs + o[1]) * axis[2].outputs + o[2]) * channels;
    bool full = grid->cell != NULL;
    for (int a = 0; a < LIDO_MAX_AXES; a++) full = full && window[a]->count == axis[a].kernel;
    const int64_t base =
        (window[0]->start * axis[1].length + window[1]->start) * axis[2].length + window[2]->start;
    for (int64_t c = 0; c < channels; c++) {
        const uint32_t number = lido_switch_at(switches, size, first + c);
        if (number >= grid->cells)
            position[c] = -1;
        else
            position[c] =
                full ? base + grid->cell[number] : lido_grid_position(grid, window, number);
    }
}

void lido_switches_to_onnx(const lido_shape *x, int64_t batch, int64_t elements,
                           int64_t *switches) {
    const int64_t plane = lido_shape_positions(x), channels = x->channels;
    for (int64_t n = 0; n < batch; n++)
        for (int64_t i = 0; i < elements; i++) {
            int64_t *at = &switches[n * elements + i];
            if (*at >= 0) *at += (n * channels + i % channels) * plane;
        }
}
