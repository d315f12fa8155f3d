/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "svgchart_int.h"

enum { SWATCH = 11, LINE = 17, FREQ_TEXT = 64 };

/* What the legend says of marks. */
#define IRQ_WAKEUP "wakeup by an interrupt"
#define PATH "critical path"
#define LOST "events lost"
#define GAP "switches missing"

static const struct look {
	const char *class, *name;
} looks[CHART_LOOKS] = {
	[CHART_RUNNING] = { "running", "running" },
	[CHART_PREEMPTED] = { "preempted", "preempted" },
	[CHART_RUNNABLE] = { "runnable", "runnable" },
	[CHART_UNINTERRUPTIBLE] = { "uninterruptible", "uninterruptible" },
	[CHART_STOPPED] = { "stopped", "stopped" },
	[CHART_TRACED] = { "traced", "traced" },
	[CHART_PARKED] = { "parked", "parked" },
	[CHART_IDLE] = { "idle", "idle" },
	[CHART_SLEEPING] = { "sleeping", "sleeping" },
	[CHART_UNKNOWN] = { "unknown", "unknown" },
	[CHART_CPU_RUNNING] = { "r0", "running" },
	{ "r1", "running" },
	{ "r2", "running" },
	{ "r3", "running" },
	[CHART_CPU_IDLE] = { "cpuidle", "CPU idle" },
	[CHART_CPU_UNKNOWN] = { "unknown", "CPU unknown" },
	[CHART_FREQ] = { "freq", "frequency" },
	[CHART_FREQ_TIME] = { "freq", "frequency" },
	[CHART_C0] = { "c0", "C0" },
	{ "c1", "C1" },
	{ "c2", "C2" },
	{ "c3", "C3" },
	{ "c4", "C4" },
	{ "c5", "C5" },
	{ "c6", "C6" },
	{ "c7", "C7" },
	[CHART_IN_IRQ] = { "hard", "interrupts" },
	[CHART_IN_SOFTIRQ] = { "soft", "soft interrupts" },
	[CHART_IO_READ] = { "read", "read" },
	[CHART_IO_WRITE] = { "write", "write" },
	[CHART_IO_NET] = { "net", "receive, transmit" },
	[CHART_IO_POLL] = { "poll", "poll" },
	[CHART_IO_OTHER] = { "call", "other calls" },
};

static const char sheet[] =
    "<style>\n"
    "text{font:11px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'DejaVu Sans',sans-serif;fill:#1f2933}\n"
    ".page{fill:#fff}\n"
    ".caption{font-size:15px;font-weight:600}\n"
    ".more,.n,.tick,.sum{fill:#66727f}\n"
    ".head{font-size:12px;font-weight:600}\n"
    ".tick{font-size:10px;text-anchor:middle}\n"
    ".sum{font-size:10px;text-anchor:end}\n"
    ".in,.on,.at{font-size:9px;pointer-events:none}\n"
    ".in{fill:#fff}.on{fill:#24303b}\n"
    ".at{fill:#52606d}\n"
    ".grid{stroke:#dfe4ea;stroke-width:1;fill:none;shape-rendering:crispEdges}\n"
    "g>rect{shape-rendering:crispEdges}\n"
    ".running,.r0{fill:#2f6fb5}.r1{fill:#4a8bd0}.r2{fill:#1f5a9c}.r3{fill:#6aa3df}\n"
    ".runnable{fill:#f6c744}\n"
    ".preempted{fill:#ee9336}\n"
    ".uninterruptible{fill:#a3123a}\n"
    ".sleeping{fill:#d8e1ea}\n"
    ".idle,.cpuidle{fill:#e9eef3}\n"
    ".stopped{fill:#7b8794}\n"
    ".traced{fill:#9f86c0}\n"
    ".parked{fill:#c3ccd5}\n"
    ".unknown{fill:url(#unknown)}\n"
    "path.unknown{fill:url(#unknown2)}\n"
    ".lost{fill:url(#lost);stroke:#d1001f;stroke-width:.5}\n"
    ".gap{fill:#d1001f}\n"
    ".c0{fill:#d9f0e3}.c1{fill:#bfe5d0}.c2{fill:#9fd6bb}.c3{fill:#7cc3a3}.c4{fill:#55ab89}"
    ".c5{fill:#35906f}.c6{fill:#1d7355}.c7{fill:#0b563d}\n"
    ".hard{fill:#8c2d9b}.soft{fill:#c99ad3}"
    ".read{fill:#2a8f7a}.write{fill:#c2572b}.net{fill:#7a5aa8}.poll{fill:#c8d0b8}"
    ".call{fill:#8a8f98}.lane{fill:#f3f5f7}\n"
    ".freq{fill:none;stroke:#8a5a00;stroke-width:1}\n"
    ".path,.step{fill:none;stroke:#e5007d;stroke-width:2}.step{stroke-width:1}\n"
    ".hit{stroke-width:7;stroke-opacity:0;stroke:#000;pointer-events:stroke}\n"
    ".wake,.irq{fill:#0b6e4f;stroke:#0b6e4f;stroke-width:.6;stroke-opacity:.55}\n"
    ".irq{fill:#b5179e;stroke:#b5179e}\n"
    "@media print{:root{width:100%;height:auto;max-height:100vh}}\n"
    "@media screen and (prefers-color-scheme:dark){"
    "text{fill:#e4e9ee}.page,.ground{fill:#14181d}.more,.n,.tick,.sum{fill:#93a0ad}"
    ".grid{stroke:#2a323a}.sleeping{fill:#39444f}.idle,.cpuidle{fill:#262e36}.at{fill:#b4c0cb}"
    ".in{fill:#fff}.on{fill:#24303b}.hatch{fill:#39444f}.parked{fill:#4a545e}"
    ".lane{fill:#1c2228}.poll{fill:#4c5440}"
    ".wake{fill:#3ecf9a;stroke:#3ecf9a}.irq{fill:#e36bd0;stroke:#e36bd0}.freq{stroke:#d9a441}"
    ".path,.step{stroke:#ff6fb5}}\n"
    "</style>\n";

