/* label_map.h - from outputs at every position to classes: how often each comes, and their map in a
 * .npy file. */
#ifndef LIDO_CLI_LABEL_MAP_H
#define LIDO_CLI_LABEL_MAP_H

#include <lido/base.h>

/* map[positions] = the first largest of the values y (positions, channels) of each position;
 * share[channels] = the fraction of the positions that has the class. */
void lido_label_map(const lido_real *y, const lido_shape *shape, int32_t *map, lido_real *share);

/* Writes the map as int32, of the shape's spatial axes, to FOLDER/STEM.npy, STEM being the name of
 * the file it was made of, without its ending, and behind it -INDEX unless that is negative; path
 * gets the name. The folder is made when absent. */
lido_status lido_label_map_write(const char *folder, const char *file, int64_t index,
                                 const lido_shape *shape, int32_t *map, char *path, size_t size,
                                 lido_error *error);

#endif
