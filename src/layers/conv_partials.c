/* conv_partials.c - the gradient of weights and bias as partial sums over chunks of images, which
 * are computed independently and then added in order: the same bits for any number of threads. */
#include "base/team.h"
#include "kernels/clones.h"
#include "layers/conv.h"

#include <string.h>

enum { CHUNKS = 8, BLOCK = 4096 };

int64_t lido_conv_chunks(int64_t batch) {
    const int64_t images = lido_conv_chunk_images(batch);
    return (batch + images - 1) / images;
}

int64_t lido_conv_chunk_images(int64_t batch) {
    return (batch + CHUNKS - 1) / CHUNKS;
}

int64_t lido_conv_most_chunks(int64_t batch) {
    return batch < CHUNKS ? batch : CHUNKS;
}

int64_t lido_conv_partial(const lido_conv *conv) {
    return (conv->taps * (conv->channels / conv->groups) + 1) * conv->filters;
}

LIDO_CLONES
void lido_conv_add_rows(lido_real *restrict sum, const lido_real *restrict dy, int64_t rows,
                        int64_t filters, int64_t pitch) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t f = 0; f < filters; f++) sum[f] += dy[r * pitch + f];
}

typedef struct job {
    lido_real *sum;
    const lido_real *part;
    int64_t count, pitch, parts;
} job;

LIDO_CLONES
static void add(lido_real *restrict sum, const lido_real *restrict part, int64_t count) {
    for (int64_t i = 0; i < count; i++) sum[i] += part[i];
}

static void sum_block(void *context, int64_t index, int worker) {
    (void)worker;
    const job *j = context;
    const int64_t begin = index * BLOCK;
    const int64_t count = j->count - begin < BLOCK ? j->count - begin : BLOCK;
    memcpy(j->sum + begin, j->part + begin, (size_t)count * sizeof(lido_real));
    for (int64_t k = 1; k < j->parts; k++)
        add(j->sum + begin, j->part + k * j->pitch + begin, count);
}

static void sum_parts(lido_team *team, job j) {
    if (j.sum) lido_team_run(team, (j.count + BLOCK - 1) / BLOCK, sum_block, &j);
}

void lido_conv_sum_partials(const lido_conv *conv, const lido_call *call) {
    const int64_t pitch = lido_conv_partial(conv), weights = pitch - conv->filters;
    const lido_real *part = call->scratch;
    const int64_t parts = lido_conv_chunks(call->batch);
    sum_parts(call->team, (job){call->dw[0], part, weights, pitch, parts});
    sum_parts(call->team, (job){call->dw[1], part + weights, conv->filters, pitch, parts});
}
