/* SPDX-License-Identifier: MIT */
/* CoreSight frames as they are and unpacked, as OpenCSD's raw frame printer has them. */

#include "pktrec.h"

enum { PER_LINE = 16, LINE = 32 };

/* "Frame Data; Index     16; what; " and the bytes, 16 a line. */
static void
put_frame(struct pktrec *p, uint64_t index, struct str what, const uint8_t *bytes, size_t n)
{
	char digits[TEXT_NUMBER], *d = out_room(p->out, 64 + 4 * n);
	size_t i, width = text_put_u64(digits, index);

	d = str_put(d, STR("Frame Data; Index"));
	for (i = width; i < 7; i++)
		*d++ = ' ';
	memcpy(d, digits, width);
	d += width;
	d = str_put(d, what);
	for (i = 0; i < n; i++) {
		if (i > 0 && i % PER_LINE == 0)
			*d++ = '\n';
		*d++ = "0123456789abcdef"[bytes[i] >> 4];
		*d++ = "0123456789abcdef"[bytes[i] & 15];
		*d++ = ' ';
	}
	*d++ = '\n';
	p->out->n = (size_t)(d - p->out->buf);
}

/* Syncs between frames stand before the frame that follows. */
void
pktrec_frame(void *arg, uint64_t index, const uint8_t *bytes, size_t n, bool sync)
{
	struct pktrec *p = arg;

	if (sync && n == PER_LINE) {
		put_frame(p, index, STR(";         FSYNC; "), bytes, n);
		return;
	}
	if (p->n_frame + n > sizeof p->frame) {
		put_frame(p, index - p->n_frame, STR(";         FSYNC; "), p->frame, p->n_frame);
		p->n_frame = 0;
	}
	memcpy(p->frame + p->n_frame, bytes, n);
	p->n_frame += n;
	if (sync)
		return;
	put_frame(p, index - (p->n_frame - n), STR(";    RAW_PACKED; "), p->frame, p->n_frame);
	p->n_frame = 0;
}

void
pktrec_bytes(void *arg, uint64_t index, uint8_t id, const uint8_t *bytes, size_t n)
{
	char what[] = ";   ID_DATA[????]; ";

	if (id != CSD_NO_ID) {
		what[12] = '0';
		what[13] = 'x';
		what[14] = "0123456789abcdef"[id >> 4];
		what[15] = "0123456789abcdef"[id & 15];
	}
	put_frame(arg, index, (struct str){ what, sizeof what - 1 }, bytes, n);
}
