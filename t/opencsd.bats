#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The decoder compiles against the headers of old and new versions of OpenCSD, and names what they number differently.

load lib

# headers MINOR: the installed headers in $include, changed into those of OpenCSD 1.MINOR.5 as far as the decoder depends on it.
# Version 4 took the number of a packet type for FEAT_ITE and gave that an element; 5.5 has one more reason to lose synchronisation.
headers() {
	local minor=$1 installed
	installed=$(dirname "$(echo '#include <opencsd/ocsd_if_version.h>' | cc -E - | sed -n 's/^# 1 "\(.*\/ocsd_if_version.h\)".*/\1/p' | head -n 1)")
	include=$BATS_TEST_TMPDIR/include
	mkdir "$include"
	cp -r "$installed" "$include/opencsd"
	sed -Ei "s/(define OCSD_VER_MINOR) .*/\1 0x$minor/; s/(define OCSD_VER_PATCH) .*/\1 0x5/" "$include/opencsd/ocsd_if_version.h"
	sed -Ei '/_sw_ite_t/,/;$/d; /sw_ite;/d' "$include/opencsd/trc_gen_elem_types.h"
	sed -Ei '/^ *(UNSYNC_BAD_IMAGE|OCSD_GEN_TRC_ELEM_(INSTRUMENTATION|ITMTRACE))\>/d' "$include/opencsd/trc_gen_elem_types.h"
	sed -Ei 's/ETE_PKT_I_ITE\>/ETE_PKT_I_COMMIT_WIN_MV/' "$include/opencsd/etmv4/trc_pkt_types_etmv4.h"
	[ "$minor" -ge 4 ] || return 0
	sed -Ei 's/ETE_PKT_I_COMMIT_WIN_MV\>/ETE_PKT_I_ITE/' "$include/opencsd/etmv4/trc_pkt_types_etmv4.h"
	sed -Ei 's/^ *OCSD_GEN_TRC_ELEM_CUSTOM\>/OCSD_GEN_TRC_ELEM_INSTRUMENTATION,\n&/' "$include/opencsd/trc_gen_elem_types.h"
	sed -Ei 's/^ *unsync_info_t unsync_eot_info;/struct { uint8_t el; uint64_t value; } sw_ite;\n&/' "$include/opencsd/trc_gen_elem_types.h"
	[ "$minor" -ge 5 ] || return 0
	sed -Ei 's/^ *UNSYNC_EOT\>/UNSYNC_BAD_IMAGE,\n&/' "$include/opencsd/trc_gen_elem_types.h"
	[ "$minor" -ge 8 ] || return 0
	sed -Ei 's/^ *OCSD_GEN_TRC_ELEM_CUSTOM\>/OCSD_GEN_TRC_ELEM_ITMTRACE,\n&/' "$include/opencsd/trc_gen_elem_types.h"
}

