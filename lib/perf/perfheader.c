/* SPDX-License-Identifier: MIT */

#include "perfrec_int.h"

/* Facts: tools/perf/util/header.c of Linux 6.18 */

struct facts {
	void (*emit)(void *arg, const char *key, struct str value);
	void *arg;
	uint32_t ncpu;
	struct strbuf text; /* of a value: name=value pairs */
};

static void
add_str(struct facts *f, const char *name, struct str value)
{
	if (f->text.n > 0)
		strbuf_putc(&f->text, ' ');
	strbuf_add(&f->text, str_of(name));
	strbuf_putc(&f->text, '=');
	strbuf_add(&f->text, value);
}

static void
add(struct facts *f, const char *name, uint64_t v)
{
	char d[TEXT_NUMBER];

	add_str(f, name, (struct str){ d, text_put_u64(d, v) });
}

static void
add_hex(struct facts *f, const char *name, uint64_t v)
{
	char d[2 + TEXT_NUMBER] = "0x";

	add_str(f, name, (struct str){ d, 2 + text_put_hex(d + 2, v) });
}

/* Emit the pairs, unless the section was too short for them. */
static void
emit(struct facts *f, const char *key, const struct bytes *b)
{
	if (!bytes_bad(b) && f->text.n > 0)
		f->emit(f->arg, key, strbuf_str(&f->text));
	strbuf_clear(&f->text);
}

static void
emit_cpus(struct facts *f, struct bytes b)
{
	add(f, "available", bytes_u32(&b));
	add(f, "online", bytes_u32(&b));
	emit(f, "cpus", &b);
}

static void
skip_list(struct bytes *b)
{
	uint32_t n = bytes_u32(b);

	for (; n > 0 && !bytes_bad(b); n--)
		perf_meta_string(b);
}

/* Where each CPU is. The dies came with perf 5.3. */
static void
emit_topology(struct facts *f, struct bytes b)
{
	struct bytes dies;
	uint32_t i, n;

	skip_list(&b); /* packages */
	skip_list(&b); /* cores */
	dies = b;
	bytes_take(&dies, (size_t)8 * f->ncpu);
	n = bytes_u32(&dies);
	for (i = 0; i < n && !bytes_bad(&dies); i++) {
		strbuf_add(&f->text, perf_meta_string(&dies));
		emit(f, "die_cpus", &dies);
	}
	for (i = 0; i < f->ncpu && !bytes_bad(&b); i++) {
		add(f, "cpu", i);
		add(f, "core", bytes_u32(&b));
		add(f, "package", bytes_u32(&b));
		n = bytes_u32(&dies);
		if (!bytes_bad(&dies))
			add(f, "die", n);
		emit(f, "cpu", &b);
	}
}

static void
emit_numa(struct facts *f, struct bytes b)
{
	uint32_t n = bytes_u32(&b);

	for (; n > 0 && !bytes_bad(&b); n--) {
		add(f, "node", bytes_u32(&b));
		add(f, "total_kb", bytes_u64(&b));
		add(f, "free_kb", bytes_u64(&b));
		add_str(f, "cpus", perf_meta_string(&b));
		emit(f, "numa_node", &b);
	}
}

static void
emit_pmus(struct facts *f, struct bytes b)
{
	uint32_t n = bytes_u32(&b);

	for (; n > 0 && !bytes_bad(&b); n--) {
		add(f, "type", bytes_u32(&b));
		add_str(f, "name", perf_meta_string(&b));
		emit(f, "pmu", &b);
	}
}

static void
emit_groups(struct facts *f, struct bytes b)
{
	uint32_t n = bytes_u32(&b);
	struct str name;

	for (; n > 0 && !bytes_bad(&b); n--) {
		name = perf_meta_string(&b);
		add(f, "leader", bytes_u32(&b));
		add(f, "members", bytes_u32(&b));
		add_str(f, "name", name);
		emit(f, "group", &b);
	}
}

static void
emit_caches(struct facts *f, struct bytes b)
{
	uint32_t version = bytes_u32(&b), n = bytes_u32(&b);

	for (; version == 1 && n > 0 && !bytes_bad(&b); n--) {
		add(f, "level", bytes_u32(&b));
		add(f, "line", bytes_u32(&b));
		add(f, "sets", bytes_u32(&b));
		add(f, "ways", bytes_u32(&b));
		add_str(f, "type", perf_meta_string(&b));
		add_str(f, "size", perf_meta_string(&b));
		add_str(f, "cpus", perf_meta_string(&b));
		emit(f, "cache", &b);
	}
}

