/* SPDX-License-Identifier: MIT */
/*
 * snapshot - an OpenCSD snapshot folder: trace buffers, the sources in them, memory images
 *
 * snapshot.ini names the devices' files and trace.ini; the format is described in OpenCSD's
 * "Trace Decoder Snapshot" document. All strings belong to the snapshot.
 */

#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "base/fault.h"
#include "csd.h"

struct snapshot_dump {
	char *path;
	uint64_t addr, len, off; /* len 0: to the file's end */
	char *space;             /* memory space, "" for any */
};

struct snapshot_device {
	char *name, *class, *type;
	uint32_t reg[CSD_REGISTERS];
};

struct snapshot_buffer {
	char *name, *path, *format;
};

/* What belongs to what: a source's buffer, a core's source. */
struct snapshot_link {
	char *from, *to;
};

struct snapshot {
	struct fault fault;
	char *folder;
	size_t n_files, n_buffers, n_devices, n_dumps, n_in, n_of; /* and room: */
	size_t c_files, c_buffers, c_devices, c_dumps, c_in, c_of;
	char **file; /* the devices' files, trace.ini first */
	struct snapshot_buffer *buffer;
	struct snapshot_device *device;
	struct snapshot_dump *dump;
	struct snapshot_link *in, *of; /* source in buffer, core of source */
};

/* Read a folder by its snapshot.ini; a register that matters is a number of 32 bits, those of a
 * dump have 64. False with the fault set; snapshot_close() frees either way.
 */
bool snapshot_open(struct snapshot *, const char *path);
void snapshot_close(struct snapshot *);

/* Whether this is how a snapshot.ini starts. */
bool snapshot_is(const uint8_t *, size_t n);

/* A register by any of its names, such as TRCIDR0 or ETMIDR: what it is for, CSD_REGISTERS for
 * none.
 */
enum csd_register snapshot_register(const char *name);

/* A protocol by the type of a device: ETM4, ETE, ETM3, PTM, PFT, STM, ITM; CSD_NONE. */
enum csd_protocol snapshot_protocol(const char *type);

/* How the buffer's bytes are framed; the i-th source in it and its name: false behind the last. */
enum csd_layout snapshot_layout(const struct snapshot_buffer *);
bool snapshot_source(const struct snapshot *, const struct snapshot_buffer *, size_t i,
    struct csd_source *, const char **name);

#endif
