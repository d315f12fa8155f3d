/* SPDX-License-Identifier: MIT */
/*
 * plt - the stubs that a program calls other objects through
 *
 * A stub jumps through a slot of the global offset table, and the relocation of that slot says
 * where to. The order of the stubs says nothing: linkers sort them in different ways. Sources: the
 * code that binutils (bfd/elfxx-x86.c, elfnn-aarch64.c, elf32-arm.c) and lld (ELF/Arch) write.
 */

#ifndef PLT_H
#define PLT_H

#include "base/bytes.h"

enum plt_machine { PLT_X86_64, PLT_AARCH64, PLT_ARM };

struct plt_stub {
	uint64_t addr, size, slot;
};

struct plt_walk {
	enum plt_machine machine;
	const uint8_t *code;
	size_t n, at, step; /* step: the bytes between the starts of stubs of x86 */
	uint64_t addr;      /* of the code */
};

/* Walk over the stubs in the code of a section (.plt, .plt.sec, .plt.got, .iplt) at an address;
 * entry is the length of its entries as the section header has it. */
struct plt_walk plt_walk(enum plt_machine, struct bytes code, uint64_t addr, uint64_t entry);

/* Get the next stub; false at the end. */
bool plt_next(struct plt_walk *, struct plt_stub *);

#endif
