/* Tests of report_tables.c: the tables of two arms, number by number, and CSV. */
#define _GNU_SOURCE
#include "small_results.h"
#include "written.h"

#include "study/report_results.h"
#include "study/report_tables.h"

static void check_csv(const lido_json *tables, const char *name, const char *expected) {
    written w;
    const lido_json *table = lido_json_get(tables, name);
    ck_assert_msg(table != NULL, "no table %s", name);
    lido_report_csv(table, written_open(&w)->stream);
    written_is(&w, expected);
}

START_TEST(tables_of_runs) {
    lido_json *results = small_results(NULL, NULL), *tables = lido_report_tables(results);
    check_csv(tables, "seeds",
              "arm,factor.pool,seed,test_accuracy,parameters,multiply_adds,activation_bytes,"
              "seconds_per_epoch\n"
              "pool=max,max,1,0.75,1234,5678,4000,2\npool=max,max,2,0.85,1234,5678,4000,2\n"
              "pool=avg,avg,1,0.8,1234,5678,4000,2\npool=avg,avg,2,0.9,1234,5678,4000,2\n");
    check_csv(
        tables, "curves",
        "arm,measure,epoch,n,mean,least,most\n"
        "pool=max,train_loss,1,2,1,1,1\npool=max,train_loss,2,2,0.5,0.5,0.5\n"
        "pool=max,train_accuracy,1,2,0.5,0.5,0.5\npool=max,train_accuracy,2,2,0.8,0.75,0.85\n"
        "pool=avg,train_loss,1,2,1,1,1\npool=avg,train_loss,2,2,0.5,0.5,0.5\n"
        "pool=avg,train_accuracy,1,2,0.5,0.5,0.5\npool=avg,train_accuracy,2,2,0.85,0.8,0.9\n");
    check_csv(tables, "shift",
              "arm,fill,measure,pixels,n,mean,least,most\n"
              "pool=max,zero,accuracy,0,2,0.8,0.75,0.85\npool=max,zero,accuracy,1,2,0.6,0.5,0.7\n"
              "pool=max,zero,consistency,0,2,1,1,1\npool=max,zero,consistency,1,2,0.6,0.5,0.7\n"
              "pool=avg,zero,accuracy,0,2,0.85,0.8,0.9\npool=avg,zero,accuracy,1,2,0.7,0.6,0.8\n"
              "pool=avg,zero,consistency,0,2,1,1,1\npool=avg,zero,consistency,1,2,0.7,0.6,0.8\n");
    check_csv(tables, "robustness",
              "arm,kind,amount,n,mean,least,most\n"
              "pool=max,noise,0.1,2,0.6,0.5,0.7\npool=avg,noise,0.1,2,0.7,0.6,0.8\n");
    check_csv(tables, "confusion",
              "arm,class,taken_for,rows\n"
              "pool=max,0,0,10\npool=max,0,1,2\npool=max,1,0,0\npool=max,1,1,8\n"
              "pool=avg,0,0,10\npool=avg,0,1,2\npool=avg,1,0,0\npool=avg,1,1,8\n");
    check_csv(tables, "epochs_to",
              "arm,accuracy,runs,n,mean,least,most\n"
              "pool=max,0.5,2,2,1.5,1,2\npool=max,0.99,2,0,,,\n"
              "pool=avg,0.5,2,2,1.5,1,2\npool=avg,0.99,2,0,,,\n");
    check_csv(tables, "pooling",
              "arm,layer,quantity,n,mean,least,most\n"
              "pool=max,p#1,reached,2,0.25,0.25,0.25\npool=avg,p#1,reached,2,0.25,0.25,0.25\n");
    lido_json_free(tables);
    lido_json_free(results);
}
END_TEST

START_TEST(tables_of_statistics) {
    lido_json *results = small_results(NULL, NULL), *tables = lido_report_tables(results);
    check_csv(tables, "means",
              "measure,arm,n,mean,sd,low,high\ntest_accuracy,pool=max,2,0.8,0.07,0.17,1.43\n"
              "test_accuracy,pool=avg,2,0.85,0.07,0.22,1.48\n");
    check_csv(tables, "differences",
              "measure,arm,n,mean,low,high,t,p_t,p_t_holm,p_sign_flip,p_sign_flip_least,"
              "p_sign_flip_holm,effect_size,decided,seeds_needed\n"
              "test_accuracy,pool=avg,2,0.05,-0.01,0.11,3,0.04,0.04,0.5,0.5,0.5,1.2345,false,9\n");
    check_csv(tables, "effects",
              "measure,factors,f,df,df_error,p,p_holm,eta_squared\n"
              "test_accuracy,pool,9.1234,1,1,0.2,0.2,0.33333\n");
    check_csv(tables, "mcnemar",
              "arm,seed,only_baseline_right,only_cell_right,p\npool=avg,1,3,8,0.2266\n");
    check_csv(tables, "levels",
              "factor,level,other,n,mean,least,most\npool,max,\"\",2,0.8,0.75,0.85\n"
              "pool,avg,\"\",2,0.85,0.8,0.9\n");
    lido_json_free(tables);
    lido_json_free(results);
}
END_TEST

START_TEST(what_is_not_there_has_no_table) {
    lido_json *results = small_results("'statistics'", "'statistic'");
    lido_json *tables = lido_report_tables(results);
    ck_assert_ptr_null(lido_json_get(tables, "means"));
    ck_assert_ptr_null(lido_json_get(tables, "mcnemar"));
    ck_assert_ptr_nonnull(lido_json_get(tables, "seeds"));
    lido_json_free(tables);
    lido_json_free(results);
}
END_TEST

LIDO_TEST_MAIN("report_tables", tables_of_runs, tables_of_statistics,
               what_is_not_there_has_no_table)
