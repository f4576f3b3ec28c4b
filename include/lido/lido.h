/* lido/lido.h - all of Lido.
 *
 * Train a network from a spec, in a dozen lines:
 *
 *   lido_error error;
 *   lido_spec *spec = NULL;
 *   lido_train_options train;
 *   lido_run_result result;
 *   lido_run_options run = {.out = "runs/lenet5"};
 *   if (lido_team_start(0, &run.team, &error) ||
 *       lido_spec_read("models/lenet5.json", &spec, &error) ||
 *       lido_train_options_read(spec, &train, &error) ||
 *       lido_run(spec, &train, &run, &result, &error))
 *       fprintf(stderr, "%s\n", error.message);
 *   else
 *       printf("test accuracy %.2f %%\n", 100 * result.test.accuracy);
 *   lido_spec_free(spec);
 *   lido_team_stop(run.team);
 *
 * The floors, each resting on those before it:
 *   base.h   status, shapes, random numbers, threads, option tables
 *   layer.h  what a layer is; the registry
 *   optim.h  optimisers and schedules
 *   net.h    spec -> graph -> network that runs
 *   data.h   data sets, batches, pictures
 *   train.h  training, evaluation, the folder of a run
 *   study.h  variants of a network compared over seeds
 */
#ifndef LIDO_LIDO_H
#define LIDO_LIDO_H

#include <lido/base.h>
#include <lido/data.h>
#include <lido/layer.h>
#include <lido/net.h>
#include <lido/optim.h>
#include <lido/study.h>
#include <lido/train.h>

#endif
