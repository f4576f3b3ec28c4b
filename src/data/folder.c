/* folder.c - pictures in folders: DIR/train/CLASS/ and DIR/test/CLASS/ of .png and .jpg files, all
 * of one shape or taken shape by shape. Classes are the names of the training folders in byte
 * order, pictures lie in byte order of class and name. */
#define _GNU_SOURCE
#include "data/format.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const split_folders[] = {[LIDO_TRAIN] = "train", [LIDO_TEST] = "test"};

/* Names in byte order; owns them. */
typedef struct names {
    char **name;
    int64_t count, capacity;
} names;

static void names_free(names *list) {
    for (int64_t i = 0; i < list->count; i++) free(list->name[i]);
    free(list->name);
    *list = (names){0};
}

static bool names_add(names *list, const char *name) {
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 64;
        char **larger = realloc(list->name, (size_t)capacity * sizeof *larger);
        if (!larger) return false;
        list->name = larger;
        list->capacity = capacity;
    }
    char *copy = strdup(name);
    if (copy) list->name[list->count++] = copy;
    return copy != NULL;
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_picture(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i]) == 0) return true;
    return false;
}

typedef enum wanted { FOLDERS, PICTURES } wanted;

/* The folders or the pictures of a folder, hidden ones left out. */
static lido_status list_folder(const char *path, wanted what, names *list, lido_error *error) {
    *list = (names){0};
    DIR *folder = opendir(path);
    if (!folder)
        return lido_fail(error, errno == ENOENT ? LIDO_NOT_FOUND : LIDO_IO,
                         "%s: cannot open the folder: %s", path, strerror(errno));
    lido_status status = LIDO_OK;
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        char inner[LIDO_PATH_SIZE];
        if (entry->d_name[0] == '.') continue;
        status = lido_path_join(path, entry->d_name, inner, sizeof inner, error);
        if (status) break;
        bool fits = what == FOLDERS ? is_folder(inner) : is_picture(entry->d_name);
        if (fits && !names_add(list, entry->d_name))
            status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", path);
    }
    closedir(folder);
    if (status)
        names_free(list);
    else if (list->count > 0)
        qsort(list->name, (size_t)list->count, sizeof *list->name, compare);
    return status;
}

/* The pictures of a split, listed before any is read. */
typedef struct listing {
    names paths;
    int32_t *labels;
    int64_t capacity; /* of labels */
} listing;

static void listing_free(listing *pictures) {
    names_free(&pictures->paths);
    free(pictures->labels);
}

static bool listing_add(listing *pictures, const char *path, int32_t label) {
    if (pictures->paths.count == pictures->capacity) {
        int64_t capacity = pictures->capacity ? 2 * pictures->capacity : 64;
        int32_t *larger = realloc(pictures->labels, (size_t)capacity * sizeof *larger);
        if (!larger) return false;
        pictures->labels = larger;
        pictures->capacity = capacity;
    }
    pictures->labels[pictures->paths.count] = label;
    return names_add(&pictures->paths, path);
}

static lido_status list_class(const char *folder, int32_t label, listing *pictures,
                              lido_error *error) {
    names files;
    lido_status status = list_folder(folder, PICTURES, &files, error);
    for (int64_t i = 0; !status && i < files.count; i++) {
        char path[LIDO_PATH_SIZE];
        status = lido_path_join(folder, files.name[i], path, sizeof path, error);
        if (!status && !listing_add(pictures, path, label))
            status = lido_fail(error, LIDO_MEMORY, "%s: out of memory", folder);
    }
    names_free(&files);
    return status;
}

/* The place of a class among the training classes, or -1. */
static int32_t find_class(const names *classes, const char *name) {
    for (int64_t i = 0; i < classes->count; i++)
        if (strcmp(classes->name[i], name) == 0) return (int32_t)i;
    return -1;
}

static lido_status list_split(const char *path, lido_split split, const names *classes,
                              listing *pictures, lido_error *error) {
    char folder[LIDO_PATH_SIZE], inner[LIDO_PATH_SIZE];
    names folders;
    lido_status status = lido_path_join(path, split_folders[split], folder, sizeof folder, error);
    if (!status) status = list_folder(folder, FOLDERS, &folders, error);
    if (status) return status;
    for (int64_t i = 0; !status && i < folders.count; i++) {
        int32_t label = find_class(classes, folders.name[i]);
        status = label < 0 ? lido_fail(error, LIDO_CORRUPT,
                                       "%s: class \"%s\" is not among the training classes", folder,
                                       folders.name[i])
                           : lido_path_join(folder, folders.name[i], inner, sizeof inner, error);
        if (!status) status = list_class(inner, label, pictures, error);
    }
    names_free(&folders);
    if (!status && pictures->paths.count == 0)
        status = lido_fail(error, LIDO_CORRUPT, "%s: no .png or .jpg files in folders of classes",
                           folder);
    return status;
}

/* The shapes of the first pictures of a listing. */
typedef struct sizing {
    lido_shape *shape; /* the shapes[], all different, in the order in which they appear */
    int64_t *first;    /* of each shape: the picture that has it first */
    int64_t *of;       /* of each picture: the place of its shape */
    int64_t shapes, pictures;
} sizing;

static void sizing_free(sizing *sizes) {
    free(sizes->shape);
    free(sizes->first);
    free(sizes->of);
}

