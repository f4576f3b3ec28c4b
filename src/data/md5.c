/* md5.c - the MD5 digest as RFC 1321 describes it. */
#include "data/md5.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_AT = 56 };

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

/* Rotations, by round and step within it. */
static const int rotations[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t mix(int round, uint32_t x, uint32_t y, uint32_t z) {
    switch (round) {
    case 0:
        return (x & y) | (~x & z);
    case 1:
        return (x & z) | (y & ~z);
    case 2:
        return x ^ y ^ z;
    default:
        return y ^ (x | ~z);
    }
}

static void add_block(uint32_t state[4], const uint8_t *block) {
    /* Which word a step takes: (first + stride * step) mod 16, by round. */
    static const int first[4] = {0, 1, 5, 0}, stride[4] = {1, 5, 3, 7};
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 16; i++, block += 4)
        word[i] = block[0] | (uint32_t)block[1] << 8 | (uint32_t)block[2] << 16 |
                  (uint32_t)block[3] << 24;
    for (int step = 0; step < BLOCK; step++) {
        int round = step / 16, rotation = rotations[round][step % 4];
        uint32_t sum = a + mix(round, b, c, d) + sines[step] +
                       word[(first[round] + stride[round] * step) % 16];
        a = d;
        d = c;
        c = b;
        b += sum << rotation | sum >> (32 - rotation);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void lido_md5_start(lido_md5 *md5) {
    *md5 = (lido_md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void lido_md5_add(lido_md5 *md5, const void *data, size_t size) {
    const uint8_t *from = data;
    while (size > 0) {
        size_t held = md5->bytes % BLOCK, some = BLOCK - held < size ? BLOCK - held : size;
        memcpy(md5->block + held, from, some);
        md5->bytes += some;
        from += some;
        size -= some;
        if (held + some == BLOCK) add_block(md5->state, md5->block);
    }
}

void lido_md5_finish(lido_md5 *md5, char text[LIDO_MD5_TEXT]) {
    uint64_t bits = md5->bytes * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (8 * i));
    lido_md5_add(md5, (const uint8_t[]){0x80}, 1);
    while (md5->bytes % BLOCK != LENGTH_AT) lido_md5_add(md5, (const uint8_t[]){0}, 1);
    lido_md5_add(md5, length, sizeof length);
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned)(md5->state[i / 4] >> (8 * (i % 4)) & 0xff));
}

lido_status lido_md5_file(const char *path, char text[LIDO_MD5_TEXT], lido_error *error) {
    uint8_t buffer[1 << 16];
    lido_md5 md5;
    FILE *file = fopen(path, "rb");
    if (!file)
        return lido_fail(error, errno == ENOENT ? LIDO_NOT_FOUND : LIDO_IO, "%s: cannot open: %s",
                         path, strerror(errno));
    lido_md5_start(&md5);
    for (size_t size; (size = fread(buffer, 1, sizeof buffer, file)) > 0;)
        lido_md5_add(&md5, buffer, size);
    lido_status status =
        ferror(file) ? lido_fail(error, LIDO_IO, "%s: cannot read: %s", path, strerror(errno))
                     : LIDO_OK;
    fclose(file);
    lido_md5_finish(&md5, text);
    return status;
}
