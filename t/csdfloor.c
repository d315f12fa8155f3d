/* SPDX-License-Identifier: MIT */
/* csdfloor FILE - count the packets of ETMv4 trace in CoreSight frames through OpenCSD's C
 * interface: no program that uses the library can take less time */

#include <stdio.h>
#include <stdlib.h>

#include <opencsd/c_api/opencsd_c_api.h>

enum { BLOCK = 256 * 1024 };

static void
count(const void *n, const ocsd_datapath_op_t op, const ocsd_trc_index_t index, const void *packet,
    const uint32_t size, const uint8_t *raw)
{
	(void)index;
	(void)packet;
	(void)size;
	(void)raw;
	if (op == OCSD_OP_DATA)
		++*(unsigned long *)(uintptr_t)n;
}

static dcd_tree_handle_t
tree(unsigned long *n)
{
	dcd_tree_handle_t t = ocsd_create_dcd_tree(OCSD_TRC_SRC_FRAME_FORMATTED,
	    OCSD_DFRMTR_FRAME_MEM_ALIGN | OCSD_DFRMTR_RESET_ON_4X_FSYNC);
	ocsd_etmv4_cfg c = { .reg_idr0 = 0x28000ea1,
		.reg_idr1 = 0x4100f403,
		.reg_idr2 = 0x488,
		.reg_configr = 0xc1,
		.arch_ver = ARCH_V8,
		.core_prof = profile_CortexA };
	FnDefPktDataMon monitor = count;
	unsigned char id;

	for (c.reg_traceidr = 0x10; c.reg_traceidr < 0x20; c.reg_traceidr++) {
		ocsd_dt_create_decoder(
		    t, OCSD_BUILTIN_DCD_ETMV4I, OCSD_CREATE_FLG_PACKET_PROC, &c, &id);
		ocsd_dt_attach_packet_callback(t, id, OCSD_C_API_CB_PKT_MON, *(void **)&monitor, n);
	}
	return t;
}

int
main(int argc, char *argv[])
{
	unsigned long n = 0;
	dcd_tree_handle_t t;
	FILE *fp = argc == 2 ? fopen(argv[1], "rb") : NULL;
	uint8_t *buf = malloc(BLOCK);
	uint32_t used, index = 0;
	size_t got;

	if (fp == NULL || buf == NULL)
		return 1;
	ocsd_def_errlog_init(OCSD_ERR_SEV_NONE, 0);
	t = tree(&n);
	while ((got = fread(buf, 1, BLOCK, fp)) > 0) {
		ocsd_dt_process_data(t, OCSD_OP_DATA, index, (uint32_t)got, buf, &used);
		index += (uint32_t)got;
	}
	ocsd_destroy_dcd_tree(t);
	printf("%lu\n", n);
	free(buf);
	fclose(fp);
	return 0;
}
