/* op_params.h - the parameters of one layer in safetensors files, for `lido op`. */
#ifndef LIDO_CLI_OP_PARAMS_H
#define LIDO_CLI_OP_PARAMS_H

#include "net/single.h"

/* Takes parameters and running states from the file by their names. A parameter that is missing, a
 * name the layer does not have, and another shape are LIDO_MISMATCH; running states may be missing
 * and then stay as they start. */
lido_status lido_op_params_read(const char *path, lido_single *single, lido_error *error);

/* The gradients of the parameters, by name. */
lido_status lido_op_params_write_gradients(const char *path, lido_single *single,
                                           lido_error *error);

#endif
