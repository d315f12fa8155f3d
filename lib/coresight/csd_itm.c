/* SPDX-License-Identifier: MIT */
/* ITM: what software wrote to stimulus ports, what the DWT saw, and timestamps. */

#include "csd_pkt.h"

/* name: in OpenCSD's lines, behind ITM_; type: in records. */
static const struct itm_name {
	const char *name, *type, *rest;
} names[] = {
	[ITM_NOTSYNC] = { "NOTSYNC", "NOTSYNC", "ITM data stream not synchronised" },
	[ITM_INCOMPLETE] = { "INCOMPLETE_EOT", "INCOMPLETE_EOT",
	    "Incomplete packet flushed at end of trace" },
	[ITM_ASYNC] = { "ASYNC", "ASYNC", "Alignment synchronisation packet" },
	[ITM_OVERFLOW] = { "OVERFLOW", "OVERFLOW", "ITM overflow packet" },
	[ITM_SWIT] = { "SWIT", "SWIT", "Software Stimulus write packet" },
	[ITM_DWT] = { "DWT", "DWT", "DWT hardware stimulus write" },
	[ITM_LTS1] = { "TS_LOCAL", "LTS1", "Local Timestamp" },
	[ITM_LTS2] = { "TS_LOCAL", "LTS2", "Local Timestamp" },
	[ITM_GTS1] = { "GTS_1", "GTS1", "Global Timestamp [25:0]" },
	[ITM_GTS2] = { "GTS_2", "GTS2", "Global Timestamp [{63|42}:26]" },
	[ITM_EXTENSION] = { "EXTENSION", "EXTENSION", "Extension packet" },
	[ITM_BAD_SEQUENCE] = { "BAD_SEQUENCE", "BAD_SEQUENCE", "Invalid sequence in packet" },
	[ITM_RESERVED] = { "RESERVED", "RESERVED", "Reserved Packet Header" },
};

/* What a DWT packet tells: its discriminator up to 3, from 8 on by what is traced. */
enum dwt {
	DWT_EVENTS,
	DWT_EXCEPTION,
	DWT_PC_SAMPLE,
	DWT_PMU,
	DWT_PC,
	DWT_MATCH,
	DWT_ADDRESS,
	DWT_VALUE,
	DWT_RESERVED
};

enum { EXCEPTION = 0x1ff, PROHIBITED = 0xff };

static enum dwt
dwt_of(const struct itm_packet *k)
{
	if (k->source <= DWT_PMU)
		return (enum dwt)k->source;
	if (k->source < 8 || k->source > 23)
		return DWT_RESERVED;
	if (k->source >= 16)
		return DWT_VALUE;
	return k->source & 1 ? DWT_ADDRESS : k->size == 1 ? DWT_MATCH : DWT_PC;
}

/* The comparator of a data trace packet. */
static uint64_t
comparator(const struct itm_packet *k)
{
	return k->source >> 1 & 3;
}

bool
csd_itm_is_page(const struct itm_packet *k)
{
	return k->type == ITM_EXTENSION && k->size == 0 && k->source != ITM_HARDWARE;
}

enum csd_class
csd_itm_class(const struct itm_packet *k)
{
	return k->type == ITM_ASYNC          ? CSD_SYNC
	       : k->type == ITM_NOTSYNC      ? CSD_UNSYNCED
	       : k->type == ITM_OVERFLOW     ? CSD_OVERFLOW
	       : k->type >= ITM_BAD_SEQUENCE ? CSD_BAD
					     : CSD_PACKET;
}

/* --- lines */

/* The value, two digits a byte. */
static char *
put_value(char *d, const struct itm_packet *k)
{
	int bytes = k->size == 0 ? 1 : k->size > 5 ? 5 : k->size;

	return csd_put_hex(d, k->value, 2 * bytes);
}

