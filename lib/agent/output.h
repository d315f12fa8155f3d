/* SPDX-License-Identifier: MIT */
/*
 * output - where the agent's data go: virtio ports, FIFOs or files, by name
 *
 * A name without a slash that a virtio port has is that port, whether there is a link to it in
 * /dev/virtio-ports or not. A name NAME for which FIFOs NAME.in and NAME.out exist is that pair, as
 * in QEMU's -chardev pipe. Any other name is a file.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <limits.h>
#include <stdbool.h>

/* Replace %d in a template by the CPU; false if there is not exactly one, and nothing else with %,
 * or the result is too long. */
bool output_name(char name[PATH_MAX], const char *template, int cpu);

/* Find the virtio port of that name. */
bool output_port(char path[PATH_MAX], const char *name);

/* Open an output for writing without waiting: its descriptor; -1 for a FIFO without a reader, whose
 * path is set; -2 with errno set. */
int output_open(char path[PATH_MAX], const char *name);

/* Open both directions of a control channel without waiting; *to is -1 if nothing can be written.
 * False with errno set. */
bool output_control(const char *name, int *from, int *to);

#endif
