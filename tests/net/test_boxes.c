/* test_boxes.c - random boxes lie inside their picture; a network with boxes sees those of its
 * batch, and computes no gradient for them. */
#include "spec_text.h"

#include "net/boxes.h"

#include <math.h>

START_TEST(random_boxes_lie_inside) {
    const lido_shape image = {.rank = 2, .axis = {1, 7, 30}, .channels = 1};
    lido_real boxes[200][5], again[200][5];
    lido_boxes_random(3, &image, 200, boxes[0]);
    lido_boxes_random(3, &image, 200, again[0]);
    ck_assert_mem_eq(boxes, again, sizeof boxes);
    lido_boxes_random(4, &image, 200, again[0]);
    ck_assert_mem_ne(boxes, again, sizeof boxes);
    for (int i = 0; i < 200; i++) {
        const lido_real *box = boxes[i];
        ck_assert(box[0] == 0);
        ck_assert(box[1] >= 0 && box[3] - box[1] >= (lido_real)7.4 && box[3] <= 30);
        ck_assert(box[2] >= 0 && box[4] - box[2] >= (lido_real)1.7 && box[4] <= 7);
    }
}
END_TEST

/* Sums of the picture and of the boxes, side by side. */
static const char both[] = "{'inputs': {'image': [4], 'boxes': [2, 5]}, 'layers': ["
                           "{'type': 'relu', 'name': 'a'},"
                           "{'type': 'flatten', 'name': 'b', 'input': 'boxes'},"
                           "{'type': 'concat', 'input': ['a', 'b']},"
                           "{'type': 'dense', 'units': 3}, {'type': 'softmax'}]}";

static lido_graph *graph_of_both(void) {
    lido_error error = {0};
    lido_spec *spec = parsed(both);
    lido_graph *graph;
    assert_ok(lido_graph_make(spec, &graph, &error));
    lido_spec_free(spec);
    return graph;
}

START_TEST(a_network_sees_the_boxes_of_its_batch) {
    lido_graph *graph = graph_of_both();
    ck_assert_int_eq(lido_graph_boxes(graph)->axis[2], 2);
    lido_net_options options = {.batch = 2, .training = true};
    lido_error error = {0};
    lido_net *net;
    assert_ok(lido_net_make(graph, &options, &net, &error));
    lido_real x[8] = {0}, boxes[20] = {0}, first[6];
    const int32_t labels[2] = {0, 2};
    lido_batch batch = {.count = 2, .x = x, .boxes = boxes, .labels = labels};
    lido_result result;
    memcpy(first, lido_net_forward(net, &batch, &result), sizeof first);
    for (int i = 10; i < 20; i++) boxes[i] = (lido_real)i / 100;
    const lido_real *second = lido_net_forward(net, &batch, &result);
    ck_assert_mem_eq(first, second, 3 * sizeof *first);
    ck_assert_mem_ne(first + 3, second + 3, 3 * sizeof *first);

    /* dw = x (softmax - onehot): only the second picture's boxes are not zero. */
    lido_net_gradients(net, &batch, &result);
    const lido_real *dw = lido_net_gradient(net);
    double error_of_one = (double)dw[(4 + 4) * 3] / 14;
    ck_assert(fabs(error_of_one) > 1e-3);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol((double)dw[(4 + i) * 3], error_of_one * (10 + i), 1e-5);
    lido_net_free(net);
    lido_graph_free(graph);
}
END_TEST

START_TEST(gradients_agree_with_differences) {
    lido_graph *graph = graph_of_both();
    lido_gradcheck_result result;
    lido_error error = {0};
    lido_gradcheck_options options = {0};
    assert_ok(lido_gradcheck(graph, &options, &result, &error));
    ck_assert_int_eq(result.checked, 2 * 4 + 14 * 3 + 3); /* the boxes are not among them */
    ck_assert_int_eq(result.failed, 0);
    lido_graph_free(graph);
}
END_TEST

LIDO_TEST_MAIN("boxes", random_boxes_lie_inside, a_network_sees_the_boxes_of_its_batch,
               gradients_agree_with_differences)
