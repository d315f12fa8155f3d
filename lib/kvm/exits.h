/* SPDX-License-Identifier: MIT */
/*
 * exits - how long the exits of guests took, by vCPU and reason
 *
 * A vCPU is a thread of the host and KVM's number of the vCPU, as far as events have it. Its exit
 * takes from kvmexit to the next kvmentry. Of the accesses, which an exit may have several of, a
 * read of a device's memory takes from the exit, or from the access before it, to the mmio that
 * brings the value; the others from their event to the next access or entry. An interval without
 * its other end, or with events lost in it, is not counted.
 * Facts: tools/perf/arch/x86/util/kvm-stat.c and tools/perf/builtin-kvm.c of Linux 6.1, which begin
 * and end the intervals likewise.
 *
 * Memory: 8 bytes for each interval, and what the vCPUs and their reasons need.
 */

#ifndef EXITS_H
#define EXITS_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/out.h"
#include "base/patterns.h"
#include "base/strbuf.h"
#include "rec/rec.h"

enum exits_event { EXITS_VMEXIT, EXITS_MMIO, EXITS_IOPORT, EXITS_MSR, EXITS_EVENTS };
enum exits_per { EXITS_VCPU, EXITS_MACHINE, EXITS_ALL, EXITS_PERS };
enum exits_by { EXITS_COUNT, EXITS_TIME, EXITS_MEAN, EXITS_MAX, EXITS_BYS };

struct exits_counts {
	uint64_t entries, exits, accesses; /* events */
	uint64_t counted;                  /* intervals */
	uint64_t at_start;                 /* entries whose exit is before the recording */
	uint64_t at_end;                   /* intervals that are open at the end */
	uint64_t no_exit;                  /* other entries, and reads, without an exit */
	uint64_t no_entry;                 /* other intervals without an end */
	uint64_t torn;                     /* intervals in which events were lost */
	uint64_t overflows;                /* additions to a time that is 2^64-2, the greatest */
};

struct exits {
	enum exits_event event;
	enum exits_per per;
	enum exits_by by;
	struct patterns wanted; /* only these guests; none: all */
	int32_t vcpu;           /* only this number; -1: all */
	/* valid after exits_end() */
	struct exits_counts counts;
	struct exits_row *row; /* to be written, in their order */
	size_t n;
	bool has_vcpu; /* are there rows of the number asked for? */
	bool timeless; /* neither entries nor exits came: when an access ends is not known */
	bool mixed; /* the guest "vm" is several: threads with the same vCPU, of no known process */
	/* private */
	struct exits_vcpu *of;
	size_t nof, cap_of;
	struct exits_row *all;
	size_t nall, cap_all;
	struct hash threads; /* machine << 32 | tid -> 1 + its vCPU in of */
	struct hash numbers; /* 1 + vCPU of a thread's first << 32 | number -> 1 + its vCPU in of */
	struct hash rows;    /* vCPU << 32 | reason -> 1 + its row in all */
	struct hash lost;    /* CPU + 1, 0 for all -> the time of the last loss there */
	struct intern machines, guests, reasons;
	int64_t first, last; /* the times of the events */
	bool any;
};

/* The value of a name in the order of the enum; -1 if there is none. */
int exits_event_named(const char *);
int exits_per_named(const char *);
int exits_by_named(const char *);

/* Start with event, per, by, guest and vcpu set, and all else 0. Take in a record of any kind.
 * Returns false if the time of a thread goes back. */
bool exits_add(struct exits *, const struct rec *);

/* Call it after the last record: choose, merge and sort the rows. */
void exits_end(struct exits *);
void exits_free(struct exits *);

/* Write the rows as exits records; as a table for a terminal. */
void exits_write(const struct exits *, struct out *);
void exits_table(const struct exits *, struct out *);

#endif
