/* history.c - history.csv and history.jsonl: a row an epoch. */
#include "train/history.h"

#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_SIZE = 256, MOST_BYTES = 1 << 30 };

static const char header[] = "epoch,lr,train_loss,train_accuracy,validation_loss,"
                             "validation_accuracy,seconds\n";
static const char csv_name[] = "history.csv", jsonl_name[] = "history.jsonl";

static lido_status out_of_memory(lido_error *error) {
    return lido_fail(error, LIDO_MEMORY, "out of memory for the history of the run");
}

/* A malloc'ed copy of the first `size` bytes. */
static char *copy_text(const char *text, size_t size) {
    char *copy = malloc(size + 1);
    if (!copy) return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

lido_status lido_history_new(lido_history *history, lido_error *error) {
    history->csv = copy_text(header, strlen(header));
    history->jsonl = copy_text("", 0);
    if (history->csv && history->jsonl) return LIDO_OK;
    lido_history_free(history);
    return out_of_memory(error);
}

void lido_history_free(lido_history *history) {
    free(history->csv);
    free(history->jsonl);
    *history = (lido_history){0};
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Where the first `lines` lines of the text end; NULL when it has fewer. */
static const char *skip_lines(const char *text, int64_t lines) {
    for (; lines > 0; lines--) {
        text = strchr(text, '\n');
        if (!text++) return NULL;
    }
    return text;
}

static lido_status read_lines(const char *folder, const char *name, int64_t lines, char **text,
                              lido_error *error) {
    char path[LIDO_PATH_SIZE];
    uint8_t *data = NULL;
    size_t size;
    lido_status status = lido_path_join(folder, name, path, sizeof path, error);
    if (!status) status = lido_file_read(path, MOST_BYTES, &data, &size, error);
    if (status) return status;
    const char *end = skip_lines((const char *)data, lines);
    if (!end)
        status = lido_fail(error, LIDO_CORRUPT,
                           "%s: fewer rows than the epochs of last.safetensors", path);
    else if (!(*text = copy_text((const char *)data, (size_t)(end - (const char *)data))))
        status = out_of_memory(error);
    free(data);
    return status;
}

lido_status lido_history_read(const char *folder, int64_t epochs, lido_history *history,
                              lido_error *error) {
    *history = (lido_history){0};
    if (epochs == 0) return lido_history_new(history, error);
    lido_status status = read_lines(folder, csv_name, epochs + 1, &history->csv, error);
    if (!status) status = read_lines(folder, jsonl_name, epochs, &history->jsonl, error);
    if (status) lido_history_free(history);
    return status;
}

/* ---- adding and writing -------------------------------------------------------------------- */

static void csv_row(const lido_epoch *epoch, char row[ROW_SIZE]) {
    int used = snprintf(row, ROW_SIZE, "%lld,%.9g,%.9g,%.9g,", (long long)epoch->epoch, epoch->lr,
                        epoch->train.loss, epoch->train.accuracy);
    if (epoch->validation.rows > 0)
        used += snprintf(row + used, ROW_SIZE - (size_t)used, "%.9g,%.9g,%.3f\n",
                         epoch->validation.loss, epoch->validation.accuracy, epoch->seconds);
    else
        snprintf(row + used, ROW_SIZE - (size_t)used, ",,%.3f\n", epoch->seconds);
}

/* malloc'ed; NULL when memory ran out. Takes over `learned`. */
static char *jsonl_row(const lido_epoch *epoch, lido_json *learned) {
    bool validated = epoch->validation.rows > 0;
    lido_json *row = lido_json_object();
    lido_json_add_number(row, "epoch", (double)epoch->epoch);
    lido_json_add_number(row, "lr", epoch->lr);
    lido_json_add_number(row, "train_loss", epoch->train.loss);
    lido_json_add_number(row, "train_accuracy", epoch->train.accuracy);
    lido_json_add_number(row, "validation_loss", validated ? epoch->validation.loss : NAN);
    lido_json_add_number(row, "validation_accuracy", validated ? epoch->validation.accuracy : NAN);
    if (epoch->test.rows > 0) {
        lido_json_add_number(row, "test_loss", epoch->test.loss);
        lido_json_add_number(row, "test_accuracy", epoch->test.accuracy);
    }
    lido_json_add_number(row, "seconds", epoch->seconds);
    if (learned && lido_json_count(learned) == 0)
        lido_json_free(learned);
    else
        lido_json_add(row, "learned", learned);
    char *text = lido_json_print(row, false);
    lido_json_free(row);
    return text;
}

static bool append(char **text, const char *row, const char *end) {
    size_t size = strlen(*text), more = strlen(row);
    char *longer = realloc(*text, size + more + strlen(end) + 1);
    if (!longer) return false;
    memcpy(longer + size, row, more);
    memcpy(longer + size + more, end, strlen(end) + 1);
    *text = longer;
    return true;
}

lido_status lido_history_add(lido_history *history, const lido_epoch *epoch, lido_json *learned,
                             lido_error *error) {
    char row[ROW_SIZE];
    csv_row(epoch, row);
    char *json = jsonl_row(epoch, learned);
    bool done = json && append(&history->csv, row, "") && append(&history->jsonl, json, "\n");
    free(json);
    return done ? LIDO_OK : out_of_memory(error);
}

static lido_status write_text(const char *folder, const char *name, const char *text,
                              lido_error *error) {
    char path[LIDO_PATH_SIZE];
    lido_status status = lido_path_join(folder, name, path, sizeof path, error);
    return status ? status : lido_file_write(path, text, strlen(text), error);
}

lido_status lido_history_write(const lido_history *history, const char *folder, lido_error *error) {
    lido_status status = write_text(folder, csv_name, history->csv, error);
    return status ? status : write_text(folder, jsonl_name, history->jsonl, error);
}
