/* environment.c - environment.json: what a run ran on. Two runs give the same bits when seed, spec,
 * data, version, compiler, processor and BLAS are the same: all of them are here or in spec.json.
 */
#define _GNU_SOURCE
#include "train/environment.h"

#include "base/json.h"
#include "base/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

enum { LINE_SIZE = 512 };

#if defined(__clang__)
#    define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#    define COMPILER "gcc " __VERSION__
#else
#    define COMPILER "unknown"
#endif

/* The value of the first "model name : VALUE" of /proc/cpuinfo, or "unknown". */
static void cpu_model(char model[LINE_SIZE]) {
    snprintf(model, LINE_SIZE, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file) return;
    char line[LINE_SIZE];
    while (fgets(line, sizeof line, file)) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", strlen("model name")) != 0 || !value) continue;
        value += strspn(value, ": \t");
        value[strcspn(value, "\n")] = '\0';
        snprintf(model, LINE_SIZE, "%s", value);
        break;
    }
    fclose(file);
}

static void add_machine(lido_json *object) {
    char model[LINE_SIZE], system[LINE_SIZE] = "unknown";
    struct utsname names;
    cpu_model(model);
    if (uname(&names) == 0)
        snprintf(system, sizeof system, "%s %s %s", names.sysname, names.release, names.machine);
    lido_json_add_string(object, "cpu", model);
    lido_json_add_number(object, "cores", lido_cores());
    lido_json_add_string(object, "os", system);
}

static void add_date(lido_json *object) {
    char text[sizeof "2026-01-31T12:00:00Z"] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    lido_json_add_string(object, "date", text);
}

char *lido_environment_text(const lido_environment *environment) {
    lido_json *object = lido_json_object();
    lido_json_add_string(object, "lido", lido_version());
    lido_json_add_string(object, "precision", LIDO_REAL_NAME);
    lido_json_add_string(object, "compiler", COMPILER);
    lido_json_add_string(object, "blas", lido_blas_description());
    add_machine(object);
    lido_json_add_number(object, "threads", environment->threads);
    lido_json_add_number(object, "seed", (double)environment->seed);
    lido_json_add_string(object, "data", environment->data);
    lido_json_add_number(object, "training_pictures", (double)environment->training);
    lido_json_add_number(object, "validation_pictures", (double)environment->validation);
    lido_json_add_number(object, "test_pictures", (double)environment->test);
    add_date(object);
    char *text = lido_json_print(object, true);
    lido_json_free(object);
    return text;
}
