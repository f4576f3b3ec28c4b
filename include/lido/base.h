/* lido/base.h - the ground floor: status and errors, the number type, shapes, counter-based random
 * numbers, threads, and option tables.
 *
 * Conventions of the whole library
 *   - A function that can fail returns lido_status and takes a lido_error * as its last argument;
 *     the pointer may be NULL when the caller does not want the message. On failure every output
 *     is left as a destroy function accepts it, and nothing needs to be released by the caller.
 *   - The library never prints, never exits and keeps no mutable globals.
 *   - Arrays are channels-last, batch first: (N, D, H, W, C) in memory, absent axes being 1.
 *   - Legend: N batch, C channels, D H W input axes, OD OH OW output axes, K kernel.
 */
#ifndef LIDO_BASE_H
#define LIDO_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#    define LIDO_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#    define LIDO_PRINTF(string, first)
#endif

/* The version of the library: "0.1.0". */
const char *lido_version(void);

/* ---- numbers ------------------------------------------------------------------------------- */

/* The type every kernel computes in: float in the product; double in the second build of the
 * library (LIDO_DOUBLE defined), on which gradients are checked. */
#ifdef LIDO_DOUBLE
typedef double lido_real;
#    define LIDO_REAL_NAME "F64" /* the safetensors name of the type */
#else
typedef float lido_real;
#    define LIDO_REAL_NAME "F32"
#endif

/* ---- status and errors --------------------------------------------------------------------- */

#define LIDO_STATUS_TABLE(X)                                                                \
    X(OK, "ok")                                                                             \
    X(USAGE, "bad usage")                /* an argument of a call or command is wrong */    \
    X(SPEC, "bad spec")                  /* a JSON document does not say something valid */ \
    X(SHAPE, "shapes do not fit")        /* a layer cannot take what it is given */         \
    X(TOO_LARGE, "too large")            /* a size overflows or exceeds memory */           \
    X(MEMORY, "out of memory")           /* an allocation failed */                         \
    X(IO, "input/output error")          /* the system refused to read or write */          \
    X(NOT_FOUND, "not found")            /* a file, data set or name does not exist */      \
    X(CORRUPT, "corrupt data")           /* a file is truncated or not what it claims */    \
    X(MISMATCH, "does not match")        /* a checkpoint is of another network */           \
    X(NOT_FINITE, "not a finite number") /* training produced NaN or infinity */            \
    X(INTERRUPTED, "interrupted")        /* a callback asked to stop */                     \
    X(NETWORK, "network error")          /* a download failed */                            \
    X(UNSUPPORTED, "not supported here") /* built without an optional library */

typedef enum lido_status {
#define LIDO_STATUS_ENUM(name, text) LIDO_##name,
    LIDO_STATUS_TABLE(LIDO_STATUS_ENUM)
#undef LIDO_STATUS_ENUM
} lido_status;

/* What went wrong: where, what was found, what was allowed. Value type, owns nothing. */
typedef struct lido_error {
    lido_status status;
    char message[1024]; /* one line, no newline; truncated if longer */
} lido_error;

/* The short text of a status ("out of memory"); never NULL. */
const char *lido_status_text(lido_status status);

/* Fills *error (when not NULL) with a printf-formatted message; returns status, so that
 * `return lido_fail(error, LIDO_SHAPE, ...)` is one line. */
lido_status lido_fail(lido_error *error, lido_status status, const char *format, ...)
    LIDO_PRINTF(3, 4);

/* Puts "<formatted>: " before the message already in *error and returns `status` unchanged: adds
 * the place (a file, a layer) to a failure on its way up. */
lido_status lido_fail_in(lido_error *error, lido_status status, const char *format, ...)
    LIDO_PRINTF(3, 4);

/* ---- shapes -------------------------------------------------------------------------------- */

enum { LIDO_MAX_AXES = 3 }; /* spatial axes: D, H, W */

