/* graph.h - the graph between parsing and planning: layers in the order they run, everything
 * inferred. Built by graph.c, read by plan.c and net.c. */
#ifndef LIDO_NET_GRAPH_H
#define LIDO_NET_GRAPH_H

#include <lido/net.h>

/* One layer in place. */
typedef struct lido_node {
    const lido_layer *layer;
    void *config;               /* owned by the graph */
    lido_given given;           /* which options were written */
    char name[LIDO_TEXT_SIZE];  /* unique in the graph, also the key of its random numbers */
    int inputs;                 /* >= 1 */
    int input[LIDO_MAX_INPUTS]; /* earlier nodes, one may stand twice; LIDO_FROM_IMAGE, _BOXES */
    lido_shape x_shape[LIDO_MAX_INPUTS];
    bool x_nonnegative[LIDO_MAX_INPUTS]; /* the image may be negative: it is normalised */
    const struct lido_node *of;          /* the earlier node that option "of" names, or NULL */
    bool lends;       /* a later node names this one: what it saves is kept for that */
    int consumers;    /* how many inputs of later nodes read its output; 0 only for the last */
    lido_needs needs; /* inferred for a batch of one */
    int64_t field[LIDO_MAX_AXES], field_stride[LIDO_MAX_AXES]; /* as in lido_layer_info */
} lido_node;

struct lido_graph {
    char name[LIDO_TEXT_SIZE];
    lido_shape input;
    lido_shape boxes; /* 0 channels: there is no such input */
    lido_target target;
    int nodes;
    lido_node *node; /* node[nodes], in running order; the last one's output is the network's */
    int segments;
    lido_segment *segment;  /* parameters in running order, then running states; offsets follow one
                               another without gaps in each of the two vectors */
    int64_t params, states; /* lengths of the two vectors */
};

/* Where a node stands, *of where the one it names does. */
lido_site lido_node_site(const lido_node *node, int64_t batch, lido_site *of);

/* The needs of a node for a batch of that many samples: calls the layer's infer again, which cannot
 * fail for reasons of shape; LIDO_TOO_LARGE when bytes overflow. */
lido_status lido_node_needs(const lido_node *node, int64_t batch, lido_needs *needs,
                            lido_error *error);

#endif
