/* SPDX-License-Identifier: MIT */
/*
 * Branches that are newer than the library, which goes past them. The encodings are those of the
 * Arm Architecture Reference Manuals, for A-profile (DDI 0487) and for Armv8-M (DDI 0553).
 */

#include "csd_int.h"

#if OCSD_VER_NUM >= 0x010800

const char *
csd_newer(const struct csd_element *x, const uint8_t *code, size_t n)
{
	(void)x;
	(void)code;
	(void)n;
	return NULL;
}

#else

static const char *
newer_a64(uint32_t word)
{
	if ((word & 0x7e000000) == 0x74000000)
		return "compare and branch instructions (FEAT_CMPBR)";
	if ((word & 0xfffffbff) == 0xd6ff03e0)
		return "TEXIT instructions (FEAT_TEV)";
	if (OCSD_VER_NUM < 0x010501 &&
	    ((word & 0xffc0001f) == 0x5500001f ||
		((word & 0xfffffbe0) == 0xd65f0be0 && (word & 31) != 31)))
		return "return instructions with a PC to authenticate (FEAT_PAuth_LR)";
	return NULL;
}

/* Loop starts and ends: before Armv8.1-M these encodings were not allocated. */
static const char *
newer_t32(unsigned first, unsigned second)
{
	return first >> 7 == 0xf000 >> 7 && (second & 0xf001) == 0xc001
		   ? "loop instructions (Armv8.1-M)"
		   : NULL;
}

const char *
csd_newer(const struct csd_element *x, const uint8_t *code, size_t n)
{
	const bool a64 = str_eq(x->isa, STR("A64")), t32 = str_eq(x->isa, STR("T32"));
	const char *name = NULL;
	unsigned first, second;
	size_t i;

	if (!a64 && !(t32 && x->source->m_profile))
		return NULL;
	for (i = 0; name == NULL && i + 4 <= n; i += 4) {
		first = code[i] | (unsigned)code[i + 1] << 8;
		second = code[i + 2] | (unsigned)code[i + 3] << 8;
		if (a64)
			name = newer_a64(first | (uint32_t)second << 16);
		else if (first >> 11 < 0x1d) /* an instruction of 2 bytes */
			i -= 2;
		else
			name = newer_t32(first, second);
	}
	return name;
}

#endif