/* The shape of one sample. axis[] is always (D, H, W) with absent leading axes 1, so a kernel can
 * treat every shape as three-dimensional; rank says how many of them are meant:
 * 0 a vector [C], 1 [W,C], 2 [H,W,C], 3 [D,H,W,C]. All entries are >= 1. */
typedef struct lido_shape {
    int rank;
    int64_t axis[LIDO_MAX_AXES];
    int64_t channels;
} lido_shape;

/* A shape from its written form: dims[count] = spatial axes then channels, count = rank + 1 in
 * 1..4, each >= 1; fails with LIDO_SHAPE otherwise and with LIDO_TOO_LARGE when the product exceeds
 * LIDO_MAX_ELEMENTS. */
lido_status lido_shape_make(const int64_t *dims, int count, lido_shape *shape, lido_error *error);

/* Number of elements of one sample; exact, since shapes are checked when made. */
int64_t lido_shape_size(const lido_shape *shape);

/* Number of spatial positions D*H*W. */
int64_t lido_shape_positions(const lido_shape *shape);

bool lido_shape_equal(const lido_shape *a, const lido_shape *b);

/* Writes "[28,28,1]" into text[size] (truncated, always terminated); returns text. */
char *lido_shape_text(const lido_shape *shape, char *text, size_t size);

/* No array of one sample may have more elements than this; products of two such counts and an
 * element size stay inside int64_t when checked with lido_mul. */
#define LIDO_MAX_ELEMENTS ((int64_t)1 << 40)

/* *product = a * b; false (and *product = 0) when it overflows int64_t or an operand is negative.
 */
bool lido_mul(int64_t a, int64_t b, int64_t *product);

/* ---- random numbers ------------------------------------------------------------------------ */

/* Counter-based generator, Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"): a draw is a pure function of (key, counter), so any draw can be replayed and none
 * depends on threads or order. */
typedef struct lido_key {
    uint32_t word[2];
} lido_key;

/* A key for what the numbers are for: the seed, a purpose or layer name, and a number (segment,
 * epoch, ...). Different arguments give independent streams. */
lido_key lido_key_make(uint64_t seed, const char *purpose, uint64_t number);

/* Four independent 32-bit words at counter (hi, lo). */
void lido_random(lido_key key, uint64_t hi, uint64_t lo, uint32_t word[4]);

/* A uniform number in [0, 1) with 24 bits, from one 32-bit word. */
float lido_uniform(uint32_t word);

/* The same with 53 bits, from two. */
double lido_uniform_double(uint32_t high, uint32_t low);

/* values[i] = the i-th uniform number of stream (key, hi), i = 0..count-1, in [0, 1). */
void lido_fill_uniform(lido_key key, uint64_t hi, float *values, int64_t count);

/* order[0..count) = a permutation of 0..count-1 (Fisher-Yates), a function of key alone. */
void lido_shuffle(lido_key key, int64_t *order, int64_t count);

/* Two independent normal numbers of mean 0 and deviation 1 from counter (hi, lo), each of 53-bit
 * uniform numbers (Box & Muller 1958). */
void lido_random_normal(lido_key key, uint64_t hi, uint64_t lo, double pair[2]);

/* An unbiased integer in [0, below), below >= 1, at counter (hi, lo). */
uint64_t lido_random_below(lido_key key, uint64_t hi, uint64_t lo, uint64_t below);

/* ---- threads ------------------------------------------------------------------------------- */

enum { LIDO_MAX_THREADS = 1024 };

/* Threads that share the work of a call. Whoever starts a team stops it; all that is made or run
 * with it only borrows it, and must be freed before. Where a team is taken NULL is one too: the
 * calling thread alone. Results do not depend on the team.
 *
 * One team serves everything a program does one after another (drawing data, training, evaluating),
 * and its threads sleep when there is nothing to do. Used from two threads at once, or from within
 * its own work, it is still right, but only one of the two calls is shared. After fork the child
 * may use and stop its copy, which is then the child's calling thread alone. */
typedef struct lido_team lido_team;

