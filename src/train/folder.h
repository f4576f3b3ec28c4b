/* folder.h - the folder of a run: what may be started there, and its small files. */
#ifndef LIDO_TRAIN_FOLDER_H
#define LIDO_TRAIN_FOLDER_H

#include "base/file.h"

#include <lido/train.h>

typedef struct lido_folder {
    char path[LIDO_PATH_SIZE];
    char last[LIDO_PATH_SIZE], best[LIDO_PATH_SIZE];
    bool begun; /* last.safetensors is there */
} lido_folder;

/* Makes the folder where needed, and removes what a killed process left half-written. LIDO_USAGE
 * when it holds a run and resume is false. */
lido_status lido_folder_open(const char *path, bool resume, lido_folder *folder, lido_error *error);

/* Writes a text file of the folder, ending its last line; text NULL (memory ran out while it was
 * made) is LIDO_MEMORY. */
lido_status lido_folder_write(const lido_folder *folder, const char *name, const char *text,
                              lido_error *error);

/* result.json: what a finished run came to. Reading gives false when there is none of that many
 * epochs. */
lido_status lido_folder_write_result(const lido_folder *folder, const lido_run_result *result,
                                     lido_error *error);
bool lido_folder_read_result(const lido_folder *folder, int64_t epochs, lido_run_result *result);

#endif
