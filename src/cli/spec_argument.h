/* spec_argument.h - the JSON a command is given: a model spec, or one layer object. */
#ifndef LIDO_CLI_SPEC_ARGUMENT_H
#define LIDO_CLI_SPEC_ARGUMENT_H

#include "base/json.h"
#include "cli/arguments.h"

#include <lido/train.h>

/* Reads the model spec a command is given, or the trained model, whose net is for `batch` samples
 * (0: that of its training); --conv-algorithm is applied. Errors as of lido_spec_read and
 * lido_model_load, and for a model LIDO_SHAPE when the algorithm does not apply to a layer. */
lido_status lido_spec_argument(const lido_common *common, const char *path, lido_spec **spec,
                               lido_error *error);
lido_status lido_model_argument(const lido_common *common, const char *path, int64_t batch,
                                lido_team *team, lido_model *model, lido_error *error);

/* A file's document or, when `text` begins with '{', the document it is itself; *name opens
 * messages. The caller frees the document. */
lido_status lido_document_argument(const char *text, lido_json **document, const char **name,
                                   lido_error *error);

/* One line of JSON: {"input": [H, W, C], "layers": [layer]}, malloc'ed; NULL when memory ran out.
 */
char *lido_layer_spec(const lido_json *layer, const lido_shape *input);

/* A batch of shapes as --shape gives it: N, then the sample's. LIDO_USAGE. */
lido_status lido_shape_argument(const lido_list *dims, int64_t *batch, lido_shape *shape,
                                lido_error *error);

#endif
