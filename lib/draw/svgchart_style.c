/* SPDX-License-Identifier: MIT */
/* What states look like, and how they are called. */

#include "svgchart.h"

static const struct look {
	const char *class, *word;
} looks[CHART_WHATS] = {
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
    ".freq{fill:none;stroke:#8a5a00;stroke-width:1}\n"
    ".wake,.irq{fill:#0b6e4f;stroke:#0b6e4f;stroke-width:.6;stroke-opacity:.55}\n"
    ".irq{fill:#b5179e;stroke:#b5179e}\n"
    "@media(prefers-color-scheme:dark){"
    "text{fill:#e4e9ee}.page,.ground{fill:#14181d}.more,.n,.tick,.sum{fill:#93a0ad}"
    ".grid{stroke:#2a323a}.sleeping{fill:#39444f}.idle,.cpuidle{fill:#262e36}.at{fill:#b4c0cb}"
    ".in{fill:#fff}.on{fill:#24303b}"
    ".wake{fill:#3ecf9a;stroke:#3ecf9a}.irq{fill:#e36bd0;stroke:#e36bd0}.freq{stroke:#d9a441}}\n"
    "</style>\n";

#define HATCH(id, size, turn, ground, line, colour)                                                \
	"<pattern id=\"" id "\" width=\"" size "\" height=\"" size                                 \
	"\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(" turn ")\">"                \
	"<rect width=\"" size "\" height=\"" size "\" class=\"ground\" fill=\"" ground "\"/>"      \
	"<rect width=\"" size "\" height=\"" line "\" fill=\"" colour "\"/></pattern>\n"

/* The second of a name is for paths, which are drawn at half size. */
static const char defs[] = "<defs>\n" HATCH("unknown", "5", "-45", "#fff", "1", "#bcc5ce")
    HATCH("unknown2", "10", "-45", "#fff", "2", "#bcc5ce")
	HATCH("lost", "4", "45", "#ff8095\" fill-opacity=\".2", "1.6", "#d1001f") "</defs>\n";

const char *
svgchart_class(enum chart_what what)
{
	return looks[what].class;
}

const char *
svgchart_word(enum chart_what what)
{
	return looks[what].word;
}

void
svgchart_style(struct svgchart *p)
{
	out_str(p->out, (struct str){ sheet, sizeof sheet - 1 });
	out_str(p->out, (struct str){ defs, sizeof defs - 1 });
}
