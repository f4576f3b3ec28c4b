/* picture.c - one PNG or JPEG file as 8-bit pixels (H, W, C), and pixels as a PNG file; the only
 * user of libpng and libjpeg-turbo. */
#include "data/format.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#ifdef LIDO_HAVE_PNG
#    include <png.h>
#endif
#ifdef LIDO_HAVE_TURBOJPEG
#    include <turbojpeg.h>
#endif

enum { MAX_PIXELS = 1 << 28, MAX_FILE = 1 << 30 };

/* A file's bytes, and what becomes of them. */
typedef struct picture_file {
    const char *path;
    const uint8_t *data;
    size_t size;
} picture_file;

#if defined(LIDO_HAVE_PNG) || defined(LIDO_HAVE_TURBOJPEG)
/* The shape and, unless pixels is NULL, memory for the picture with alpha or without, after
 * checking that a file of this size can hold such a picture at all. */
static lido_status prepare(const picture_file *file, const int64_t dim[3], bool alpha,
                           int64_t pixels_a_byte, lido_shape *shape, uint8_t **pixels,
                           lido_error *error) {
    int64_t height = dim[0], width = dim[1], channels = dim[2];
    int64_t positions = height * width;
    if (positions > MAX_PIXELS)
        return lido_fail(error, LIDO_TOO_LARGE,
                         "%s: %" PRId64 "x%" PRId64 " pixels, at most 2^28 in all", file->path,
                         width, height);
    if (positions / pixels_a_byte > (int64_t)file->size)
        return lido_fail(error, LIDO_CORRUPT,
                         "%s: truncated: %zu bytes cannot hold %" PRId64 "x%" PRId64 " pixels",
                         file->path, file->size, width, height);
    lido_status status = lido_shape_make(dim, 3, shape, error);
    if (status) return lido_fail_in(error, status, "%s", file->path);
    if (!pixels) return LIDO_OK;
    *pixels = malloc((size_t)(positions * (channels + alpha)));
    if (*pixels) return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "%s: out of memory", file->path);
}
#endif

#ifdef LIDO_HAVE_PNG

/* Deflate packs at most 1032 to 1, and a byte holds at most 8 pixels. */
enum { PNG_PIXELS_A_BYTE = 1032 * 8 };

/* In place: colour * alpha over black, rounded. */
static void blend_on_black(uint8_t *pixels, int64_t positions, int colours) {
    const uint8_t *from = pixels;
    uint8_t *to = pixels;
    for (int64_t p = 0; p < positions; p++, from += colours + 1)
        for (int c = 0; c < colours; c++) *to++ = (uint8_t)((from[c] * from[colours] + 127) / 255);
}

static lido_status read_png(const picture_file *file, lido_shape *shape, uint8_t **pixels,
                            lido_error *error) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    lido_status status = LIDO_OK;
    if (!png_image_begin_read_from_memory(&image, file->data, file->size)) goto corrupt;
    bool colour = image.format & PNG_FORMAT_FLAG_COLOR,
         alpha = image.format & PNG_FORMAT_FLAG_ALPHA;
    /* 16-bit values are samples of the same curve as 8-bit ones, not linear light. */
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.format = (colour ? PNG_FORMAT_FLAG_COLOR : 0) | (alpha ? PNG_FORMAT_FLAG_ALPHA : 0);
    const int64_t dim[] = {image.height, image.width, colour ? 3 : 1};
    status = prepare(file, dim, alpha, PNG_PIXELS_A_BYTE, shape, pixels, error);
    if (status || !pixels) goto done;
    if (!png_image_finish_read(&image, NULL, *pixels, 0, NULL)) goto corrupt;
    if (alpha) blend_on_black(*pixels, lido_shape_positions(shape), (int)dim[2]);
    goto done;
corrupt:
    status = lido_fail(error, LIDO_CORRUPT, "%s: damaged PNG: %s", file->path, image.message);
done:
    png_image_free(&image);
    return status;
}

