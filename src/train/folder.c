/* folder.c - the folder of a run: what may be started there, and its small files. */
#define _GNU_SOURCE
#include "train/folder.h"

#include "base/json.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char result_name[] = "result.json";

/* True for the temporary names of lido_atomic_open: "NAME.PID.tmp". */
static bool is_leftover(const char *name) {
    size_t length = strlen(name), tail = strlen(".tmp");
    if (length <= tail || strcmp(name + length - tail, ".tmp") != 0) return false;
    size_t digits = 0, at = length - tail;
    while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') at--, digits++;
    return digits > 0 && at > 1 && name[at - 1] == '.';
}

static void sweep(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char leftover[LIDO_PATH_SIZE];
        if (is_leftover(entry->d_name) &&
            lido_path_join(path, entry->d_name, leftover, sizeof leftover, NULL) == LIDO_OK)
            unlink(leftover);
    }
    closedir(folder);
}

lido_status lido_folder_open(const char *path, bool resume, lido_folder *folder,
                             lido_error *error) {
    *folder = (lido_folder){0};
    if (!path || !*path) return lido_fail(error, LIDO_USAGE, "no folder to write the run to");
    lido_status status = lido_make_folder(path, error);
    if (!status)
        status = lido_path_join(path, "last.safetensors", folder->last, sizeof folder->last, error);
    if (!status)
        status = lido_path_join(path, "best.safetensors", folder->best, sizeof folder->best, error);
    if (status) return status;
    snprintf(folder->path, sizeof folder->path, "%s", path);
    folder->begun = lido_path_exists(folder->last);
    if (folder->begun && !resume)
        return lido_fail(error, LIDO_USAGE,
                         "%s: holds a run; resume it (--resume) or name another folder", path);
    sweep(path);
    return LIDO_OK;
}

lido_status lido_folder_write(const lido_folder *folder, const char *name, const char *text,
                              lido_error *error) {
    if (!text) return lido_fail(error, LIDO_MEMORY, "out of memory for %s", name);
    char path[LIDO_PATH_SIZE];
    lido_atomic_file file;
    lido_status status = lido_path_join(folder->path, name, path, sizeof path, error);
    if (!status) status = lido_atomic_open(path, &file, error);
    if (status) return status;
    fprintf(file.stream, "%s\n", text);
    return lido_atomic_commit(&file, error);
}

lido_status lido_folder_write_result(const lido_folder *folder, const lido_run_result *result,
                                     lido_error *error) {
    lido_json *object = lido_json_object();
    lido_json_add_number(object, "epochs", (double)result->epochs);
    lido_json_add_number(object, "test_loss", result->test.loss);
    lido_json_add_number(object, "test_accuracy", result->test.accuracy);
    lido_json_add_number(object, "test_rows", (double)result->test.rows);
    lido_json_add_number(object, "seconds", result->seconds);
    char *text = lido_json_print(object, true);
    lido_status status = lido_folder_write(folder, result_name, text, error);
    free(text);
    lido_json_free(object);
    return status;
}

bool lido_folder_read_result(const lido_folder *folder, int64_t epochs, lido_run_result *result) {
    char path[LIDO_PATH_SIZE];
    lido_json *object;
    if (lido_path_join(folder->path, result_name, path, sizeof path, NULL) ||
        lido_json_read(path, &object, NULL))
        return false;
    *result = (lido_run_result){
        .test = {.loss = lido_json_number(lido_json_get(object, "test_loss")),
                 .accuracy = lido_json_number(lido_json_get(object, "test_accuracy"))}};
    bool whole = lido_json_integer(lido_json_get(object, "epochs"), &result->epochs) &&
                 lido_json_integer(lido_json_get(object, "test_rows"), &result->test.rows);
    lido_json_free(object);
    return whole && result->epochs == epochs;
}
