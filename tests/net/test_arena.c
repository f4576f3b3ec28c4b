/* test_arena.c - memory of any size is aligned and usable to its last byte. */
#include "lido_check.h"
#include "net/arena.h"
#include "net/plan.h"

#include <stdio.h>

START_TEST(memory_is_aligned_and_whole) {
    static const int64_t sizes[] = {0, 1, 64, 1000, (1 << 22) - 1, 1 << 22, 5000001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *memory = lido_arena_new(sizes[i]);
        ck_assert_ptr_nonnull(memory);
        ck_assert_uint_eq((uintptr_t)memory % LIDO_ALIGNMENT, 0);
        memset(memory, 0xA5, (size_t)sizes[i]);
        if (sizes[i] > 0) ck_assert_uint_eq(memory[sizes[i] - 1], 0xA5);
        free(memory);
    }
}
END_TEST

START_TEST(large_memory_can_be_huge_pages) {
    uint8_t *memory = lido_arena_new(1 << 23);
    ck_assert_uint_eq((uintptr_t)memory % (1 << 21), 0);
    free(memory);
}
END_TEST

START_TEST(more_than_there_is_is_null) {
#ifdef LIDO_SANITIZED
    printf("skipped: sanitizers end the process when an allocation fails\n");
#else
    ck_assert_ptr_null(lido_arena_new((int64_t)1 << 60));
#endif
}
END_TEST

LIDO_TEST_MAIN("arena", memory_is_aligned_and_whole, large_memory_can_be_huge_pages,
               more_than_there_is_is_null)
