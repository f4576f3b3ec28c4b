#include "run_helpers.h"

#include "train/history.h"

static const lido_epoch first = {1, 0.1, {2.5, 0.25, 100}, {0, 0, 0}, 1.5, {0, 0, 0}};
static const lido_epoch second = {2, 0.01, {1.25, 0.5, 100}, {1.5, 0.75, 10}, 2, {0, 0, 0}};

static const char csv[] = "epoch,lr,train_loss,train_accuracy,validation_loss,"
                          "validation_accuracy,seconds\n"
                          "1,0.1,2.5,0.25,,,1.500\n"
                          "2,0.01,1.25,0.5,1.5,0.75,2.000\n";
static const char jsonl[] =
    "{\"epoch\":1,\"lr\":0.1,\"train_loss\":2.5,\"train_accuracy\":0.25,\"validation_loss\":null,"
    "\"validation_accuracy\":null,\"seconds\":1.5}\n"
    "{\"epoch\":2,\"lr\":0.01,\"train_loss\":1.25,\"train_accuracy\":0.5,\"validation_loss\":1.5,"
    "\"validation_accuracy\":0.75,\"seconds\":2}\n";

static void assert_text(const char *folder, const char *name, const char *wanted) {
    size_t size;
    char *text = file_of(folder, name, &size);
    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(rows_are_written_and_cut_back) {
    char folder[LIDO_PATH_SIZE];
    lido_history history;
    lido_error error;
    temporary_folder(folder);
    assert_ok(lido_history_new(&history, &error));
    assert_ok(lido_history_add(&history, &first, lido_json_object(), &error));
    assert_ok(lido_history_add(&history, &second, lido_json_object(), &error));
    assert_ok(lido_history_write(&history, folder, &error));
    lido_history_free(&history);
    assert_text(folder, "history.csv", csv);
    assert_text(folder, "history.jsonl", jsonl);

    assert_ok(lido_history_read(folder, 1, &history, &error));
    ck_assert(strncmp(history.csv, csv, strlen(history.csv)) == 0);
    assert_ok(lido_history_add(&history, &second, lido_json_object(), &error));
    ck_assert_str_eq(history.csv, csv);
    ck_assert_str_eq(history.jsonl, jsonl);
    lido_history_free(&history);

    assert_ok(lido_history_read(folder, 0, &history, &error));
    ck_assert_ptr_null(strstr(history.csv, "\n1,"));
    lido_history_free(&history);
    remove_folder(folder);
}
END_TEST

START_TEST(missing_rows_are_refused) {
    char folder[LIDO_PATH_SIZE];
    lido_history history;
    lido_error error;
    temporary_folder(folder);
    assert_fails(lido_history_read(folder, 1, &history, &error), LIDO_NOT_FOUND, "history.csv");
    assert_ok(lido_history_new(&history, &error));
    assert_ok(lido_history_add(&history, &first, lido_json_object(), &error));
    assert_ok(lido_history_write(&history, folder, &error));
    lido_history_free(&history);
    assert_fails(lido_history_read(folder, 2, &history, &error), LIDO_CORRUPT,
                 "fewer rows than the epochs");
    ck_assert_ptr_null(history.csv);
    remove_folder(folder);
}
END_TEST

static const char learned[] = "{\"gem\":{\"p\":{\"mean\":3.5,\"min\":2,\"max\":5}}}";

/* In history.jsonl, behind what was there before; the columns of history.csv stay the same. */
START_TEST(what_was_learned_is_in_the_row) {
    lido_history history;
    lido_json *json;
    lido_error error;
    assert_ok(lido_history_new(&history, &error));
    assert_ok(lido_json_parse(learned, strlen(learned), "learned", &json, &error));
    assert_ok(lido_history_add(&history, &first, json, &error));
    ck_assert(strncmp(history.csv, csv, strlen(history.csv)) == 0);
    char wanted[512];
    const int row = (int)strcspn(jsonl, "}");
    snprintf(wanted, sizeof wanted, "%.*s,\"learned\":%s}\n", row, jsonl, learned);
    ck_assert_str_eq(history.jsonl, wanted);
    lido_history_free(&history);
}
END_TEST

LIDO_TEST_MAIN("history", rows_are_written_and_cut_back, what_was_learned_is_in_the_row,
               missing_rows_are_refused)
