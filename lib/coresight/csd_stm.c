/* SPDX-License-Identifier: MIT */
/* STM: software and hardware events in MIPI STPv2 packets. */

#include <limits.h>

#include "csd_int.h"

enum { PLAIN, MARKED /* the name says whether the packet has a marker and a timestamp */ };

#define STM(form, type, rest) [STM_PKT_##type] = CSD_NAME(form, #type, ":" rest)

static const struct csd_name names[] = {
	STM(PLAIN, NOTSYNC, "STM not synchronised"),
	STM(PLAIN, INCOMPLETE_EOT, "Incomplete packet flushed at end of trace"),
	STM(PLAIN, NO_ERR_TYPE, "Error type not set"),
	STM(PLAIN, ASYNC, "Alignment synchronisation packet"),
	STM(PLAIN, VERSION, "Version packet"),
	STM(PLAIN, FREQ, "Frequency packet"),
	STM(PLAIN, NULL, "Null packet"),
	STM(MARKED, TRIG, "Trigger packet"),
	STM(PLAIN, GERR, "Global Error"),
	STM(PLAIN, MERR, "Master Error"),
	STM(PLAIN, M8, "Set current master"),
	STM(PLAIN, C8, "Set current channel"),
	STM(PLAIN, C16, "Set current channel"),
	STM(MARKED, FLAG, "Flag packet"),
	STM(MARKED, D4, "4 bit data"),
	STM(MARKED, D8, "8 bit data"),
	STM(MARKED, D16, "16 bit data"),
	STM(MARKED, D32, "32 bit data"),
	STM(MARKED, D64, "64 bit data"),
	STM(PLAIN, BAD_SEQUENCE, "Invalid sequence in packet"),
	STM(PLAIN, RESERVED, "Reserved Packet Header"),
};

static ocsd_err_t
create(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_stm_cfg c = { .reg_tcsr = (uint32_t)s->id << 16,
		.hw_event = HwEvent_Unknown_Disabled };

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_STM, flags, &c, id);
}

/* The payload, and its number of bits. */
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
put_name(char *d, const ocsd_stm_pkt *p, ocsd_stm_pkt_type type)
{
	bool marked = csd_name_of(&csd_stm_ops, type)->form == MARKED;

	d = str_put(d, csd_name(&csd_stm_ops, type));
	d = marked && p->pkt_has_marker ? str_put(d, STR("M")) : d;
	return marked && p->pkt_has_ts ? str_put(d, STR("TS")) : d;
}

static char *
put_title(char *d, const ocsd_stm_pkt *p)
{
	const struct csd_name *name = csd_name_of(&csd_stm_ops, p->type);
	bool marked = name->form == MARKED;

	d = put_name(d, p, p->type);
	d = str_put(d, (struct str){ name->p + name->name, name->n - name->name });
	d = marked && p->pkt_has_marker ? str_put(d, STR(" + marker")) : d;
	return marked && p->pkt_has_ts ? str_put(d, STR(" + timestamp")) : d;
}

static char *
put_values(char *d, const ocsd_stm_pkt *p)
{
	int bits;
	uint64_t v = payload(p, &bits);

	switch (p->type) {
	case STM_PKT_INCOMPLETE_EOT:
	case STM_PKT_BAD_SEQUENCE:
		return str_put(put_name(str_put(d, STR("[")), p, p->err_type), STR("]"));
	case STM_PKT_VERSION:
		return csd_dec(d, STR("; Ver="), v);
	case STM_PKT_FREQ:
		return str_put(csd_dec(d, STR("; Freq="), v), STR("Hz"));
	case STM_PKT_TRIG:
		return csd_hex(d, STR("; TrigData="), v, 2);
	case STM_PKT_M8:
		return csd_hex(d, STR("; Master="), p->master, 2);
	case STM_PKT_C8:
	case STM_PKT_C16:
		return csd_hex(d, STR("; Chan="), p->channel, 4);
	case STM_PKT_D4:
	case STM_PKT_D8:
	case STM_PKT_D16:
	case STM_PKT_D32:
	case STM_PKT_D64:
		return csd_hex(d, STR("; Data="), v, bits / 4);
	default:
		return d;
	}
}

static char *
text(const struct csd_packet *k, char *d)
{
	const ocsd_stm_pkt *p = k->what;

	d = put_values(put_title(d, p), p);
	if (p->pkt_has_ts)
		d = csd_partial(d, STR("; TS="), 64, 64, p->timestamp, p->pkt_ts_bits);
	return d;
}

static void
fields(const struct csd_packet *k, struct csd_fields *f)
{
	const ocsd_stm_pkt *p = k->what;
	int bits;
	uint64_t v = payload(p, &bits);

	f->type = csd_name(&csd_stm_ops, p->type);
	if (p->type == STM_PKT_INCOMPLETE_EOT || p->type == STM_PKT_BAD_SEQUENCE)
		csd_info_word(f, STR("was"), csd_name(&csd_stm_ops, p->err_type));
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
	csd_info_flag(f, STR("marker"),
	    csd_name_of(&csd_stm_ops, p->type)->form == MARKED && p->pkt_has_marker);
	if (p->pkt_has_ts)
		csd_info(f, STR("ts"), p->timestamp);
}

const struct csd_ops csd_stm_ops = { .sync = STM_PKT_ASYNC,
	.unsynced = STM_PKT_NOTSYNC,
	.overflow = UINT_MAX,
	.bad = STM_PKT_BAD_SEQUENCE,
	.last_bad = UINT_MAX,
	.names = names,
	.n_names = sizeof names / sizeof *names,
	.unknown = CSD_NAME(PLAIN, "UNKNOWN", ":ERROR: unknown packet type"),
	.create = create,
	.text = text,
	.fields = fields };
