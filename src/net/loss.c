/* loss.c - cross-entropy from logits and squared error, with their gradients. */
#include "net/loss.h"
#include "base/team.h"

#include <math.h>
#include <string.h>

enum { ROWS_A_PART = 64 };

const char *const lido_loss_names[] = {"cross_entropy", "mse", NULL};

int64_t lido_loss_parts(int64_t samples, int64_t positions) {
    int64_t rows;
    if (!lido_mul(samples, positions, &rows)) return 0;
    return rows / ROWS_A_PART + (rows % ROWS_A_PART != 0);
}

int64_t lido_largest(const lido_real *values, int64_t count) {
    int64_t best = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

/* One row: adds to *part and, when wanted, writes dz[classes]. `scale` is 1 / rows. */
static void cross_entropy_row(const lido_real *z, int64_t classes, int32_t label, double scale,
                              lido_real *dz, lido_loss_part *part) {
    int64_t best = lido_largest(z, classes);
    double highest = (double)z[best], sum = 0, at_label = 0;
    for (int64_t c = 0; c < classes; c++) {
        double e = exp((double)z[c] - highest);
        if (c == label) at_label = e;
        if (dz) dz[c] = (lido_real)e;
        sum += e;
    }
    part->loss += log(sum) + highest - (double)z[label];
    part->correct += best == label && !isnan(sum);
    if (!dz) return;
    for (int64_t c = 0; c < classes; c++) dz[c] = (lido_real)((double)dz[c] * (scale / sum));
    dz[label] = (lido_real)((at_label - sum) / sum * scale);
}

/* The same for the squared error; `scale` is 1 / (rows * classes). */
static void squared_row(const lido_real *z, int64_t classes, int32_t label, double scale,
                        lido_real *dz, lido_loss_part *part) {
    double sum = 0;
    for (int64_t c = 0; c < classes; c++) {
        double difference = (double)z[c] - (c == label ? 1 : 0);
        sum += difference * difference;
        if (dz) dz[c] = (lido_real)(2 * difference * scale);
    }
    part->loss += sum;
    part->correct += lido_largest(z, classes) == label && !isnan(sum);
}

typedef void (*row_function)(const lido_real *z, int64_t classes, int32_t label, double scale,
                             lido_real *dz, lido_loss_part *part);

typedef struct loss_work {
    const lido_loss_call *call;
    row_function row;
    double scale;
} loss_work;

static void run_part(void *context, int64_t index, int worker) {
    (void)worker;
    const loss_work *work = context;
    const lido_loss_call *call = work->call;
    int64_t first = index * ROWS_A_PART, last = first + ROWS_A_PART;
    if (last > call->rows) last = call->rows;
    lido_loss_part part = {0};
    for (int64_t r = first; r < last; r++) {
        lido_real *dz = call->dz ? call->dz + r * call->classes : NULL;
        if (call->labels[r] >= 0)
            work->row(call->z + r * call->classes, call->classes, call->labels[r], work->scale, dz,
                      &part);
        else if (dz)
            memset(dz, 0, (size_t)call->classes * sizeof *dz);
    }
    call->part[index] = part;
}

static int64_t count_rows(const lido_loss_call *call) {
    int64_t rows = 0;
    for (int64_t r = 0; r < call->rows; r++) rows += call->labels[r] >= 0;
    return rows;
}

/* `terms` is how many terms of the sum a row has. */
static void run(const lido_loss_call *call, row_function row, int64_t terms, lido_result *result) {
    int64_t rows = count_rows(call);
    double scale = rows > 0 ? 1.0 / ((double)rows * (double)terms) : 0;
    loss_work work = {.call = call, .row = row, .scale = scale};
    int64_t parts = lido_loss_parts(call->rows, 1);
    lido_team_run(call->team, parts, run_part, &work);
    lido_loss_part sum = {0};
    for (int64_t i = 0; i < parts; i++) {
        sum.loss += call->part[i].loss;
        sum.correct += call->part[i].correct;
    }
    *result = (lido_result){.loss = sum.loss * scale, .correct = sum.correct, .rows = rows};
}

void lido_loss_cross_entropy(const lido_loss_call *call, lido_result *result) {
    run(call, cross_entropy_row, 1, result);
}

void lido_loss_squared(const lido_loss_call *call, lido_result *result) {
    run(call, squared_row, call->classes, result);
}
