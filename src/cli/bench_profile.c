/* bench_profile.c - the clock is read after every call of a step; what went by since it was last
 * read belongs to that call, and after the last one to the update. Nothing is left over. */
#include "cli/bench_profile.h"

#include "base/team.h"
#include "cli/bench_measure.h"

#include <inttypes.h>
#include <stdlib.h>

enum { FORWARD, BACKWARD, WAYS, COLUMNS = 6, WARM_UP = 3, LEAST = 3 };

static const char *const way_names[WAYS] = {"forward", "backward"};

typedef struct part {
    double seconds; /* of all steps */
    lido_work work; /* of one */
    int64_t pieces; /* of the job that was cut into most */
} part;

typedef struct profile {
    lido_bench_network *network;
    lido_bench_machine machine;
    int layers;
    part (*layer)[WAYS], all[WAYS]; /* layer[layers] */
    double loss, update, step;      /* seconds of all steps */
    int64_t steps;
    double mark; /* when the clock was last read */
} profile;

/* ---- measuring ------------------------------------------------------------------------------ */

static double since_mark(profile *p) {
    const double now = lido_seconds(), spent = now - p->mark;
    p->mark = now;
    return spent;
}

static void watch(void *context, int layer, const lido_call *call) {
    profile *p = context;
    const double spent = since_mark(p);
    const int64_t pieces = lido_team_most_pieces(p->network->team);
    if (!call) {
        p->loss += spent;
        return;
    }
    part *ran = &p->layer[layer][call->dy ? BACKWARD : FORWARD];
    ran->seconds += spent;
    ran->work = lido_work_shown(p->network->graph, layer, call);
    ran->pieces = pieces;
}

static void run_steps(profile *p, double seconds) {
    for (int i = 0; i < WARM_UP; i++) lido_bench_network_step(p->network);
    lido_net_watch(p->network->net, watch, p);
    const double start = p->mark = lido_seconds();
    while (p->steps < LEAST || p->mark - start < seconds) {
        lido_bench_network_step(p->network);
        p->update += since_mark(p);
        p->steps++;
    }
    p->step = p->mark - start;
    lido_net_watch(p->network->net, NULL, NULL);
}

static void add_up(profile *p) {
    for (int i = 0; i < p->layers; i++)
        for (int way = 0; way < WAYS; way++) {
            const part *of = &p->layer[i][way];
            p->all[way].seconds += of->seconds;
            p->all[way].work.multiply_adds += of->work.multiply_adds;
            p->all[way].work.bytes += of->work.bytes;
        }
}

