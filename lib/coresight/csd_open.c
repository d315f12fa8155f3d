/* SPDX-License-Identifier: MIT */
/* One decoder for each source, programmed as the source was: the library's, or ITM's own. */

#include <stdlib.h>

#include "csd_pkt.h"

static ocsd_arch_version_t
architecture(const struct csd_source *s)
{
	static const ocsd_arch_version_t arch[] = { [CSD_AA64] = ARCH_AA64,
		[CSD_V7] = ARCH_V7,
		[CSD_V8] = ARCH_V8,
		[CSD_V8_3] = ARCH_V8r3 };

	return arch[s->arch];
}

static ocsd_core_profile_t
profile(const struct csd_source *s)
{
	return s->m_profile ? profile_CortexM : profile_CortexA;
}

static ocsd_err_t
open_etm4(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_etmv4_cfg c = { .reg_idr0 = s->reg[CSD_IDR0],
		.reg_idr1 = s->reg[CSD_IDR1],
		.reg_idr2 = s->reg[CSD_IDR2],
		.reg_idr8 = s->reg[CSD_IDR8],
		.reg_configr = s->reg[CSD_CONFIGR],
		.reg_traceidr = s->id,
		.arch_ver = architecture(s),
		.core_prof = profile(s) };

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV4I, flags, &c, id);
}

/* ETE is what the ETMv4 decoder makes of it, told the version of ETE: the library's C interface has
 * no packet callback for the ETE decoder itself. */
static ocsd_err_t
open_ete(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	uint32_t devarch = s->reg[CSD_DEVARCH];
	struct csd_source etm = *s;

	etm.arch = CSD_AA64;
	etm.reg[CSD_IDR1] =
	    (s->reg[CSD_IDR1] & ~0xff0u) | (devarch >> 12 & 15) << 8 | (devarch >> 16 & 15) << 4;
	return open_etm4(tree, flags, &etm, id);
}

static ocsd_err_t
open_etm3(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_etmv3_cfg c = { .reg_idr = s->reg[CSD_IDR0],
		.reg_ctrl = s->reg[CSD_CONFIGR],
		.reg_ccer = s->reg[CSD_IDR1],
		.reg_trc_id = s->id,
		.arch_ver = ARCH_V7,
		.core_prof = profile(s) };

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV3, flags, &c, id);
}

static ocsd_err_t
open_ptm(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_ptm_cfg c = { .reg_idr = s->reg[CSD_IDR0],
		.reg_ctrl = s->reg[CSD_CONFIGR],
		.reg_ccer = s->reg[CSD_IDR1],
		.reg_trc_id = s->id,
		.arch_ver = ARCH_V7,
		.core_prof = profile(s) };

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_PTM, flags, &c, id);
}

static ocsd_err_t
open_stm(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_stm_cfg c = { .reg_tcsr = (uint32_t)s->id << 16,
		.hw_event = HwEvent_Unknown_Disabled };

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_STM, flags, &c, id);
}

static ocsd_err_t
attach(dcd_tree_handle_t tree, const struct csd_sink *sink, unsigned char id)
{
	FnDefPktDataMon monitor = sink->monitor;
	ocsd_err_t err; /* the function's type is lost in the library's prototype */

	err = ocsd_dt_attach_packet_callback(
	    tree, id, OCSD_C_API_CB_PKT_MON, *(void **)&monitor, sink->arg);
	if (sink->element == NULL || err != OCSD_OK)
		return err;
	err = ocsd_dt_set_gen_elem_outfn(tree, sink->element, sink->arg);
	if (err == OCSD_OK)
		err = ocsd_dt_add_callback_mem_acc(
		    tree, 0, UINT64_MAX, OCSD_MEM_SPACE_ANY, sink->memory, sink->arg);
	return err;
}

/* C_API_INVALID_TREE_HANDLE where it cannot be made. */
static dcd_tree_handle_t
open_tree(const struct csd_source *s, const struct csd_sink *sink)
{
	dcd_tree_handle_t tree = ocsd_create_dcd_tree(OCSD_TRC_SRC_SINGLE, 0);
	const int flags =
	    sink->element != NULL ? OCSD_CREATE_FLG_FULL_DECODER : OCSD_CREATE_FLG_PACKET_PROC;
	unsigned char id = 0;
	ocsd_err_t err = OCSD_ERR_NO_PROTOCOL;

	if (tree == C_API_INVALID_TREE_HANDLE)
		return tree;
	if (s->protocol == CSD_ETMV4)
		err = open_etm4(tree, flags, s, &id);
	else if (s->protocol == CSD_ETE)
		err = open_ete(tree, flags, s, &id);
	else if (s->protocol == CSD_ETMV3)
		err = open_etm3(tree, flags, s, &id);
	else if (s->protocol == CSD_PTM)
		err = open_ptm(tree, flags, s, &id);
	else if (s->protocol == CSD_STM)
		err = open_stm(tree, flags, s, &id);
	if (err == OCSD_OK)
		err = attach(tree, sink, id);
	if (err == OCSD_OK)
		return tree;
	ocsd_destroy_dcd_tree(tree);
	return C_API_INVALID_TREE_HANDLE;
}

bool
csd_decoder_open(
    struct csd_decoder *d, const struct csd_source *source, const struct csd_sink *sink)
{
	if (source->protocol == CSD_ITM)
		d->itm = csd_itm_new(source, sink);
	else
		d->tree = open_tree(source, sink);
	return d->itm != NULL || d->tree != C_API_INVALID_TREE_HANDLE;
}

void
csd_decoder_close(struct csd_decoder *d)
{
	if (d->itm == NULL)
		ocsd_destroy_dcd_tree(d->tree);
	free(d->itm);
}

const char *
csd_version(void)
{
	return ocsd_get_version_str();
}