/* Starts a team of that many threads, the calling one included; 0: as many as the process may use
 * cores. LIDO_USAGE for numbers that are not in 0..LIDO_MAX_THREADS, LIDO_MEMORY (also when the
 * system refuses a thread); then *team is NULL and no thread is left. */
lido_status lido_team_start(int threads, lido_team **team, lido_error *error);

/* Ends the threads and frees the team, which must not be at work; NULL is allowed. */
void lido_team_stop(lido_team *team);

/* Number of threads, the caller's included; 1 for NULL. */
int lido_team_threads(const lido_team *team);

/* ---- option tables ------------------------------------------------------------------------- */

/* Everything a spec can configure (layers, optimisers, schedules, training, augmentation) is
 * described by a table of options. One table drives parsing, defaults, error messages,
 * `lido describe --resolved`, `lido list` and the generated JSON Schema. */

typedef enum lido_option_kind {
    LIDO_OPTION_INT,     /* int64_t; min..max */
    LIDO_OPTION_REAL,    /* double; min..max */
    LIDO_OPTION_BOOL,    /* bool */
    LIDO_OPTION_FLAG,    /* int: 0 or 1; -1 when absent, where its default depends on others */
    LIDO_OPTION_CHOICE,  /* int: index into choices */
    LIDO_OPTION_AXES,    /* lido_axes: n or [n per axis]; min..max for each */
    LIDO_OPTION_SIZES,   /* lido_axes: n or [n or null per axis], null stored as 0 */
    LIDO_OPTION_PADDING, /* lido_padding: "valid" | "same" | n | [n, ..] | [[before, after], ..] */
    LIDO_OPTION_LIST,    /* lido_list: [n, ...] */
    LIDO_OPTION_TEXT,    /* char[LIDO_TEXT_SIZE] */
    LIDO_OPTION_OBJECT,  /* a struct that begins with `bool given`; the rest by `table` */
} lido_option_kind;

enum { LIDO_TEXT_SIZE = 128, LIDO_MAX_LIST = 16, LIDO_MAX_OPTIONS = 64 };

/* A number for each spatial axis as it was written: count 0 not given, 1 the same for all axes,
 * otherwise one for each axis of the input (checked against the rank by lido_axes_expand). */
typedef struct lido_axes {
    int count;
    int64_t at[LIDO_MAX_AXES];
} lido_axes;

typedef enum lido_padding_mode { LIDO_VALID, LIDO_SAME, LIDO_EXPLICIT } lido_padding_mode;

typedef struct lido_padding {
    lido_padding_mode mode;
    int count; /* explicit: 1 for all axes, or one pair for each */
    int64_t before[LIDO_MAX_AXES], after[LIDO_MAX_AXES];
} lido_padding;

typedef struct lido_list {
    int count;
    int64_t at[LIDO_MAX_LIST];
} lido_list;

typedef struct lido_option {
    const char *name;
    lido_option_kind kind;
    size_t offset;                   /* of the field in the configuration struct */
    const char *fallback;            /* default as JSON text; "null": absent; NULL: required */
    double min, max;                 /* numbers; both 0: no bound */
    const char *const *choices;      /* CHOICE: names ended by NULL */
    const struct lido_option *table; /* OBJECT: its options, ended by a NULL name */
    const char *doc;                 /* one line */
} lido_option;

/* Which options were written, as opposed to defaulted: bit i stands for the i-th of the table. */
typedef uint64_t lido_given;

/* True when the named option of the table was written. */
bool lido_is_given(const lido_option *table, lido_given given, const char *name);

/* out[D,H,W] from an option for a shape of the given rank (1..3): one value spreads over the axes
 * that exist, absent leading axes get `absent`. LIDO_SPEC when the count fits neither. `name` is
 * for the message. */
lido_status lido_axes_expand(const lido_axes *axes, int rank, int64_t absent, const char *name,
                             int64_t out[LIDO_MAX_AXES], lido_error *error);

#ifdef __cplusplus
}
#endif

#endif
