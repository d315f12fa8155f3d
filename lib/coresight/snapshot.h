/* SPDX-License-Identifier: MIT */
/*
 * snapshot - an OpenCSD snapshot folder: trace buffers, the sources in them, memory images
 *
 * snapshot.ini names trace.ini and the files of the devices; OpenCSD's "Trace Decoder Snapshot"
 * document describes the format. All strings belong to the snapshot. The files that it names must
 * be in its folder.
 */

#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "base/fault.h"
#include "base/intern.h"
#include "csd.h"

struct snapshot_dump {
	const char *file;
	uint64_t addr, len, off; /* len 0: to the end of the file */
	unsigned spaces;         /* enum csd_space, or'ed */
};

struct snapshot_buffer {
	const char *name, *file;
	enum csd_layout layout;
};

struct snapshot {
	struct snapshot_buffer *buffer;
	struct snapshot_dump *dump;
	size_t n_buffers, n_dumps;
	struct snapshot_state *state; /* private */
};

/*
 * Read a snapshot by the path of its snapshot.ini. outside: it may name files outside its folder.
 * False with the fault set; snapshot_close() frees in either case.
 */
bool snapshot_open(struct snapshot *, const char *path, bool outside, struct fault *);
void snapshot_close(struct snapshot *);

/* Open a file that the snapshot names: a descriptor, or -1 with the reason in why. */
int snapshot_file(const struct snapshot *, const char *name, struct fault *why);

/* Its path, for messages. */
const char *snapshot_path(const struct snapshot *, const char *name);

/* A source in a buffer, counted from 0, and its name: false after the last. Its protocol is
 * CSD_NONE if it has no decoder. */
bool snapshot_source(const struct snapshot *, const struct snapshot_buffer *, size_t i,
    struct csd_source *, const char **name);

/* Whether this is how a snapshot.ini starts. */
bool snapshot_is(const uint8_t *, size_t n);

/* A register by any of its names, such as TRCIDR0 or ETMIDR; CSD_REGISTERS if it is not used. */
enum csd_register snapshot_register(const char *name);

/* A protocol by the type of a device: ETM4, ETE, ETM3, PTM, PFT, STM, ITM; or CSD_NONE. */
enum csd_protocol snapshot_protocol(const char *type);

/* Whether an open file is not among those seen before; add it to them. True if fstat(2) fails. */
bool snapshot_is_new(struct intern *seen, int fd);

#endif