static lido_status measure(profile *p, double seconds, lido_error *error) {
    lido_team *team = p->network->team;
    lido_bench_peak(team, &p->machine);
    run_steps(p, seconds);
    lido_bench_peak(team, &p->machine);
    add_up(p);
    return lido_bench_copied(team, lido_bench_network_bytes(p->network), &p->machine, error);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* Views are not, nor is the softmax where the loss takes its place. */
static bool has_run(const profile *p, int layer) {
    return p->layer[layer][FORWARD].seconds > 0 || p->layer[layer][BACKWARD].seconds > 0;
}

static double ms(const profile *p, double seconds) {
    return 1e3 * seconds / (double)p->steps;
}

static void add_share(lido_table *table, double share) {
    if (share > 0)
        lido_table_add(table, "%.0f %%", 100 * share);
    else
        lido_table_add(table, "-");
}

static void add_cells(const profile *p, const part *of, lido_table *table) {
    const lido_bench_speed speed =
        lido_bench_speed_of(of->work, of->seconds / (double)p->steps, &p->machine);
    if (of->seconds <= 0) {
        for (int column = 0; column < COLUMNS; column++) lido_table_add(table, "-");
        return;
    }
    if (of->pieces > 0)
        lido_table_add(table, "%" PRId64, of->pieces);
    else
        lido_table_add(table, "-");
    lido_table_add(table, "%.3f", ms(p, of->seconds));
    lido_table_add(table, "%.1f %%", 100 * of->seconds / p->step);
    if (speed.multiply_adds > 0)
        lido_table_add(table, "%.1f", speed.multiply_adds / 1e9);
    else
        lido_table_add(table, "-");
    add_share(table, speed.peak_share);
    add_share(table, speed.copy_share);
}

static void add_row(const profile *p, const char *name, const part way[WAYS], lido_table *table) {
    lido_table_add(table, "%s", name);
    for (int i = 0; i < WAYS; i++) add_cells(p, &way[i], table);
}

static lido_status print_table(const profile *p, const lido_output *output, lido_error *error) {
    static const char *const titles[] = {
        "<layer", "pieces",      "forward ms", "of step", "G/s",     "of peak", "of copy",
        "pieces", "backward ms", "of step",    "G/s",     "of peak", "of copy"};
    lido_table *table = lido_table_new(titles, sizeof titles / sizeof *titles);
    for (int i = 0; i < p->layers; i++) {
        lido_layer_info info;
        lido_graph_layer(p->network->graph, i, &info);
        if (has_run(p, i)) add_row(p, info.name, p->layer[i], table);
    }
    lido_table_rule(table);
    add_row(p, "all layers", p->all, table);
    return lido_table_print(table, output, error);
}

static void say_line(const profile *p, const char *name, double seconds,
                     const lido_output *output) {
    lido_say(output, "  %-9s  %.3f ms, %.1f %%\n", name, ms(p, seconds), 100 * seconds / p->step);
}

static lido_json *part_json(const profile *p, const part *of) {
    lido_json *json = lido_json_object();
    const lido_bench_speed speed =
        lido_bench_speed_of(of->work, of->seconds / (double)p->steps, &p->machine);
    lido_json_add_number(json, "ms", ms(p, of->seconds));
    lido_json_add_number(json, "share", of->seconds / p->step);
    if (of->pieces > 0) lido_json_add_number(json, "pieces", (double)of->pieces);
    lido_bench_speed_json(&speed, "", json);
    return json;
}

static void add_parts(const profile *p, const part way[WAYS], lido_json *json) {
    for (int i = 0; i < WAYS; i++) lido_json_add(json, way_names[i], part_json(p, &way[i]));
}

static lido_json *layer_json(const profile *p, int index) {
    lido_layer_info info;
    lido_json *json = lido_json_object();
    lido_graph_layer(p->network->graph, index, &info);
    lido_json_add_string(json, "layer", info.name);
    lido_json_add_string(json, "type", info.type);
    if (info.algorithm) lido_json_add_string(json, "algorithm", info.algorithm);
    add_parts(p, p->layer[index], json);
    return json;
}

static lido_json *profile_json(const profile *p) {
    lido_json *json = lido_json_object(), *layers = lido_json_array();
    for (int i = 0; i < p->layers; i++)
        if (has_run(p, i)) lido_json_append(layers, layer_json(p, i));
    lido_json_add(json, "layers", layers);
    add_parts(p, p->all, json);
    lido_json_add_number(json, "loss_ms", ms(p, p->loss));
    lido_json_add_number(json, "update_ms", ms(p, p->update));
    lido_json_add_number(json, "ms_per_step", ms(p, p->step));
    lido_bench_machine_json(&p->machine, json);
    return json;
}

static lido_status tell(const profile *p, const lido_output *output, lido_error *error) {
    const bool training = p->network->updater != NULL;
    lido_status status = print_table(p, output, error);
    if (status) return status;
    if (training) say_line(p, "loss", p->loss, output);
    if (training) say_line(p, "update", p->update, output);
    say_line(p, "step", p->step, output);
    lido_bench_machine_say(&p->machine, output);
    return lido_output_json(output, profile_json(p), error);
}

lido_status lido_bench_profile(lido_bench_network *network, double seconds,
                               const lido_output *output, lido_error *error) {
    profile p = {.network = network, .layers = lido_graph_layers(network->graph)};
    p.layer = calloc((size_t)p.layers, sizeof *p.layer);
    if (!p.layer) return lido_fail(error, LIDO_MEMORY, "no memory for a profile");
    lido_status status = measure(&p, seconds, error);
    if (!status) status = tell(&p, output, error);
    free(p.layer);
    return status;
}
