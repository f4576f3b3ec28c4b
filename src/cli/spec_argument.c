/* spec_argument.c - reading the JSON a command is given. */
#include "cli/spec_argument.h"

#include <string.h>

lido_status lido_spec_argument(const lido_common *common, const char *path, lido_spec **spec,
                               lido_error *error) {
    lido_status status = lido_spec_read(path, spec, error);
    if (!status && common->conv_algorithm >= 0)
        lido_spec_use_conv_algorithm(*spec, common->conv_algorithm);
    return status;
}

lido_status lido_model_argument(const lido_common *common, const char *path, int64_t batch,
                                lido_team *team, lido_model *model, lido_error *error) {
    lido_status status = lido_model_load(path, batch, team, model, error);
    if (status || common->conv_algorithm < 0) return status;
    lido_spec_use_conv_algorithm(model->spec, common->conv_algorithm);
    const lido_shape input = *lido_graph_input(model->graph);
    status = lido_model_resize(model, &input, batch ? batch : model->options.batch, team, error);
    if (!status) return LIDO_OK;
    lido_model_free(model);
    return lido_fail_in(error, status, "--conv-algorithm");
}

lido_status lido_document_argument(const char *text, lido_json **document, const char **name,
                                   lido_error *error) {
    bool inline_text = text[0] == '{';
    *name = inline_text ? "layer" : text;
    if (inline_text) return lido_json_parse(text, strlen(text), *name, document, error);
    return lido_json_read(text, document, error);
}

char *lido_layer_spec(const lido_json *layer, const lido_shape *input) {
    lido_json *document = lido_json_object(), *shape = lido_json_array(), *list = lido_json_array();
    for (int i = LIDO_MAX_AXES - input->rank; i < LIDO_MAX_AXES; i++)
        lido_json_append(shape, lido_json_from_number((double)input->axis[i]));
    lido_json_append(shape, lido_json_from_number((double)input->channels));
    lido_json_append(list, lido_json_copy(layer));
    const char *type = lido_json_string(lido_json_get(layer, "type"));
    if (type) lido_json_add_string(document, "name", type);
    lido_json_add(document, "input", shape);
    lido_json_add(document, "layers", list);
    char *text = lido_json_print(document, false);
    lido_json_free(document);
    return text;
}

lido_status lido_shape_argument(const lido_list *dims, int64_t *batch, lido_shape *shape,
                                lido_error *error) {
    *batch = dims->at[0];
    if (dims->count < 2)
        return lido_fail(error, LIDO_USAGE, "--shape needs the batch first: N,C or N,H,W,C");
    lido_status status = lido_shape_make(dims->at + 1, dims->count - 1, shape, error);
    return status ? lido_fail_in(error, status, "--shape") : LIDO_OK;
}