# names MINOR: what the decoder, compiled against these headers, prints of values that move between versions.
names() {
	headers "$1"
	cat >"$BATS_TEST_TMPDIR/names.c" <<-'EOT'
		#include <opencsd/c_api/opencsd_c_api.h>
		#include <stdio.h>
		#include "coresight/csd_int.h"

		int
		main(void)
		{
			ocsd_generic_trace_elem e = { .elem_type = OCSD_GEN_TRC_ELEM_EO_TRACE };
			ocsd_etmv4_i_pkt info = { .type = ETM4_PKT_I_TRACE_INFO }, p = { .type = 0x09 };
			const uint8_t raw[10] = { 9, 2, 0x34, 0x12 };
			const struct csd_source source = { .protocol = CSD_ETE };
			struct csd_packet k = { .source = &source, .what = &info };
			struct csd_element x = { .source = &source, .what = &e };
			char d[CSD_TEXT];

			e.unsync_eot_info = UNSYNC_EOT;
			csd_element_fill(&x, &e);
			puts((d[csd_element_text(&x, d)] = '\0', d));
			e.unsync_eot_info = UNSYNC_BAD_PACKET + 1;
			puts((d[csd_element_text(&x, d)] = '\0', d));
			e = (ocsd_generic_trace_elem){ .elem_type = OCSD_GEN_TRC_ELEM_ADDR_NACC, .st_addr = 0x1000 };
			e.exception_number = 0x28;
			csd_element_fill(&x, &e);
			puts((d[csd_element_text(&x, d)] = '\0', d));
		#if OCSD_VER_NUM >= 0x010400
			e.elem_type = OCSD_GEN_TRC_ELEM_INSTRUMENTATION;
			e.sw_ite.el = 2;
			e.sw_ite.value = 0x1234;
			csd_element_fill(&x, &e);
			puts((d[csd_element_text(&x, d)] = '\0', d));
		#endif
			info.trace_info.val = OCSD_VER_MINOR < 4 ? 1 : 0x10001;
			puts((d[csd_text(&k, d)] = '\0', d));
			k.what = &p;
			k.raw = raw;
			k.nraw = sizeof raw;
			puts((d[csd_text(&k, d)] = '\0', d));
			return 0;
		}
	EOT
	cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I "$include" -iquote ../lib -iquote "$BUILD" -o "$BATS_TEST_TMPDIR/names" \
		"$BATS_TEST_TMPDIR/names.c" ../lib/coresight/{csd*,itm,frames}.c ../lib/base/{text,unicode,mem}.c -lopencsd_c_api -lopencsd
	"$BATS_TEST_TMPDIR/names"
}

@test "the decoder compiles against OpenCSD 1.3, and names its types and reasons" {
	names 3 >"$BATS_TEST_TMPDIR/got"
	diff - "$BATS_TEST_TMPDIR/got" <<-'EOT'
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_ADDR_NACC( 0x1000 )
		I_TRACE_INFO : Trace Info.; INFO=0x1 { CC.1 }; CC_THRESHOLD=0x0
		I_COMMIT_WIN_MV : Commit window move.
	EOT
}

@test "the decoder compiles against OpenCSD 1.4, and names its types and reasons" {
	names 4 >"$BATS_TEST_TMPDIR/got"
	diff - "$BATS_TEST_TMPDIR/got" <<-'EOT'
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_ADDR_NACC( 0x1000; Memspace [0x28:EL3,EL1R,] )
		OCSD_GEN_TRC_ELEM_INSTRUMENTATION(EL2; 0x0000000000001234)
		I_TRACE_INFO : Trace Info.; INFO=0x1 { CC.1 }; CC_THRESHOLD=0x0
		I_ITE : Instrumentation; EL2; Payload=0x1234
	EOT
}

@test "the decoder compiles against OpenCSD 1.5, and names its types and reasons" {
	names 5 >"$BATS_TEST_TMPDIR/got"
	diff - "$BATS_TEST_TMPDIR/got" <<-'EOT'
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_EO_TRACE( [bad-program-image])
		OCSD_GEN_TRC_ELEM_ADDR_NACC( 0x1000; Memspace [0x28:EL3,EL1R,] )
		OCSD_GEN_TRC_ELEM_INSTRUMENTATION(EL2; 0x0000000000001234)
		I_TRACE_INFO : Trace Info.; INFO=0x1 { CC.1 }; CC_THRESHOLD=0x0
		I_ITE : Instrumentation; EL2; Payload=0x1234
	EOT
}

@test "the decoder compiles against OpenCSD 1.8, and names its types and reasons" {
	names 8 >"$BATS_TEST_TMPDIR/got"
	diff - "$BATS_TEST_TMPDIR/got" <<-'EOT'
		OCSD_GEN_TRC_ELEM_EO_TRACE( [end-of-trace])
		OCSD_GEN_TRC_ELEM_EO_TRACE( [bad-program-image])
		OCSD_GEN_TRC_ELEM_ADDR_NACC( 0x1000; Memspace [0x28:EL3,EL1R,] )
		OCSD_GEN_TRC_ELEM_INSTRUMENTATION(EL2; 0x0000000000001234)
		I_TRACE_INFO : Trace Info.; INFO=0x1 { CC.1 }; CC_THRESHOLD=0x0
		I_ITE : Instrumentation; EL2; Payload=0x1234
	EOT
}
