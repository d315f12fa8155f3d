/* SPDX-License-Identifier: MIT */

#include "perfconv.h"

static void
learn_formats(struct perfrec *p, struct bytes section)
{
	if (!perf_names_formats(&p->names, section) && !bytes_bad(&section))
		fault_set(&p->perf->fault, "%s: the event formats are damaged or cut short",
		    p->perf->in->name);
}

/* Write a symbol of the kernel as its definition. */
static void
put_ksym(void *arg, const struct perf_simple_symbol *symbol)
{
	struct perfrec *p = arg;
	struct rec r = { .kind = REC_KSYM, .t = p->t, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.ksym = (struct rec_ksym){ STR("add"), symbol->addr, symbol->len,
		evinfo_text(&p->info, 0, symbol->name.p, symbol->name.n) };
	if (p->options.process != NULL)
		p->options.process(p->options.arg, &r);
	perfconv_write_other(p, &r);
}

/* Write a symbol of a file that was mapped, whose path is p->path. */
static void
put_usym(void *arg, bool module, const struct perf_simple_symbol *symbol)
{
	struct perfrec *p = arg;
	struct rec r = { .kind = REC_USYM, .t = p->t, .machine = p->options.machine };

	if (module) {
		put_ksym(p, symbol);
		return;
	}
	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.usym = (struct rec_usym){ symbol->addr, symbol->len,
		evinfo_text(&p->info, 0, symbol->name.p, symbol->name.n), strbuf_str(&p->path) };
	perfconv_write_other(p, &r);
}

void
perfown_put_symbols(struct perfrec *p, const struct rec *map)
{
	struct rec r = *map;

	strbuf_clear(&p->path);
	strbuf_add(&p->path, map->map.path);
	r.map.path = strbuf_str(&p->path);
	perf_simple_map(&p->simple, p->perf, &r, put_usym, p);
}

/* Convert a feature of the header. */
static void
read_feature(struct perfrec *p, int feature, struct bytes section)
{
	perf_meta_feature(feature, section, perfconv_put_meta, p);
	perf_counts_feature(&p->counted, feature, section);
	if (feature == PERF_F_ARCH)
		perf_user_arch(&p->user, section);
	if (feature == PERF_F_CLOCK_DATA)
		p->has_wall = perf_meta_wall(section, &p->wall);
	if (p->options.header)
		perf_header_feature(feature, section, p->counted.ncpu, perfconv_put_meta, p);
}

void
perfown_read_features(struct perfrec *p)
{
	struct bytes section;
	int i;

	for (i = 0; i < PERF_F_COUNT; i++) {
		section = perf_feature(p->perf, i);
		if (bytes_left(&section) == 0 ||
		    (p->options.header && (i == PERF_F_SIMPLE_FILE || i == PERF_F_SIMPLE_FILE2)))
			continue;
		if (i == PERF_F_TRACING_DATA)
			learn_formats(p, section);
		else if (i == PERF_F_BUILD_ID)
			perf_proc_feature(&p->proc, section);
		else if (i == PERF_F_SIMPLE_INFO)
			perf_simple_info(section, perf_events(p->perf), perfconv_put_meta, p);
		else if (i == PERF_F_SIMPLE_FILE || i == PERF_F_SIMPLE_FILE2)
			perf_simple_read(&p->simple, i, section, &p->info, put_ksym, p);
		else
			read_feature(p, i, section);
	}
}

void
perfown_put_counts(struct perfrec *p, uint64_t t)
{
	struct rec r = { .t = perfconv_time(p, t), .machine = p->options.machine };
	const struct perf_name *name;
	size_t i;

	for (i = 0; i < p->counted.n; i++) {
		name = perf_names_of(&p->names, perf_counts_fill(&p->counted, i, &r));
		r.count.event = name->name;
		perfconv_note_time(p, t);
		if (name->wanted && perfconv_selects(p, &r))
			perfconv_write(p, &r);
	}
	p->counted.n = 0;
}

static enum perf_fate
add_counts(struct perfrec *p, const struct perf_record *pr)
{
	uint64_t t;

	switch (perf_counts_add(&p->counted, pr, &t)) {
	case PERF_COUNTS_MORE:
		return pr->type == PERF_R_STAT ? PERF_WRITTEN : PERF_USED;
	case PERF_COUNTS_ROUND:
		perfown_put_counts(p, t);
		return PERF_USED;
	case PERF_COUNTS_CUT:
		perfconv_put_cut_short(p, pr);
		return PERF_BAD;
	case PERF_COUNTS_NO_EVENT:
		p->perf->unmatched++;
		return PERF_CHOSEN;
	case PERF_COUNTS_NO_VALUE:
		perfconv_put_damaged(p, pr, STR("count of 2^64-1"), "has a count of 2^64-1");
		return PERF_BAD;
	}
	return PERF_SKIPPED;
}

/* Describe the trace of AUX buffers. */
static void
add_auxtrace_info(struct perfrec *p, struct bytes b)
{
	static const char *const tracers[] = { NULL, "intel_pt", "intel_bts", "cs_etm", "arm_spe",
		"s390_cpumsf", "hisi_ptt", "vpa_dtl" };
	uint32_t type = bytes_u32(&b);
	char number[TEXT_NUMBER];

	p->counts.tracer = type < sizeof tracers / sizeof *tracers ? tracers[type] : NULL;
	if (!p->options.auxtrace || bytes_bad(&b))
		return;
	perfconv_put_meta(p, "auxtrace",
	    p->counts.tracer != NULL ? str_of(p->counts.tracer)
				     : (struct str){ number, text_put_u64(number, type) });
}

static void
add_feature(struct perfrec *p, struct bytes b)
{
	uint64_t feature = bytes_u64(&b);

	if (feature < PERF_F_COUNT)
		read_feature(p, (int)feature, b);
}

enum perf_fate
perfown_add(struct perfrec *p, const struct perf_record *pr)
{
	switch (pr->type) {
	case PERF_R_TRACING_DATA:
		learn_formats(
		    p, pr->blob == 0 ? pr->body : perf_bytes(p->perf, pr->blob, pr->blob_size));
		return PERF_USED;
	case PERF_R_BUILD_ID:
		perf_proc_build(&p->proc, pr->misc, pr->body);
		return PERF_USED;
	case PERF_R_HEADER_FEATURE:
		add_feature(p, pr->body);
		return PERF_USED;
	case PERF_R_ID_INDEX:
		perf_losses_index(&p->losses, pr->body);
		return PERF_USED;
	case PERF_R_AUXTRACE_INFO:
		add_auxtrace_info(p, pr->body);
		return PERF_USED;
	case PERF_R_AUXTRACE:
		p->counts.auxtrace += pr->blob_size;
		return PERF_SKIPPED;
	case PERF_R_EVENT_UPDATE:
	case PERF_R_STAT:
	case PERF_R_STAT_ROUND:
		return add_counts(p, pr);
	default:
		return PERF_SKIPPED;
	}
}