static char *
put_events(char *d, uint64_t v)
{
	static const struct str events[] = { STR_OF(" CPI "), STR_OF(" EXC "), STR_OF(" Sleep "),
		STR_OF(" LSU "), STR_OF(" Fold "), STR_OF(" CYC ") };
	size_t i;

	d = CSD_PUT(csd_put_hex(CSD_PUT(d, "[Event Counter: "), v, 2), "; Flags: ");
	for (i = 0; i < sizeof events / sizeof *events; i++)
		d = csd_put(d, v >> i & 1 ? events[i] : STR(" --- "));
	return CSD_PUT(d, "] ");
}

static char *
put_exception(char *d, uint64_t v)
{
	static const struct str functions[] = { STR_OF("reserved"), STR_OF("entered"),
		STR_OF("exited"), STR_OF("returned to") };

	d = csd_put_hex(CSD_PUT(d, "[Exception Num:  "), v & EXCEPTION, 4);
	return CSD_PUT(csd_put(CSD_PUT(d, "("), functions[v >> 12 & 3]), ") ]");
}

static char *
put_data(char *d, const struct itm_packet *k)
{
	enum dwt what = dwt_of(k);

	d = csd_put_decimal(CSD_PUT(d, "[Data Trc: comp="), comparator(k));
	if (what == DWT_VALUE)
		d = k->source & 1 ? CSD_PUT(d, "; Val write: ") : CSD_PUT(d, "; Val read: ");
	else
		d = what == DWT_ADDRESS ? CSD_PUT(d, "; Address=") : CSD_PUT(d, "; PC Value=");
	d = put_value(d, k);
	return what == DWT_VALUE ? CSD_PUT(d, "] ") : CSD_PUT(d, " ] ");
}

static char *
put_dwt(char *d, const struct itm_packet *k)
{
	d = CSD_PUT(csd_put_hex(CSD_PUT(d, "{desc: "), k->source, 2), "} ");
	switch (dwt_of(k)) {
	case DWT_EVENTS:
		return put_events(d, k->value);
	case DWT_EXCEPTION:
		return put_exception(d, k->value);
	case DWT_PC_SAMPLE:
		return CSD_PUT(put_value(CSD_PUT(d, "[PC Sample: "), k), "] ");
	case DWT_PMU:
	case DWT_RESERVED:
		return CSD_PUT(d, "[Reserved discriminator value] ");
	default:
		return put_data(d, k);
	}
}

static char *
put_local(char *d, const struct itm_packet *k)
{
	static const struct str tc[] = { STR_OF(" { TS Sync }"), STR_OF(" { TS Delayed }"),
		STR_OF(" { TS Sync, Packet Delayed }"), STR_OF(" { TS Delayed, Packet Delayed }") };

	return csd_put(put_value(d, k), tc[k->source & 3]);
}

static char *
put_global(char *d, const struct itm_packet *k)
{
	static const struct str bits[] = { STR_OF("6"), STR_OF("13"), STR_OF("20"), STR_OF("25") };

	if (k->type == ITM_GTS2) {
		d = k->size > 4 ? CSD_PUT(d, "{ TS bits [63:26]} ")
				: CSD_PUT(d, "{ TS bits [47:26]} ");
		return put_value(d, k);
	}
	d = CSD_PUT(csd_put(CSD_PUT(d, "{ TS bits ["), bits[(k->size - 1) & 3]), ":0]");
	d = k->source & ITM_CLOCK_CHANGE ? CSD_PUT(d, ", Clk change") : d;
	d = k->source & ITM_WRAP ? CSD_PUT(d, ", Clk wrap") : d;
	return put_value(CSD_PUT(d, "} "), k);
}

static char *
put_extension(char *d, const struct itm_packet *k)
{
	int bits = k->size == 4 ? 32 : 3 + 7 * k->size;

	if (csd_itm_is_page(k))
		return csd_put_hex(CSD_PUT(d, "{stim port page} "), k->value, 2);
	d = csd_put_decimal(CSD_PUT(d, "{unknown extension type, "), (uint64_t)bits);
	return csd_put_hex(CSD_PUT(d, " bits } "), k->value, bits / 4 + 1);
}