lido_status lido_picture_encode(const lido_shape *shape, const uint8_t *pixels, uint8_t **data,
                                size_t *size, lido_error *error) {
    *data = NULL;
    if (shape->rank != 2 || (shape->channels != 1 && shape->channels != 3))
        return lido_fail(error, LIDO_SHAPE, "a PNG picture has 1 or 3 channels, not %" PRId64,
                         shape->channels);
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)shape->axis[2],
                       .height = (png_uint_32)shape->axis[1],
                       .format = shape->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
    png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(image);
    *data = malloc(room);
    if (!*data) return lido_fail(error, LIDO_MEMORY, "out of memory for a picture");
    if (png_image_write_to_memory(&image, *data, &room, 0, pixels, 0, NULL)) {
        *size = room;
        return LIDO_OK;
    }
    free(*data);
    *data = NULL;
    return lido_fail(error, LIDO_MEMORY, "a picture could not be written: %s", image.message);
}

#else

static lido_status read_png(const picture_file *file, lido_shape *shape, uint8_t **pixels,
                            lido_error *error) {
    (void)shape, (void)pixels;
    return lido_fail_without(error, file->path, "libpng", "libpng-dev");
}

lido_status lido_picture_encode(const lido_shape *shape, const uint8_t *pixels, uint8_t **data,
                                size_t *size, lido_error *error) {
    (void)shape, (void)pixels, (void)size;
    *data = NULL;
    return lido_fail_without(error, "a picture", "libpng", "libpng-dev");
}

#endif

#ifdef LIDO_HAVE_TURBOJPEG

/* A progressive scan can say with 3 bytes that 32767 blocks of 8x8 pixels are plain. */
enum { JPEG_PIXELS_A_BYTE = 32767 * 64 / 3 };

static lido_status read_jpeg(const picture_file *file, lido_shape *shape, uint8_t **pixels,
                             lido_error *error) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder) return lido_fail(error, LIDO_MEMORY, "%s: out of memory", file->path);
    int width = 0, height = 0, subsampling = 0, space = 0; /* kept where a header has tables only */
    lido_status status = LIDO_OK;
    if (tjDecompressHeader3(decoder, file->data, file->size, &width, &height, &subsampling,
                            &space) != 0 ||
        width < 1 || height < 1)
        goto corrupt;
    bool grey = space == TJCS_GRAY;
    const int64_t dim[] = {height, width, grey ? 1 : 3};
    status = prepare(file, dim, false, JPEG_PIXELS_A_BYTE, shape, pixels, error);
    if (status || !pixels) goto done;
    if (tjDecompress2(decoder, file->data, file->size, *pixels, width, 0, height,
                      grey ? TJPF_GRAY : TJPF_RGB, TJFLAG_LIMITSCANS) == 0)
        goto done;
corrupt:
    status =
        lido_fail(error, LIDO_CORRUPT, "%s: damaged JPEG: %s", file->path, tjGetErrorStr2(decoder));
done:
    tjDestroy(decoder);
    return status;
}

#else

static lido_status read_jpeg(const picture_file *file, lido_shape *shape, uint8_t **pixels,
                             lido_error *error) {
    (void)shape, (void)pixels;
    return lido_fail_without(error, file->path, "libjpeg-turbo", "libturbojpeg0-dev");
}

#endif

lido_status lido_picture_decode(const char *path, const uint8_t *data, size_t size,
                                lido_shape *shape, uint8_t **pixels, lido_error *error) {
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'}, jpeg[] = {0xff, 0xd8, 0xff};
    if (pixels) *pixels = NULL;
    lido_status status;
    picture_file file = {path, data, size};
    if (size >= sizeof png && memcmp(data, png, sizeof png) == 0)
        status = read_png(&file, shape, pixels, error);
    else if (size >= sizeof jpeg && memcmp(data, jpeg, sizeof jpeg) == 0)
        status = read_jpeg(&file, shape, pixels, error);
    else
        status = lido_fail(error, LIDO_CORRUPT, "%s: neither PNG nor JPEG", path);
    if (status && pixels) {
        free(*pixels);
        *pixels = NULL;
    }
    return status;
}

lido_status lido_picture_read(const char *path, lido_shape *shape, uint8_t **pixels,
                              lido_error *error) {
    if (pixels) *pixels = NULL;
    uint8_t *data;
    size_t size;
    lido_status status = lido_file_read(path, MAX_FILE, &data, &size, error);
    if (status) return status;
    status = lido_picture_decode(path, data, size, shape, pixels, error);
    free(data);
    return status;
}
