/* consumer.c SPEC - trains a network through the public headers of an installed Lido, as the
 * example of lido/lido.h does, on a few drawn digits. */
#include <lido/lido.h>

#include <stdio.h>

int main(int argc, char **argv) {
    lido_error error;
    lido_spec *spec = NULL;
    lido_train_options train;
    lido_run_result result;
    lido_run_options run = {.out = "consumer-run", .data = {.limit = 100}};
    if (argc != 2) return 2;
    if (lido_team_start(0, &run.team, &error) || lido_spec_read(argv[1], &spec, &error) ||
        lido_train_options_read(spec, &train, &error))
        return fprintf(stderr, "%s\n", error.message), 1;
    snprintf(train.data, sizeof train.data, "synthetic");
    train.limit = 500;
    train.epochs = 1;
    lido_status status = lido_run(spec, &train, &run, &result, &error);
    lido_spec_free(spec);
    lido_team_stop(run.team);
    if (status) return fprintf(stderr, "%s\n", error.message), 1;
    printf("lido %s: %lld test pictures, accuracy %.2f %%\n", lido_version(),
           (long long)result.test.rows, 100 * result.test.accuracy);
    return result.test.rows == 100 ? 0 : 1;
}
