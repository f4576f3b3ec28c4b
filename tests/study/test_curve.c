#include "train/run_helpers.h"

#include "study/curve.h"

static void write_history(const char *folder, const char *text) {
    char path[LIDO_PATH_SIZE];
    lido_error error;
    assert_ok(lido_path_join(folder, "history.jsonl", path, sizeof path, &error));
    assert_ok(lido_file_write(path, text, strlen(text), &error));
}

START_TEST(reads_rows) {
    char folder[LIDO_PATH_SIZE];
    lido_curve curve;
    lido_error error;
    temporary_folder(folder);
    write_history(folder, "{\"epoch\":1,\"lr\":1,\"train_loss\":2,\"train_accuracy\":0.25,"
                          "\"test_loss\":3,\"test_accuracy\":0.5,\"seconds\":2}\n"
                          "{\"epoch\":2,\"train_loss\":1,\"train_accuracy\":0.5,\"test_loss\":2,"
                          "\"test_accuracy\":0.75,\"seconds\":4}\n");
    assert_ok(lido_curve_read(folder, &curve, &error));
    ck_assert_int_eq(curve.epochs, 2);
    ck_assert_double_eq(curve.seconds, 3);
    char *text = lido_json_print(curve.rows, false);
    ck_assert_str_eq(text, "[{\"epoch\":1,\"train_loss\":2,\"train_accuracy\":0.25,\"test_loss\":3,"
                           "\"test_accuracy\":0.5},{\"epoch\":2,\"train_loss\":1,"
                           "\"train_accuracy\":0.5,\"test_loss\":2,\"test_accuracy\":0.75}]");
    free(text);
    ck_assert_int_eq(lido_curve_epochs_to(&curve, 0.5), 1);
    ck_assert_int_eq(lido_curve_epochs_to(&curve, 0.6), 2);
    ck_assert_int_eq(lido_curve_epochs_to(&curve, 0.8), 0);
    lido_curve_free(&curve);
    remove_folder(folder);
}
END_TEST

START_TEST(refuses_what_is_no_history) {
    char folder[LIDO_PATH_SIZE];
    lido_curve curve;
    lido_error error;
    temporary_folder(folder);
    assert_fails(lido_curve_read(folder, &curve, &error), LIDO_NOT_FOUND, "history.jsonl");
    write_history(folder, "{\"epoch\":1,\n");
    assert_fails(lido_curve_read(folder, &curve, &error), LIDO_CORRUPT, "not a history");
    lido_curve_free(&curve);
    remove_folder(folder);
}
END_TEST

LIDO_TEST_MAIN("curve", reads_rows, refuses_what_is_no_history)