#define HATCH(id, size, turn, ground, line, class, colour)                                         \
	"<pattern id=\"" id "\" width=\"" size "\" height=\"" size                                 \
	"\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(" turn ")\">"                \
	"<rect width=\"" size "\" height=\"" size "\" class=\"ground\" fill=\"" ground "\"/>"      \
	"<rect width=\"" size "\" height=\"" line "\" class=\"" class "\" fill=\"" colour          \
								      "\"/></pattern>\n"

/* Paths are drawn at half size, so their pattern is twice as large. */
static const char defs[] = "<defs>\n" HATCH("unknown", "5", "-45", "#fff", "1", "hatch", "#bcc5ce")
    HATCH("unknown2", "10", "-45", "#fff", "2", "hatch", "#bcc5ce") HATCH(
	"lost", "4", "45", "#ff8095\" fill-opacity=\".2", "1.6", "gap", "#d1001f") "</defs>\n";

static const char power_sheet[] = "<style>\n"
				  ".p-pkg{fill:#c2572b}.p-core{fill:#d98a4e}.p-cores{fill:#b5762f}"
				  ".p-dram{fill:#6b8f3c}.p-gpu{fill:#7a5aa8}.p-psys{fill:#8c4a4a}\n"
				  "</style>\n";

const char *
svgchart_class(enum chart_state s)
{
	return looks[s].class;
}

const char *
svgchart_name(enum chart_state s)
{
	return looks[s].name;
}

void
svgchart_style(const struct svgchart *p)
{
	out_str(p->out, STR(sheet));
	out_str(p->out, STR(defs));
	if (p->chart->power.n + p->chart->own_clock.n > 0)
		out_str(p->out, STR(power_sheet));
}

/* --- the legend */

/* The place of the next item. */
struct cursor {
	int x, y;
	bool draw;
};

/* What an item looks like: a box, an arrow, a line. */
static void
put_swatch(const struct svgchart *p, const struct cursor *at, const char *class)
{
	bool arrow = strcmp(class, "wake") == 0 || strcmp(class, "irq") == 0;
	bool line =
	    strcmp(class, "freq") == 0 || strcmp(class, "gap") == 0 || strcmp(class, "path") == 0;

	if (arrow)
		svg_put(p->out, "<path class=\"%s\" d=\"M%d %dv11l-2-4h4l-2 4z\"/>\n", class,
		    at->x + 5, at->y);
	else
		svg_rect(p->out, class, at->x, at->y + (line ? 4 : 0), SWATCH, line ? 3 : SWATCH);
}