static char *
put_body(char *d, const struct itm_packet *k)
{
	switch (k->type) {
	case ITM_SWIT:
		d = CSD_PUT(csd_put_hex(CSD_PUT(d, "{src id: "), k->source, 2), "}  ");
		return put_value(d, k);
	case ITM_DWT:
		return put_dwt(d, k);
	case ITM_LTS1:
	case ITM_LTS2:
		return put_local(d, k);
	case ITM_GTS1:
	case ITM_GTS2:
		return put_global(d, k);
	case ITM_EXTENSION:
		return put_extension(d, k);
	case ITM_INCOMPLETE:
	case ITM_BAD_SEQUENCE:
		d = csd_put(CSD_PUT(d, "[Init type: ITM_"), str_of(names[k->was].name));
		return CSD_PUT(d, "] ");
	default:
		return d;
	}
}

char *
csd_itm_text(const struct itm_packet *k, char *d)
{
	d = CSD_PUT(csd_put(CSD_PUT(d, "ITM_"), str_of(names[k->type].name)), ": ");
	d = csd_put(CSD_PUT(put_body(d, k), "; '"), str_of(names[k->type].rest));
	return CSD_PUT(d, "'");
}

/* --- records */

static void
info_value(struct csd_fields *f, const struct itm_packet *k)
{
	csd_info(f, STR("size"), k->size);
	csd_info_hex(f, STR("value"), k->value);
}

/* Names with commas between them. */
static void
info_events(struct csd_fields *f, uint64_t v)
{
	static const struct str events[] = { STR_OF("CPI"), STR_OF("Exc"), STR_OF("Sleep"),
		STR_OF("LSU"), STR_OF("Fold"), STR_OF("Cyc") };
	char text[32], *d = text;
	size_t i;

	for (i = 0; i < sizeof events / sizeof *events; i++) {
		if (!(v >> i & 1))
			continue;
		if (d > text)
			*d++ = ',';
		d = csd_put(d, events[i]);
	}
	if (d > text)
		csd_info_word(f, STR("events"), (struct str){ text, (size_t)(d - text) });
}

/* As Armv7-M and Armv8-M number them; from 16 on they are the interrupts. */
static void
info_exception(struct csd_fields *f, uint64_t v)
{
	static const struct str exceptions[16] = { [0] = STR_OF("Thread"),
		[1] = STR_OF("Reset"),
		[2] = STR_OF("NMI"),
		[3] = STR_OF("HardFault"),
		[4] = STR_OF("MemManage"),
		[5] = STR_OF("BusFault"),
		[6] = STR_OF("UsageFault"),
		[7] = STR_OF("SecureFault"),
		[11] = STR_OF("SVCall"),
		[12] = STR_OF("DebugMonitor"),
		[14] = STR_OF("PendSV"),
		[15] = STR_OF("SysTick") };
	static const struct str functions[] = { STR_OF("reserved"), STR_OF("entered"),
		STR_OF("exited"), STR_OF("returned") };
	uint64_t number = v & EXCEPTION;
	char text[4 + TEXT_NUMBER], *d = CSD_PUT(text, "IRQ");

	csd_info_hex(f, STR("exception"), number);
	if (number < 16 && exceptions[number].n > 0)
		csd_info_word(f, STR("name"), exceptions[number]);
	if (number >= 16) {
		d = csd_put_decimal(d, number - 16);
		csd_info_word(f, STR("name"), (struct str){ text, (size_t)(d - text) });
	}
	csd_info_word(f, STR("function"), functions[v >> 12 & 3]);
}

