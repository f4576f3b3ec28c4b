/* test_allocation.c - a training step allocates nothing, and making a net allocates the arena that
 * the plan asks for, to the byte. Every allocation of the process is counted: the functions below
 * take the place of the C library's. */
#define _GNU_SOURCE
#include "graph_of.h"
#include "team_of.h"

#if defined(LIDO_SANITIZED) || !defined(__GLIBC__)

START_TEST(allocations_are_counted) {
    printf("skipped: needs glibc's allocator, without sanitizers\n");
}
END_TEST

LIDO_TEST_MAIN("allocation", allocations_are_counted)

#else

#    include <errno.h>
#    include <stdatomic.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;
static atomic_size_t largest;

static void count(size_t size) {
    atomic_fetch_add(&allocations, 1);
    if (size > atomic_load(&largest)) atomic_store(&largest, size);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count(size);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count(size);
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

static const char layers[] =
    "{\"type\": \"conv\", \"filters\": 16, \"kernel\": 3, \"padding\": \"same\"},"
    "{\"type\": \"batch_norm\"}, {\"type\": \"relu\", \"name\": \"a\"},"
    "{\"type\": \"conv\", \"filters\": 16, \"kernel\": 1, \"name\": \"b\"},"
    "{\"type\": \"add\", \"input\": [\"a\", \"b\"]}, {\"type\": \"max_pool\", \"kernel\": 2},"
    "{\"type\": \"dropout\", \"rate\": 0.5}, {\"type\": \"flatten\"},"
    "{\"type\": \"dense\", \"units\": 10}, {\"type\": \"softmax\"}";

START_TEST(the_count_counts) {
    long before = atomic_load(&allocations);
    void *volatile some = malloc(100);
    void *volatile more = realloc(calloc(2, 8), 64);
    void *volatile aligned = aligned_alloc(64, 128);
    ck_assert_int_eq(atomic_load(&allocations) - before, 4);
    free(some);
    free(more);
    free(aligned);
}
END_TEST

START_TEST(a_training_step_allocates_nothing) {
    lido_graph *graph = graph_of("[16, 16, 3]", layers);
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 32, .training = true, .team = team_of(2)});
    lido_batch batch = random_batch(graph, 32, 1);
    lido_result result;
    /* The first step makes the buffers of the BLAS. */
    lido_net_gradients(net, &batch, &result);
    lido_net_forward(net, &batch, &result);
    long before = atomic_load(&allocations);
    for (batch.step = 1; batch.step <= 10; batch.step++) {
        lido_net_gradients(net, &batch, &result);
        lido_net_forward(net, &batch, &result);
    }
    ck_assert_int_eq(atomic_load(&allocations) - before, 0);
    free_batch(&batch);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(the_arena_is_as_large_as_planned) {
    lido_graph *graph = graph_of("[16, 16, 3]", layers);
    atomic_store(&largest, 0);
    lido_net *net =
        net_of(graph, &(lido_net_options){.batch = 32, .training = true, .team = team_of(2)});
    size_t allocated = atomic_load(&largest);
    lido_net_memory memory;
    lido_net_memory_get(net, &memory);
    ck_assert_uint_eq(allocated, (size_t)memory.arena);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("allocation", the_count_counts, a_training_step_allocates_nothing,
               the_arena_is_as_large_as_planned)

#endif
