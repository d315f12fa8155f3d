/* SPDX-License-Identifier: MIT */
/*
 * vcpus - which thread of the host is which CPU of which guest, as far as a recording says
 *
 * A thread is known to be a vCPU's from KVM's events, which are its own, and from samples of guest
 * code in it. Entries have the vCPU's number, exits since Linux 5.11. QEMU names its threads
 * "CPU 0/KVM", or without KVM "CPU 0/TCG" (-name debug-threads=on; libvirt does so). The guest is
 * named after the process: vm and its pid.
 */

#ifndef VCPUS_H
#define VCPUS_H

#include "base/hash.h"
#include "rec/rec.h"

/* Start with { 0 }. */
struct vcpus {
	struct hash known; /* tid -> pid and number, packed */
	char guest[2 + TEXT_NUMBER];
};

void vcpus_free(struct vcpus *);

/* The name of the guest of a process; d has room for 2 + TEXT_NUMBER bytes. */
struct str vcpus_guest(char *d, int32_t pid);

/*
 * Take in a record that is about to be written. Returns true if it says something new of its
 * thread: *define, a vcpu record, is then to be written before it.
 */
bool vcpus_add(struct vcpus *, const struct rec *, struct rec *define);

/* The caller defines a thread's vCPU itself: events say nothing new of it until it is forked. */
void vcpus_known(struct vcpus *, int32_t tid);

/* The same for a sample of guest code, taken in a thread of the host. */
bool vcpus_add_sample(struct vcpus *, const struct rec *at, struct rec *define);

#endif