static void
info_sample(struct csd_fields *f, const struct itm_packet *k)
{
	f->has_addr = k->size > 1;
	f->addr = k->value;
	if (f->has_addr)
		return;
	if (k->value == 0 || k->value == PROHIBITED)
		csd_info(f, k->value == 0 ? STR("sleep") : STR("prohibited"), 1);
	else
		csd_info_hex(f, STR("value"), k->value);
}

static void
info_data(struct csd_fields *f, const struct itm_packet *k, enum dwt what)
{
	csd_info(f, STR("comparator"), comparator(k));
	if (what == DWT_PC) {
		f->has_addr = true;
		f->addr = k->value;
	} else if (what == DWT_ADDRESS) {
		csd_info_hex(f, STR("data_addr"), k->value);
	} else if (what == DWT_VALUE) {
		csd_info_word(f, STR("access"), k->source & 1 ? STR("write") : STR("read"));
		info_value(f, k);
	}
}

static void
dwt_fields(struct csd_fields *f, const struct itm_packet *k)
{
	static const struct str types[] = { [DWT_EVENTS] = STR_OF("EVENT_COUNTER"),
		[DWT_EXCEPTION] = STR_OF("EXCEPTION_TRACE"),
		[DWT_PC_SAMPLE] = STR_OF("PC_SAMPLE"),
		[DWT_PMU] = STR_OF("PMU_OVERFLOW"),
		[DWT_PC] = STR_OF("DATA_PC"),
		[DWT_MATCH] = STR_OF("DATA_MATCH"),
		[DWT_ADDRESS] = STR_OF("DATA_ADDRESS"),
		[DWT_VALUE] = STR_OF("DATA_VALUE"),
		[DWT_RESERVED] = STR_OF("DWT") };
	enum dwt what = dwt_of(k);

	f->type = types[what];
	if (what == DWT_EVENTS) {
		info_events(f, k->value);
	} else if (what == DWT_EXCEPTION) {
		info_exception(f, k->value);
	} else if (what == DWT_PC_SAMPLE) {
		info_sample(f, k);
	} else if (what == DWT_PMU) {
		csd_info_hex(f, STR("ovf"), k->value);
	} else if (what != DWT_RESERVED) {
		info_data(f, k, what);
	} else {
		csd_info_hex(f, STR("id"), k->source);
		info_value(f, k);
	}
}

static void
global_fields(struct csd_fields *f, const struct itm_packet *k)
{
	if (k->type == ITM_GTS2) {
		csd_info(f, STR("ts_high"), k->value);
		return;
	}
	csd_info(f, STR("ts"), k->value);
	csd_info(f, STR("updated"), k->size == 4 ? ITM_GTS1_BITS : 7u * k->size);
	if (k->source & ITM_CLOCK_CHANGE)
		csd_info(f, STR("clkch"), 1);
	if (k->source & ITM_WRAP)
		csd_info(f, STR("wrap"), 1);
}

void
csd_itm_fields(const struct itm_packet *k, struct csd_fields *f)
{
	f->type = str_of(names[k->type].type);
	if (k->type == ITM_SWIT) {
		csd_info(f, STR("port"), k->source);
		info_value(f, k);
	} else if (k->type == ITM_DWT) {
		dwt_fields(f, k);
	} else if (k->type == ITM_LTS1 || k->type == ITM_LTS2) {
		csd_info(f, STR("ts"), k->value);
		csd_info(f, STR("tc"), k->source);
	} else if (k->type == ITM_GTS1 || k->type == ITM_GTS2) {
		global_fields(f, k);
	} else if (csd_itm_is_page(k)) {
		csd_info(f, STR("page"), k->value);
	} else if (k->type == ITM_EXTENSION) {
		csd_info(f, STR("sh"), k->source);
		csd_info_hex(f, STR("ex"), k->value);
	} else if (k->type == ITM_BAD_SEQUENCE || k->type == ITM_INCOMPLETE) {
		csd_info_word(f, STR("was"), str_of(names[k->was].type));
	}
}