static lido_status sizing_make(int64_t pictures, sizing *sizes, lido_error *error) {
    sizes->shape = calloc((size_t)pictures, sizeof *sizes->shape);
    sizes->first = calloc((size_t)pictures, sizeof *sizes->first);
    sizes->of = calloc((size_t)pictures, sizeof *sizes->of);
    sizes->pictures = pictures;
    if (sizes->shape && sizes->first && sizes->of) return LIDO_OK;
    return lido_fail(error, LIDO_MEMORY, "out of memory for the sizes of pictures");
}

static void sizing_add(sizing *sizes, int64_t picture, const lido_shape *shape) {
    int64_t place = 0;
    while (place < sizes->shapes && !lido_shape_equal(&sizes->shape[place], shape)) place++;
    sizes->of[picture] = place;
    if (place < sizes->shapes) return;
    sizes->shape[place] = *shape;
    sizes->first[place] = picture;
    sizes->shapes++;
}

/* Of the first `known` pictures; the others are taken to be as the first is. */
static lido_status read_sizes(const listing *pictures, int64_t known, sizing *sizes,
                              lido_error *error) {
    lido_status status = LIDO_OK;
    for (int64_t i = 0; !status && i < known; i++) {
        lido_shape shape;
        status = lido_picture_read(pictures->paths.name[i], &shape, NULL, error);
        if (!status) sizing_add(sizes, i, &shape);
    }
    return status;
}

/* A split of a folder, nothing of it read but names and sizes. */
typedef struct contents {
    names classes;
    listing pictures;
    sizing sizes;
} contents;

static void contents_free(contents *of) {
    names_free(&of->classes);
    listing_free(&of->pictures);
    sizing_free(&of->sizes);
}

/* The caller frees them in any case. */
static lido_status list_contents(const lido_load_request *request, contents *of,
                                 lido_error *error) {
    char folder[LIDO_PATH_SIZE];
    lido_status status =
        lido_path_join(request->path, split_folders[LIDO_TRAIN], folder, sizeof folder, error);
    if (!status) status = list_folder(folder, FOLDERS, &of->classes, error);
    if (!status)
        status = list_split(request->path, request->split, &of->classes, &of->pictures, error);
    if (status) return status;
    int64_t count = of->pictures.paths.count;
    return sizing_make(request->limit < count ? request->limit : count, &of->sizes, error);
}

/* Picture `index` becomes picture `at` of the set, whose shape is that of picture `like`. */
static lido_status read_into(lido_dataset *set, int64_t at, const listing *pictures, int64_t index,
                             int64_t like, lido_error *error) {
    const char *path = pictures->paths.name[index];
    lido_shape shape;
    uint8_t *pixels;
    lido_status status = lido_picture_read(path, &shape, &pixels, error);
    if (status) return status;
    if (lido_shape_equal(&shape, &set->shape)) {
        size_t size = (size_t)lido_shape_size(&shape);
        memcpy(set->pixels + (size_t)at * size, pixels, size);
        set->labels[at] = pictures->labels[index];
    } else {
        char found[LIDO_TEXT_SIZE], expected[LIDO_TEXT_SIZE];
        status = lido_fail(error, LIDO_CORRUPT,
                           "%s: the picture is %s, expected %s as in %s; several sizes are for "
                           "`lido eval` and `lido predict`",
                           path, lido_shape_text(&shape, found, sizeof found),
                           lido_shape_text(&set->shape, expected, sizeof expected),
                           pictures->paths.name[like]);
    }
    free(pixels);
    return status;
}

/* The pictures of one size. */
static lido_status read_pictures(const lido_load_request *request, const contents *of, int64_t size,
                                 lido_dataset **set, lido_error *error) {
    const sizing *sizes = &of->sizes;
    int64_t count = 0, at = 0;
    for (int64_t i = 0; i < sizes->pictures; i++) count += sizes->of[i] == size;
    lido_status status = lido_dataset_new(request->name, &sizes->shape[size], count,
                                          (int)of->classes.count, 1, set, error);
    for (int64_t i = 0; !status && i < sizes->pictures; i++)
        if (sizes->of[i] == size)
            status = read_into(*set, at++, &of->pictures, i, sizes->first[size], error);
    if (!status) return LIDO_OK;
    lido_dataset_free(*set);
    *set = NULL;
    return status;
}

static lido_status load(const lido_load_request *request, lido_dataset **set, lido_error *error) {
    contents of = {.sizes = {0}};
    lido_status status = list_contents(request, &of, error);
    if (!status) status = read_sizes(&of.pictures, 1, &of.sizes, error);
    if (!status) status = read_pictures(request, &of, 0, set, error);
    contents_free(&of);
    return status;
}

static lido_status each_size(const lido_load_request *request, lido_size_group_use use,
                             void *context, lido_error *error) {
    contents of = {.sizes = {0}};
    lido_status status = list_contents(request, &of, error);
    if (!status) status = read_sizes(&of.pictures, of.sizes.pictures, &of.sizes, error);
    for (int64_t size = 0; !status && size < of.sizes.shapes; size++) {
        lido_dataset *set;
        status = read_pictures(request, &of, size, &set, error);
        if (status) break;
        status = use(context, &(lido_size_group){set, of.sizes.shapes, of.sizes.pictures}, error);
        lido_dataset_free(set);
    }
    contents_free(&of);
    return status;
}

static bool recognise(const char *folder) {
    return lido_folder_has(folder, split_folders[LIDO_TRAIN]);
}

const lido_format lido_format_folder = {
    .name = "folder",
    .doc = "folders of pictures (train/CLASS/*.png, test/CLASS/*.jpg)",
    .recognise = recognise,
    .load = load,
    .each_size = each_size,
};
