/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "plt.h"

enum { MAXSIZE = 32 }; /* of a stub */

struct plt_walk
plt_walk(enum plt_machine machine, struct bytes code, uint64_t addr, uint64_t entry)
{
	size_t n = bytes_left(&code);

	return (struct plt_walk){ machine, bytes_take(&code, n), n, 0,
		machine != PLT_X86_64 ? 4
		: entry == 8          ? 8
				      : 16,
		addr };
}

static uint32_t
word(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* jmp *slot(%rip), after endbr64 or not, with the prefix bnd or not; or mov slot(%rip), %r11 */
static bool
x86_slot(const uint8_t *p, size_t n, uint64_t at, uint64_t *slot)
{
	size_t i = n >= 4 && word(p) == 0xfa1e0ff3 ? 4 : 0, opcode = 2;

	i += i < n && p[i] == 0xf2;
	if (n - i >= 7 && p[i] == 0x4c && p[i + 1] == 0x8b && p[i + 2] == 0x1d)
		opcode = 3;
	else if (n - i < 6 || p[i] != 0xff || p[i + 1] != 0x25)
		return false;
	*slot = at + i + opcode + 4 + (uint64_t)(int64_t)(int32_t)word(p + i + opcode);
	return true;
}

/* adrp x16, page; ldr x17, [x16, offset] */
static bool
aarch64_slot(const uint8_t *p, size_t n, uint64_t at, uint64_t *slot)
{
	uint32_t adrp = n >= 8 ? word(p) : 0, ldr = n >= 8 ? word(p + 4) : 0;
	uint64_t pages;

	if ((adrp & 0x9f00001f) != 0x90000010 || (ldr & 0xffc003ff) != 0xf9400211)
		return false;
	pages = ((uint64_t)(adrp >> 5 & 0x7ffff) << 2) | (adrp >> 29 & 3);
	pages = (pages ^ UINT64_C(0x100000)) - UINT64_C(0x100000);
	*slot = (at & ~UINT64_C(0xfff)) + (pages << 12) + (ldr >> 10 & 0xfff) * 8;
	return true;
}

/* The operand of an instruction of ARM: 8 bits rotated to the right. */
static uint32_t
rotated(uint32_t instruction)
{
	uint32_t by = (instruction >> 8 & 15) * 2, value = instruction & 0xff;

	return by == 0 ? value : value >> by | value << (32 - by);
}

/* add ip, pc, a; add ip, ip, b, once or twice; ldr pc, [ip, c]! */
static bool
arm_slot(const uint8_t *p, size_t n, uint64_t at, uint64_t *slot)
{
	uint32_t sum, next, i;

	if (n < 12 || (word(p) & 0xfffff000) != 0xe28fc000)
		return false;
	sum = (uint32_t)at + 8 + rotated(word(p));
	for (i = 4; i <= 12 && i + 4 <= n; i += 4) {
		next = word(p + i);
		if ((next & 0xfffff000) == 0xe5bcf000) {
			*slot = sum + (next & 0xfff);
			return true;
		}
		if ((next & 0xfffff000) != 0xe28cc000)
			return false;
		sum += rotated(next);
	}
	return false;
}

static bool
slot_at(const struct plt_walk *w, size_t at, uint64_t *slot)
{
	const uint8_t *p = w->code + at;
	size_t n = w->n - at;

	switch (w->machine) {
	case PLT_X86_64:
		return x86_slot(p, n < w->step ? n : w->step, w->addr + at, slot);
	case PLT_AARCH64:
		return aarch64_slot(p, n, w->addr + at, slot);
	default:
		return arm_slot(p, n, w->addr + at, slot);
	}
}

/* Instructions before the first that counts: bti c; or Thumb's bx pc, nop. */
static size_t
prefix(const struct plt_walk *w, size_t at)
{
	uint32_t before = at >= 4 ? word(w->code + at - 4) : 0;

	if (w->machine == PLT_AARCH64 && before == 0xd503245f)
		return 4;
	return w->machine == PLT_ARM && before == 0x46c04778 ? 4 : 0;
}

bool
plt_next(struct plt_walk *w, struct plt_stub *s)
{
	uint64_t unused;
	size_t at, end;

	while (w->at < w->n && !slot_at(w, w->at, &s->slot))
		w->at += w->step;
	if (w->at >= w->n)
		return false;
	at = w->at - prefix(w, w->at);
	for (end = w->at + w->step; end < w->n && end - at < MAXSIZE; end += w->step)
		if (slot_at(w, end, &unused))
			break;
	w->at = end < w->n ? end : w->n;
	end = w->at - (w->at < w->n ? prefix(w, w->at) : 0);
	s->addr = w->addr + at;
	s->size = end - at;
	return true;
}