/* Memory is a bitmap of blocks. */
static void
emit_memory(struct facts *f, struct bytes b)
{
	uint64_t version = bytes_u64(&b), block = bytes_u64(&b), n = bytes_u64(&b), words, blocks;

	for (; version == 1 && n > 0 && !bytes_bad(&b); n--) {
		add(f, "node", bytes_u64(&b));
		bytes_u64(&b); /* the number of bits */
		for (words = (bytes_u64(&b) + 63) / 64, blocks = 0; words > 0 && !bytes_bad(&b);
		     words--)
			blocks += (uint64_t)__builtin_popcountll(bytes_u64(&b));
		add(f, "blocks", blocks);
		add(f, "block", block);
		emit(f, "memory_node", &b);
	}
}

static void
emit_caps(struct facts *f, struct bytes *b, struct str pmu)
{
	uint32_t n = bytes_u32(b);
	struct str name;

	for (; n > 0 && !bytes_bad(b); n--) {
		name = perf_meta_string(b);
		if (f->text.n > 0)
			strbuf_putc(&f->text, ' ');
		strbuf_add(&f->text, name);
		strbuf_putc(&f->text, '=');
		strbuf_add(&f->text, perf_meta_string(b));
	}
	if (pmu.n == 0)
		pmu = perf_meta_string(b);
	add_str(f, "pmu", pmu);
	emit(f, "pmu_caps", b);
}

static void
emit_all_caps(struct facts *f, struct bytes b)
{
	uint32_t n = bytes_u32(&b);

	for (; n > 0 && !bytes_bad(&b); n--)
		emit_caps(f, &b, STR(""));
}

static void
emit_hybrid(struct facts *f, struct bytes b)
{
	uint32_t n = bytes_u32(&b);

	for (; n > 0 && !bytes_bad(&b); n--) {
		add_str(f, "pmu", perf_meta_string(&b));
		add_str(f, "cpus", perf_meta_string(&b));
		emit(f, "hybrid", &b);
	}
}

static void
emit_compressed(struct facts *f, struct bytes b)
{
	bytes_u32(&b); /* version */
	add(f, "type", bytes_u32(&b));
	add(f, "level", bytes_u32(&b));
	add(f, "ratio", bytes_u32(&b));
	emit(f, "compressed", &b);
}

/* Emit a number, which is unknown if it is 0. */
static void
emit_number(struct facts *f, const char *key, struct bytes *b)
{
	char d[TEXT_NUMBER];

	uint64_t v = bytes_u64(b);

	if (v == 0)
		return;
	strbuf_add_bytes(&f->text, d, text_put_u64(d, v));
	emit(f, key, b);
}

static void
emit_sample_time(struct facts *f, struct bytes b)
{
	emit_number(f, "first_sample", &b);
	emit_number(f, "last_sample", &b);
}

static void
emit_cpu_caps(struct facts *f, struct bytes b)
{
	emit_caps(f, &b, STR("cpu"));
}

void
perf_header_feature(int feature, struct bytes b, uint32_t ncpu,
    void (*put)(void *arg, const char *key, struct str value), void *arg)
{
	static const struct {
		int feature;
		void (*emit)(struct facts *, struct bytes);
	} features[] = {
		{ PERF_F_NRCPUS, emit_cpus },
		{ PERF_F_CPU_TOPOLOGY, emit_topology },
		{ PERF_F_NUMA_TOPOLOGY, emit_numa },
		{ PERF_F_PMU_MAPPINGS, emit_pmus },
		{ PERF_F_GROUP_DESC, emit_groups },
		{ PERF_F_CACHE, emit_caches },
		{ PERF_F_SAMPLE_TIME, emit_sample_time },
		{ PERF_F_MEM_TOPOLOGY, emit_memory },
		{ PERF_F_COMPRESSED, emit_compressed },
		{ PERF_F_CPU_PMU_CAPS, emit_cpu_caps },
		{ PERF_F_HYBRID_TOPOLOGY, emit_hybrid },
		{ PERF_F_PMU_CAPS, emit_all_caps },
	};
	struct facts f = { .emit = put, .arg = arg, .ncpu = ncpu };
	size_t i;

	for (i = 0; i < sizeof features / sizeof *features; i++)
		if (features[i].feature == feature)
			features[i].emit(&f, b);
	strbuf_free(&f.text);
}

