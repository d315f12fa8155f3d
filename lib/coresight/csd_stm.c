/* SPDX-License-Identifier: MIT */
/* STM: software and hardware events in MIPI STPv2 packets. */

#include "csd_pkt.h"

/* marked: the name tells whether the packet has a marker and a timestamp. */
static const struct stm_type {
	const char *name, *rest;
	bool marked;
} types[] = {
	[STM_PKT_NOTSYNC] = { "NOTSYNC", "STM not synchronised", false },
	[STM_PKT_INCOMPLETE_EOT] = { "INCOMPLETE_EOT", "Incomplete packet flushed at end of trace",
	    false },
	[STM_PKT_NO_ERR_TYPE] = { "NO_ERR_TYPE", "Error type not set", false },
	[STM_PKT_ASYNC] = { "ASYNC", "Alignment synchronisation packet", false },
	[STM_PKT_VERSION] = { "VERSION", "Version packet", false },
	[STM_PKT_FREQ] = { "FREQ", "Frequency packet", false },
	[STM_PKT_NULL] = { "NULL", "Null packet", false },
	[STM_PKT_TRIG] = { "TRIG", "Trigger packet", true },
	[STM_PKT_GERR] = { "GERR", "Global Error", false },
	[STM_PKT_MERR] = { "MERR", "Master Error", false },
	[STM_PKT_M8] = { "M8", "Set current master", false },
	[STM_PKT_C8] = { "C8", "Set current channel", false },
	[STM_PKT_C16] = { "C16", "Set current channel", false },
	[STM_PKT_FLAG] = { "FLAG", "Flag packet", true },
	[STM_PKT_D4] = { "D4", "4 bit data", true },
	[STM_PKT_D8] = { "D8", "8 bit data", true },
	[STM_PKT_D16] = { "D16", "16 bit data", true },
	[STM_PKT_D32] = { "D32", "32 bit data", true },
	[STM_PKT_D64] = { "D64", "64 bit data", true },
	[STM_PKT_BAD_SEQUENCE] = { "BAD_SEQUENCE", "Invalid sequence in packet", false },
	[STM_PKT_RESERVED] = { "RESERVED", "Reserved Packet Header", false },
};

static const struct stm_type unknown = { "UNKNOWN", "ERROR: unknown packet type", false };

static const struct stm_type *
type_of(ocsd_stm_pkt_type type)
{
	return (unsigned)type < sizeof types / sizeof *types ? &types[type] : &unknown;
}

static char *
put_name(char *d, const ocsd_stm_pkt *p, ocsd_stm_pkt_type type)
{
	const struct stm_type *t = type_of(type);

	d = csd_put(d, str_of(t->name));
	if (t->marked && p->pkt_has_marker)
		*d++ = 'M';
	return t->marked && p->pkt_has_ts ? CSD_PUT(d, "TS") : d;
}

static char *
put_description(char *d, const ocsd_stm_pkt *p)
{
	const struct stm_type *t = type_of(p->type);

	d = csd_put(d, str_of(t->rest));
	if (t->marked && p->pkt_has_marker)
		d = CSD_PUT(d, " + marker");
	return t->marked && p->pkt_has_ts ? CSD_PUT(d, " + timestamp") : d;
}

/* The payload and how many bits it has. */
static uint64_t
payload(const ocsd_stm_pkt *p, int *bits)
{
	switch (p->type) {
	case STM_PKT_D4:
		*bits = 4;
		return p->payload.D8 & 15;
	case STM_PKT_D16:
		*bits = 16;
		return p->payload.D16;
	case STM_PKT_D32:
	case STM_PKT_FREQ:
		*bits = 32;
		return p->payload.D32;
	case STM_PKT_D64:
		*bits = 64;
		return p->payload.D64;
	default:
		*bits = 8;
		return p->payload.D8;
	}
}

static char *
put_values(char *d, const ocsd_stm_pkt *p)
{
	int bits;
	uint64_t v = payload(p, &bits);

	switch (p->type) {
	case STM_PKT_INCOMPLETE_EOT:
	case STM_PKT_BAD_SEQUENCE:
		return CSD_PUT(put_name(CSD_PUT(d, "["), p, p->err_type), "]");
	case STM_PKT_VERSION:
		return csd_put_decimal(CSD_PUT(d, "; Ver="), v);
	case STM_PKT_FREQ:
		return CSD_PUT(csd_put_decimal(CSD_PUT(d, "; Freq="), v), "Hz");
	case STM_PKT_TRIG:
		return csd_put_hex(CSD_PUT(d, "; TrigData="), v, 2);
	case STM_PKT_M8:
		return csd_put_hex(CSD_PUT(d, "; Master="), p->master, 2);
	case STM_PKT_C8:
	case STM_PKT_C16:
		return csd_put_hex(CSD_PUT(d, "; Chan="), p->channel, 4);
	case STM_PKT_D4:
	case STM_PKT_D8:
	case STM_PKT_D16:
	case STM_PKT_D32:
	case STM_PKT_D64:
		return csd_put_hex(CSD_PUT(d, "; Data="), v, bits / 4);
	default:
		return d;
	}
}

char *
csd_stm_text(const ocsd_stm_pkt *p, char *d)
{
	d = put_name(d, p, p->type);
	*d++ = ':';
	d = put_values(put_description(d, p), p);
	if (p->pkt_has_ts)
		d = csd_put_partial(CSD_PUT(d, "; TS="), 64, 64, p->timestamp, p->pkt_ts_bits);
	return d;
}

void
csd_stm_fields(const ocsd_stm_pkt *p, struct csd_fields *f)
{
	const struct stm_type *t = type_of(p->type);
	int bits;
	uint64_t v = payload(p, &bits);

	f->type = str_of(t->name);
	if (p->type == STM_PKT_INCOMPLETE_EOT || p->type == STM_PKT_BAD_SEQUENCE)
		csd_info_word(f, STR("was"), str_of(type_of(p->err_type)->name));
	else if (p->type == STM_PKT_M8)
		csd_info_hex(f, STR("master"), p->master);
	else if (p->type == STM_PKT_C8 || p->type == STM_PKT_C16)
		csd_info_hex(f, STR("channel"), p->channel);
	else if (p->type == STM_PKT_VERSION)
		csd_info(f, STR("version"), v);
	else if (p->type == STM_PKT_FREQ)
		csd_info(f, STR("hz"), v);
	else if (p->type >= STM_PKT_D4 && p->type <= STM_PKT_D64)
		csd_info_hex(f, STR("data"), v);
	else if (p->type >= STM_PKT_TRIG && p->type <= STM_PKT_MERR)
		csd_info_hex(f, STR("value"), v);
	if (t->marked && p->pkt_has_marker)
		csd_info(f, STR("marker"), 1);
	if (p->pkt_has_ts)
		csd_info(f, STR("ts"), p->timestamp);
}
