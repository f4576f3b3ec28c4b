/* plan.c - placing requests in one arena: greedy by size (Pisarchyk & Lee 2020, "Efficient memory
 * management for deep neural net inference"), which comes close to the lower bound on networks and
 * whose answer depends on nothing but the requests. Time grows with their square. */
#include "net/plan.h"

#include <stdlib.h>

static int64_t padded(int64_t bytes) {
    return (bytes + LIDO_ALIGNMENT - 1) / LIDO_ALIGNMENT * LIDO_ALIGNMENT;
}

/* The sum of all requests bounds every offset, so nothing after this check can overflow. */
static lido_status check_sum(const lido_request *request, int requests, lido_error *error) {
    int64_t sum = 0;
    for (int i = 0; i < requests; i++)
        if (request[i].bytes < 0 || request[i].bytes > INT64_MAX - LIDO_ALIGNMENT ||
            __builtin_add_overflow(sum, padded(request[i].bytes), &sum))
            return lido_fail(error, LIDO_TOO_LARGE, "the plan asks for more than 2^63 bytes");
    return LIDO_OK;
}

/* Largest first; of equals, the one that was asked for first. */
static int by_size(const void *a, const void *b) {
    const lido_request *first = *(lido_request *const *)a, *second = *(lido_request *const *)b;
    if (first->bytes != second->bytes) return first->bytes < second->bytes ? 1 : -1;
    return first < second ? -1 : first > second;
}

static bool live_together(const lido_request *a, const lido_request *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset free during the request's life; placed[count] lie in order of offset. */
static int64_t lowest_offset(const lido_request *request, lido_request *const *placed, int count) {
    int64_t offset = 0;
    for (int i = 0; i < count; i++) {
        if (!live_together(request, placed[i])) continue;
        if (placed[i]->offset - offset >= padded(request->bytes)) return offset;
        int64_t end = placed[i]->offset + padded(placed[i]->bytes);
        if (end > offset) offset = end;
    }
    return offset;
}

static void insert_by_offset(lido_request *request, lido_request **placed, int count) {
    int i = count;
    for (; i > 0 && placed[i - 1]->offset > request->offset; i--) placed[i] = placed[i - 1];
    placed[i] = request;
}

lido_status lido_plan(lido_request *request, int requests, int64_t *total, lido_error *error) {
    *total = 0;
    lido_status status = check_sum(request, requests, error);
    if (status || requests == 0) return status;
    lido_request **order = malloc(2 * (size_t)requests * sizeof *order);
    if (!order) return lido_fail(error, LIDO_MEMORY, "out of memory while planning");
    lido_request **placed = order + requests;
    for (int i = 0; i < requests; i++) order[i] = &request[i];
    qsort(order, (size_t)requests, sizeof *order, by_size);
    for (int i = 0; i < requests; i++) {
        order[i]->offset = lowest_offset(order[i], placed, i);
        insert_by_offset(order[i], placed, i);
        int64_t end = order[i]->offset + padded(order[i]->bytes);
        if (end > *total) *total = end;
    }
    free(order);
    return LIDO_OK;
}
