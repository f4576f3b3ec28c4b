/* test_plan.c - the planner: nothing that lives at the same time overlaps, and little is wasted. */
#include "lido_check.h"
#include "net/plan.h"

static lido_error error;

static int64_t padded(int64_t bytes) {
    return (bytes + LIDO_ALIGNMENT - 1) / LIDO_ALIGNMENT * LIDO_ALIGNMENT;
}

/* The most bytes that live at any one step: no plan can be smaller. */
static int64_t lower_bound(const lido_request *request, int count, int steps) {
    int64_t most = 0;
    for (int step = 0; step < steps; step++) {
        int64_t live = 0;
        for (int i = 0; i < count; i++)
            if (request[i].first <= step && step <= request[i].last)
                live += padded(request[i].bytes);
        if (live > most) most = live;
    }
    return most;
}

static void check_plan(const lido_request *request, int count, int64_t total) {
    int64_t sum = 0, highest = 0;
    for (int i = 0; i < count; i++) {
        int64_t end = request[i].offset + padded(request[i].bytes);
        ck_assert_int_ge(request[i].offset, 0);
        ck_assert_int_eq(request[i].offset % LIDO_ALIGNMENT, 0);
        sum += padded(request[i].bytes);
        if (end > highest) highest = end;
        for (int j = 0; j < i; j++) {
            bool together =
                request[i].first <= request[j].last && request[j].first <= request[i].last;
            bool apart = end <= request[j].offset ||
                         request[j].offset + padded(request[j].bytes) <= request[i].offset;
            if (together && !apart) ck_abort_msg("requests %d and %d overlap", j, i);
        }
    }
    ck_assert_int_eq(highest, total);
    ck_assert_int_le(total, sum);
}

START_TEST(random_lifetimes_never_overlap) {
    enum { STEPS = 40, MOST = 120 };
    lido_key key = lido_key_make(1, "plan", 0);
    for (uint64_t trial = 0; trial < 200; trial++) {
        lido_request request[MOST];
        int count = (int)lido_random_below(key, trial, 0, MOST + 1);
        for (int i = 0; i < count; i++) {
            uint32_t word[4];
            lido_random(key, trial, (uint64_t)i + 1, word);
            int first = (int)(word[0] % STEPS);
            request[i] = (lido_request){.bytes = word[1] % 5000,
                                        .first = first,
                                        .last = first + (int)(word[2] % (STEPS - first))};
        }
        int64_t total;
        assert_ok(lido_plan(request, count, &total, &error));
        check_plan(request, count, total);
        ck_assert_int_ge(total, lower_bound(request, count, STEPS));
    }
}
END_TEST

START_TEST(a_known_best_plan_is_found) {
    /* Placed in the order given, the third would need a place of its own: 5 blocks, not 4. */
    lido_request request[] = {{.bytes = 64, .first = 0, .last = 1},
                              {.bytes = 128, .first = 1, .last = 2},
                              {.bytes = 192, .first = 3, .last = 3},
                              {.bytes = 64, .first = 3, .last = 4}};
    int64_t total;
    assert_ok(lido_plan(request, 4, &total, &error));
    check_plan(request, 4, total);
    ck_assert_int_eq(total, 256);
    ck_assert_int_eq(request[2].offset, 0);
    ck_assert_int_eq(request[1].offset, 0);
    ck_assert_int_eq(request[0].offset, 128);
    ck_assert_int_eq(request[3].offset, 192);
}
END_TEST

/* A chain in inference: each tensor lives until the next layer has run. */
START_TEST(a_shrinking_chain_reaches_the_lower_bound) {
    enum { LAYERS = 10 };
    lido_request request[LAYERS];
    for (int i = 0; i < LAYERS; i++)
        request[i] = (lido_request){.bytes = 64 * (LAYERS - i), .first = i, .last = i + 1};
    int64_t total;
    assert_ok(lido_plan(request, LAYERS, &total, &error));
    check_plan(request, LAYERS, total);
    ck_assert_int_eq(total, lower_bound(request, LAYERS, LAYERS + 1));
}
END_TEST

/* An even chain in training: activations pile up, gradients take their places on the way back. */
START_TEST(a_training_chain_reaches_the_lower_bound) {
    enum { LAYERS = 8 };
    lido_request request[2 * LAYERS];
    for (int i = 0; i < LAYERS; i++) {
        const int64_t bytes = 1000;
        int back = 2 * LAYERS - 1 - i;
        request[i] = (lido_request){.bytes = bytes, .first = i, .last = back};
        request[LAYERS + i] = (lido_request){.bytes = bytes, .first = back - 1, .last = back};
    }
    int64_t total;
    assert_ok(lido_plan(request, 2 * LAYERS, &total, &error));
    check_plan(request, 2 * LAYERS, total);
    ck_assert_int_eq(total, lower_bound(request, 2 * LAYERS, 2 * LAYERS));
}
END_TEST

START_TEST(nothing_and_empty_requests_take_no_room) {
    int64_t total = -1;
    assert_ok(lido_plan(NULL, 0, &total, &error));
    ck_assert_int_eq(total, 0);
    lido_request request[2] = {{.bytes = 0, .last = 3}, {.bytes = 0, .first = 1, .last = 1}};
    assert_ok(lido_plan(request, 2, &total, &error));
    ck_assert_int_eq(total, 0);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused) {
    int64_t total;
    lido_request huge = {.bytes = INT64_MAX};
    assert_fails(lido_plan(&huge, 1, &total, &error), LIDO_TOO_LARGE, "2^63 bytes");
    /* Refused although the two never live together. */
    lido_request two[2] = {{.bytes = INT64_MAX / 2 + 1},
                           {.bytes = INT64_MAX / 2 + 1, .first = 1, .last = 1}};
    assert_fails(lido_plan(two, 2, &total, &error), LIDO_TOO_LARGE, "2^63 bytes");
    ck_assert_int_eq(total, 0);
}
END_TEST

LIDO_TEST_MAIN("plan", random_lifetimes_never_overlap, a_known_best_plan_is_found,
               a_shrinking_chain_reaches_the_lower_bound, a_training_chain_reaches_the_lower_bound,
               nothing_and_empty_requests_take_no_room, sizes_that_overflow_are_refused)
