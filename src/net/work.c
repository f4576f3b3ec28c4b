/* work.c - the work of a call, by its shapes. */
#include "net/work.h"

#include "net/init.h"

static double values_of(const lido_needs *needs) {
    double values = 0;
    for (int i = 0; i < needs->params; i++) {
        int64_t count;
        if (lido_param_count(&needs->param[i], &count)) values += (double)count;
    }
    return values;
}

static double inputs_of(const lido_call *call, bool wanted_gradients) {
    int64_t values = 0;
    for (int k = 0; k < call->inputs; k++)
        if (!wanted_gradients || call->dx[k]) values += lido_shape_size(&call->x_shape[k]);
    return (double)(values * call->batch);
}

lido_work lido_work_of(const lido_needs *needs, const lido_call *call) {
    if (needs->view) return (lido_work){0};
    const double products = (double)(needs->multiply_adds * call->batch);
    const double w = values_of(needs), y = (double)(lido_shape_size(call->y_shape) * call->batch);
    if (!call->dy)
        return (lido_work){products, (inputs_of(call, false) + w + y) * sizeof(lido_real)};
    const double dx = inputs_of(call, true);
    double values = dx + y + 2 * w;
    if (needs->backward_reads_x) values += inputs_of(call, false);
    if (needs->backward_reads_y) values += y;
    return (lido_work){products * ((dx > 0) + (w > 0)), values * sizeof(lido_real)};
}

lido_work lido_work_shown(const lido_graph *graph, int layer, const lido_call *call) {
    return call ? lido_work_of(&graph->node[layer].needs, call) : (lido_work){0};
}
