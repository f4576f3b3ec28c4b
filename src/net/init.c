/* init.c - the numbers a segment of weights starts with: normal or uniform of a scale set by the
 * fans, or one constant. Draw i depends on nothing but its key and i. */
#include "net/init.h"

#include <math.h>
#include <stdio.h>

/* Numbers 2 * pair and 2 * pair + 1 of a stream of standard deviation 1. */
typedef void (*draw_pair)(lido_key key, uint64_t pair, double out[2]);

static void draw_uniform(lido_key key, uint64_t pair, double out[2]) {
    uint32_t word[4];
    lido_random(key, 0, pair, word);
    for (int i = 0; i < 2; i++)
        out[i] = sqrt(3) * (2 * lido_uniform_double(word[2 * i], word[2 * i + 1]) - 1);
}

static void draw_normal(lido_key key, uint64_t pair, double out[2]) {
    lido_random_normal(key, 0, pair, out);
}

/* Which distribution, and variance = scale / fan. */
typedef struct rule {
    draw_pair draw; /* NULL: a constant */
    double scale;
    bool in, out; /* the fans that are added */
} rule;

static const rule rules[] = {
    [LIDO_INIT_HE_NORMAL] = {draw_normal, 2, true, false},
    [LIDO_INIT_HE_UNIFORM] = {draw_uniform, 2, true, false},
    [LIDO_INIT_GLOROT_NORMAL] = {draw_normal, 2, true, true},
    [LIDO_INIT_GLOROT_UNIFORM] = {draw_uniform, 2, true, true},
    [LIDO_INIT_LECUN_NORMAL] = {draw_normal, 1, true, false},
    [LIDO_INIT_LECUN_UNIFORM] = {draw_uniform, 1, true, false},
    [LIDO_INIT_ZEROS] = {NULL, 0, false, false},
    [LIDO_INIT_CONSTANT] = {NULL, 0, false, false},
};

static double deviation(const lido_param *param) {
    const rule *r = &rules[param->init];
    double fan = (r->in ? (double)param->fan_in : 0) + (r->out ? (double)param->fan_out : 0);
    return sqrt(r->scale / fan);
}

bool lido_param_count(const lido_param *param, int64_t *count) {
    *count = 1;
    for (int i = 0; i < param->rank; i++) {
        if (!lido_mul(*count, param->dim[i], count) || *count > LIDO_MAX_ELEMENTS) return false;
    }
    return true;
}

static void fill_constant(double value, int64_t count, lido_real *values) {
    for (int64_t i = 0; i < count; i++) values[i] = (lido_real)value;
}

void lido_init_fill(const lido_param *param, uint64_t seed, const char *key, int64_t part,
                    lido_real *values) {
    const rule *r = &rules[param->init];
    int64_t count;
    lido_param_count(param, &count);
    if (!r->draw) {
        fill_constant(param->init == LIDO_INIT_CONSTANT ? param->value : 0, count, values);
        return;
    }
    /* The blank, which no layer's name can hold, keeps this stream apart from every other. */
    char purpose[2 * LIDO_TEXT_SIZE];
    snprintf(purpose, sizeof purpose, "init %s.%s", key, param->name);
    lido_key stream = lido_key_make(seed, purpose, (uint64_t)part);
    double scale = deviation(param);
    for (int64_t i = 0; i < count; i += 2) {
        double pair[2];
        r->draw(stream, (uint64_t)(i / 2), pair);
        values[i] = (lido_real)(scale * pair[0]);
        if (i + 1 < count) values[i + 1] = (lido_real)(scale * pair[1]);
    }
}
