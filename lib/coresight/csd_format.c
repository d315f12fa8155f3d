/* SPDX-License-Identifier: MIT */

#include "csd_int.h"

static int
hex_digits(uint64_t v)
{
	return v == 0 ? 1 : (67 - __builtin_clzll(v)) / 4;
}

char *
csd_dec(char *d, struct str label, uint64_t v)
{
	d = str_put(d, label);
	return d + text_put_u64(d, v);
}

char *
csd_hex(char *d, struct str label, uint64_t v, int width)
{
	d = str_put(str_put(d, label), STR("0x"));
	for (width -= hex_digits(v); width > 0; width--)
		*d++ = '0';
	return d + text_put_hex(d, v);
}

/* Upper-case digits, at least width of them. */
static char *
put_upper(char *d, uint64_t v, int width)
{
	int digits = hex_digits(v) < width ? width : hex_digits(v), i;

	for (i = digits; i-- > 0; v >>= 4)
		d[i] = "0123456789ABCDEF"[v & 15];
	return d + digits;
}

char *
csd_partial(char *d, struct str label, int bits, int valid, uint64_t v, int updated)
{
	int digits = (valid + 3) / 4, i;

	d = str_put(str_put(d, label), STR("0x"));
	for (i = digits; i < bits / 4; i++)
		*d++ = '?';
	d = put_upper(d, valid > 32 ? v : (uint32_t)v, digits);
	if (valid < bits) {
		d = str_put(d, STR(" ("));
		d += text_put_s64(d, valid - 1);
		d = str_put(d, STR(":0)"));
	}
	if (updated > 0) {
		d = put_upper(str_put(d, STR(" ~[0x")), v & UINT64_MAX >> (64 - updated), 1);
		*d++ = ']';
	}
	return d;
}

char *
csd_atoms(char *d, const ocsd_pkt_atom *a)
{
	uint32_t bits = a->En_bits;
	int i;

	for (i = 0; i < a->num; i++, bits >>= 1)
		*d++ = bits & 1 ? 'E' : 'N';
	return d;
}

static char *
info_key(struct csd_fields *f, struct str key)
{
	char *d = f->info + f->n;

	if (f->n > 0)
		*d++ = ' ';
	d = str_put(d, key);
	*d++ = '=';
	return d;
}

static void
info_end(struct csd_fields *f, const char *d)
{
	f->n = (size_t)(d - f->info);
}

void
csd_info(struct csd_fields *f, struct str key, uint64_t v)
{
	char *d = info_key(f, key);

	info_end(f, d + text_put_u64(d, v));
}

void
csd_info_hex(struct csd_fields *f, struct str key, uint64_t v)
{
	char *d = str_put(info_key(f, key), STR("0x"));

	info_end(f, d + text_put_hex(d, v));
}

void
csd_info_flag(struct csd_fields *f, struct str key, bool is)
{
	if (is)
		csd_info(f, key, 1);
}

void
csd_info_word(struct csd_fields *f, struct str key, struct str v)
{
	char *d;

	if (str_none(v))
		return;
	d = info_key(f, key);
	info_end(f, d + text_escape(d, v.p, v.n, " "));
}

void
csd_info_atoms(struct csd_fields *f, const ocsd_pkt_atom *a)
{
	if (a->num > 0)
		info_end(f, csd_atoms(info_key(f, STR("atoms")), a));
}

void
csd_info_addr(struct csd_fields *f, const ocsd_pkt_vaddr *a, int bits, int updated)
{
	f->has_addr = true;
	f->addr = a->val;
	if (a->valid_bits < bits) {
		f->addr &= a->valid_bits == 0 ? 0 : UINT64_MAX >> (64 - a->valid_bits);
		csd_info(f, STR("valid"), a->valid_bits);
	}
	if (updated > 0 && updated < bits)
		csd_info(f, STR("updated"), (uint64_t)updated);
}
