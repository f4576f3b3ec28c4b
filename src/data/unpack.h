/* unpack.h - taking known files out of a published .tar.gz. */
#ifndef LIDO_DATA_UNPACK_H
#define LIDO_DATA_UNPACK_H

#include <lido/data.h>

/* LIDO_UNSUPPORTED, naming the package, when built without libarchive. */
lido_status lido_unpack_supported(const char *path, lido_error *error);

/* Unpacks exactly the listed members (ended by a NULL name), whatever else the archive holds, each
 * to folder/LAST-PART-OF-ITS-NAME; they appear when all of them are whole. LIDO_CORRUPT: a member
 * is missing, of another size, or the archive is damaged; LIDO_IO. */
lido_status lido_unpack(const char *path, const lido_data_member *members, const char *folder,
                        lido_error *error);

/* Told of each regular file of an archive, in its order; what it returns ends the reading unless it
 * is LIDO_OK. */
typedef lido_status (*lido_archive_visit)(void *context, const char *name, const uint8_t *data,
                                          size_t size, lido_error *error);

/* Reads a .tar.gz without unpacking it. LIDO_CORRUPT: damaged, or a file of more than 16 MB. */
lido_status lido_archive_each(const char *path, lido_archive_visit visit, void *context,
                              lido_error *error);

/* True when all members lie in the folder with their sizes. */
bool lido_unpacked(const lido_data_member *members, const char *folder);

#endif