static void
put_item(const struct svgchart *p, struct cursor *at, const char *class, const char *text)
{
	struct str s = str_of(text);
	int w = SWATCH + 5 + svg_width(s, SVGCHART_FONT) + 6;

	if (at->x + w > p->width - SVGCHART_EDGE && at->x > SVGCHART_EDGE) {
		at->x = SVGCHART_EDGE;
		at->y += LINE;
	}
	if (at->draw) {
		put_swatch(p, at, class);
		svg_label(p->out, NULL, at->x + SWATCH + 5, at->y + 10, s);
	}
	at->x += w;
}

static void
put_states(const struct svgchart *p, struct cursor *at)
{
	enum chart_state s;
	char text[64];

	for (s = 0; s < CHART_LOOKS; s++) {
		if (p->total[s] == 0 || (s >= CHART_CPU_RUNNING && s <= CHART_CPU_RUNNING3) ||
		    s == CHART_FREQ || s == CHART_FREQ_TIME)
			continue;
		snprintf(text, sizeof text, "%s %s", looks[s].name, units_short(p->total[s]).s);
		put_item(p, at, looks[s].class, text);
	}
}

/* Write the item of the frequency; false if there is none. */
static bool
name_freq(const struct svgchart *p, char text[FREQ_TEXT])
{
	uint64_t khz = 0;
	size_t i;

	for (i = 0; i < p->rows.npart; i++)
		khz = khz > p->rows.part[i].max_khz ? khz : p->rows.part[i].max_khz;
	snprintf(text, FREQ_TEXT, "frequency, up to %llu MHz", (unsigned long long)khz / 1000);
	return khz > 0;
}

/* wakeup, 34 of 1,924 */
static void
put_arrows(const struct svgchart *p, struct cursor *at, const char *class, const char *what,
    size_t drawn, uint64_t all)
{
	char text[128];

	snprintf(text, sizeof text, "%s, %s of %s", what, units_count(drawn).s, units_count(all).s);
	if (all > 0)
		put_item(p, at, class, drawn == all ? what : text);
}

/* Are there marks of gaps, or else of losses? */
static bool
has_marks(const struct svgchart *p, bool gaps)
{
	const struct top *marks = &p->chart->kept.marks;
	size_t i;

	for (i = 0; i < marks->n; i++)
		if (((const struct chart_mark *)(const void *)marks->slot[i].item)->gap == gaps)
			return true;
	return false;
}

int
svgchart_legend(const struct svgchart *p, int y, bool draw)
{
	struct cursor at = { SVGCHART_EDGE, y, draw };
	char freq[FREQ_TEXT];
	size_t i, irqs = 0;

	for (i = 0; i < p->narrow; i++)
		irqs += p->arrow[i].irq;
	put_states(p, &at);
	if (name_freq(p, freq))
		put_item(p, &at, "freq", freq);
	put_arrows(p, &at, "wake", "wakeup", p->narrow - irqs, p->chart->wakeups[0]);
	put_arrows(p, &at, "irq", IRQ_WAKEUP, irqs, p->chart->wakeups[1]);
	put_arrows(p, &at, "path", PATH, p->npiece, p->chart->kept.npieces);
	if (has_marks(p, false))
		put_item(p, &at, "lost", LOST);
	if (has_marks(p, true))
		put_item(p, &at, "gap", GAP);
	return at.x > SVGCHART_EDGE || at.y > y ? at.y + LINE : y;
}

static void
put_page_item(const struct svgchart *p, const char *class, const char *text)
{
	svg_put(p->out, "<span><i class=\"%s\"></i>%s</span>\n", class, text);
}

void
svgchart_page_legend(const struct svgchart *p)
{
	char freq[FREQ_TEXT];
	enum chart_state s;

	for (s = CHART_CPU_IDLE; s <= CHART_C7; s++)
		if (p->total[s] > 0 && (s == CHART_CPU_IDLE || s >= CHART_C0))
			put_page_item(p, looks[s].class, looks[s].name);
	if (name_freq(p, freq))
		put_page_item(p, "freq", freq);
	if (p->chart->wakeups[1] > 0)
		put_page_item(p, "irq", IRQ_WAKEUP);
	if (p->chart->kept.npieces > 0)
		put_page_item(p, "path", PATH);
	if (has_marks(p, false))
		put_page_item(p, "lost", LOST);
	if (has_marks(p, true))
		put_page_item(p, "gap", GAP);
}