/* --- events. Facts: include/uapi/linux/perf_event.h of Linux 6.18 */

enum { PRECISE_SHIFT = 15, PRECISE_MASK = 3 };

static const char *const sample_types[] = { "IP", "TID", "TIME", "ADDR", "READ", "CALLCHAIN", "ID",
	"CPU", "PERIOD", "STREAM_ID", "RAW", "BRANCH_STACK", "REGS_USER", "STACK_USER", "WEIGHT",
	"DATA_SRC", "IDENTIFIER", "TRANSACTION", "REGS_INTR", "PHYS_ADDR", "AUX", "CGROUP",
	"DATA_PAGE_SIZE", "CODE_PAGE_SIZE", "WEIGHT_STRUCT" };

static const char *const read_formats[] = { "TOTAL_TIME_ENABLED", "TOTAL_TIME_RUNNING", "ID",
	"GROUP", "LOST" };

static const char *const flags[] = { "disabled", "inherit", "pinned", "exclusive", "exclude_user",
	"exclude_kernel", "exclude_hv", "exclude_idle", "mmap", "comm", "freq", "inherit_stat",
	"enable_on_exec", "task", "watermark", NULL, NULL, "mmap_data", "sample_id_all",
	"exclude_host", "exclude_guest", "exclude_callchain_kernel", "exclude_callchain_user",
	"mmap2", "comm_exec", "use_clockid", "context_switch", "write_backward", "namespaces",
	"ksymbol", "bpf_event", "aux_output", "cgroup", "text_poke", "build_id", "inherit_thread",
	"remove_on_exec", "sigtrap", "defer_callchain", "defer_output" };

/* Add the names of bits, with | between them; bits without a name as a hex number. */
static void
add_bits(struct facts *f, const char *name, uint64_t v, const char *const *names, size_t n)
{
	char d[2 + TEXT_NUMBER] = "0x";
	const char *between = "";
	size_t i;

	if (v == 0)
		return;
	add_str(f, name, STR(""));
	for (i = 0; i < n; i++) {
		if ((v >> i & 1) == 0 || names[i] == NULL)
			continue;
		strbuf_add(&f->text, str_of(between));
		strbuf_add(&f->text, str_of(names[i]));
		v &= ~((uint64_t)1 << i);
		between = "|";
	}
	if (v == 0)
		return;
	strbuf_add(&f->text, str_of(between));
	strbuf_add_bytes(&f->text, d, 2 + text_put_hex(d + 2, v));
}

#define BITS(names) (names), sizeof(names) / sizeof *(names)

void
perf_header_event(const struct perf_attr *a, struct str name,
    void (*put)(void *arg, const char *key, struct str value), void *arg)
{
	const uint64_t precise = (uint64_t)PRECISE_MASK << PRECISE_SHIFT;
	struct facts f = { .emit = put, .arg = arg };
	struct bytes whole = bytes_of(NULL, 0, false);

	add(&f, "type", a->type);
	add_hex(&f, "config", a->config);
	add(&f, "size", a->size);
	add(&f, a->freq ? "freq" : "period", a->period);
	add_bits(&f, "sample_type", a->sample_type, BITS(sample_types));
	add_bits(&f, "read_format", a->read_format, BITS(read_formats));
	add_bits(&f, "flags", a->flags & ~precise, BITS(flags));
	if (a->flags & precise)
		add(&f, "precise_ip", a->flags >> PRECISE_SHIFT & PRECISE_MASK);
	if (a->branch_type != 0)
		add_hex(&f, "branch_type", a->branch_type);
	if (a->regs_user != 0)
		add_hex(&f, "regs_user", a->regs_user);
	if (a->stack_user != 0)
		add(&f, "stack_user", a->stack_user);
	if (a->regs_intr != 0)
		add_hex(&f, "regs_intr", a->regs_intr);
	add_str(&f, "name", name);
	emit(&f, "event", &whole);
	strbuf_free(&f.text);
}
