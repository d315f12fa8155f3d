/* SPDX-License-Identifier: MIT */
/* A packet of any protocol, in words and in fields. */

#include "csd_pkt.h"

/* TRCIDR0 bit 29, COMMOPT: cycle counts say nothing of commits. */
static bool
commits(const struct csd_source *s)
{
	return (s->reg[CSD_IDR0] >> 29 & 1) == 0;
}

size_t
csd_text(const struct csd_packet *p, char *d)
{
	ocsd_etmv4_i_pkt etm4;
	ocsd_etmv3_pkt etm3;

	switch (p->source->protocol) {
	case CSD_ETMV4:
	case CSD_ETE:
		return (size_t)(csd_etm4_text(csd_etm4_mend(p, &etm4), commits(p->source), d) - d);
	case CSD_ETMV3:
		return (size_t)(csd_etm3_text(csd_etm3_mend(p, &etm3), d) - d);
	case CSD_PTM:
		return (size_t)(csd_ptm_text(p->what, d) - d);
	case CSD_ITM:
		return (size_t)(csd_itm_text(p->what, d) - d);
	default:
		return (size_t)(csd_stm_text(p->what, d) - d);
	}
}

void
csd_fields(const struct csd_packet *p, struct csd_fields *f)
{
	enum csd_protocol protocol = p->source->protocol;
	ocsd_etmv4_i_pkt etm4;
	ocsd_etmv3_pkt etm3;

	f->has_addr = f->has_contextid = f->has_vmid = false;
	f->el = -1;
	f->n = 0;
	if (protocol == CSD_ETMV4 || protocol == CSD_ETE)
		csd_etm4_fields(csd_etm4_mend(p, &etm4), commits(p->source), f);
	else if (protocol == CSD_ETMV3)
		csd_etm3_fields(csd_etm3_mend(p, &etm3), f);
	else if (protocol == CSD_PTM)
		csd_ptm_fields(p->what, f);
	else if (protocol == CSD_ITM)
		csd_itm_fields(p->what, f);
	else
		csd_stm_fields(p->what, f);
}
