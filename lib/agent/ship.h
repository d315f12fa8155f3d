/* SPDX-License-Identifier: MIT */
/*
 * ship - move the pages of one CPU's trace buffer to an output, in a process of their own
 *
 * The process is pinned to its CPU. Pages go from the buffer to a pipe and from there to the output
 * without being copied; the output is never waited for in a system call, so that orders are always
 * obeyed.
 */

#ifndef SHIP_H
#define SHIP_H

#include <stdatomic.h>
#include <sys/types.h>

#include "tracefs.h"

/* What the process has done, in memory that it shares with its parent. */
struct ship_count {
	_Atomic uint64_t taken, sent; /* bytes out of the buffer, and into the output */
	_Atomic int error;            /* errno of what is wrong now, or of the last fault */
	_Atomic int step;             /* enum ship_step: what that was */
};

enum ship_step { SHIP_FINE, SHIP_OPEN_INPUT, SHIP_PIPE, SHIP_TAKE, SHIP_SEND, SHIP_STUCK };

struct ship {
	int cpu;
	const char *path;         /* the output, for a FIFO that has no reader yet */
	int out;                  /* the open output; -1: open path */
	size_t pipe_size;         /* bytes */
	unsigned patience;        /* ms: how long to wait for an output that takes nothing */
	struct ship_count *count; /* shared */
	/* set by ship_start() */
	pid_t pid;
	int orders; /* of the parent's end of a socket */
};

/* Start the process; false with errno set. */
bool ship_start(struct ship *, const struct tracefs *);

/* Send an order; false if the process is gone. After SHIP_STOP, the process takes and sends all
 * that is left, and then answers with a byte on the socket. */
enum ship_order { SHIP_RUN = '1', SHIP_STOP = '0' };

bool ship_order(const struct ship *, enum ship_order);

/* The monotonic clock, in ms. */
int64_t ship_now_ms(void);

/* The text for a step that failed. */
const char *ship_step_name(enum ship_step);

#endif
