/* SPDX-License-Identifier: MIT */
/* What the colours and signs of the picture mean. */

#include "svgchart.h"
#include "units.h"

enum { SWATCH = 11, LINE = 17, EDGE = 8 };

void
svgchart_add_short(struct svg_word *w, uint64_t ns)
{
	char d[UNITS_ROOM];

	svg_add(w, (struct str){ d, units_short(d, ns) });
}

/* One or many of something. */
void
svgchart_add_count(struct svg_word *w, uint64_t n, const char *one)
{
	char d[UNITS_ROOM];

	svg_add(w, (struct str){ d, units_count(d, n) });
	svg_add(w, STR(" "));
	svg_add(w, str_of(one));
	if (n != 1)
		svg_add(w, STR("s"));
}

static struct str
str_word(const struct svg_word *w)
{
	return (struct str){ w->text, w->n };
}

/* Where the next item of the legend goes, behind one with this text. */
struct cursor {
	int x, y;
	bool draw;
};

/* What an item looks like: a box, an arrow, a line. */
static void
put_swatch(struct svgchart *p, const struct cursor *at, const char *class)
{
	bool arrow = strcmp(class, "wake") == 0 || strcmp(class, "irq") == 0;
	bool line = strcmp(class, "freq") == 0 || strcmp(class, "gap") == 0;

	if (!arrow) {
		svg_rect(p->out, class, at->x, at->y + (line ? 4 : 0), SWATCH, line ? 3 : SWATCH);
		return;
	}
	out_str(p->out, STR("<path class=\""));
	out_str(p->out, str_of(class));
	out_str(p->out, STR("\" d=\"M"));
	out_s64(p->out, at->x + 5);
	out_char(p->out, ' ');
	out_s64(p->out, at->y);
	out_str(p->out, STR("v11l-2-4h4l-2 4z\"/>\n"));
}

static void
put_item(struct svgchart *p, struct cursor *at, const char *class, struct str text)
{
	int w = SWATCH + 5 + svg_width(text, SVGCHART_FONT) + 6;

	if (at->x + w > p->width - EDGE && at->x > EDGE) {
		at->x = EDGE;
		at->y += LINE;
	}
	if (at->draw) {
		put_swatch(p, at, class);
		svg_text(p->out, NULL, at->x + SWATCH + 5, at->y + 10, text);
	}
	at->x += w;
}

static void
put_states(struct svgchart *p, struct cursor *at)
{
	enum chart_what what;
	struct svg_word w;

	for (what = 0; what < CHART_WHATS; what++) {
		if (p->total[what] == 0 ||
		    (what >= CHART_CPU_RUNNING && what <= CHART_CPU_RUNNING3) ||
		    what == CHART_FREQ || what == CHART_FREQ_TIME)
			continue;
		w.n = 0;
		svg_add(&w, str_of(svgchart_word(what)));
		svg_add(&w, STR(" "));
		svgchart_add_short(&w, p->total[what]);
		put_item(p, at, svgchart_class(what), str_word(&w));
	}
}

static void
put_signs(struct svgchart *p, struct cursor *at)
{
	struct svg_word w = { 0 };
	uint64_t khz = 0;
	size_t i;

	for (i = 0; i < p->npart; i++)
		khz = khz > p->part[i].max_khz ? khz : p->part[i].max_khz;
	if (khz > 0) {
		svg_add(&w, STR("frequency, up to "));
		w.n += text_put_u64(w.text + w.n, khz / 1000);
		svg_add(&w, STR(" MHz"));
		put_item(p, at, "freq", str_word(&w));
	}
	if (p->wakes > 0)
		put_item(p, at, "wake", STR("wakeup"));
	if (p->irqs > 0)
		put_item(p, at, "irq", STR("wakeup by an interrupt"));
	if (p->lost)
		put_item(p, at, "lost", STR("events lost"));
	if (p->gaps)
		put_item(p, at, "gap", STR("switches missing"));
}

int
svgchart_legend(struct svgchart *p, int y, bool draw)
{
	struct cursor at = { EDGE, y, draw };

	put_states(p, &at);
	put_signs(p, &at);
	return at.x > EDGE || at.y > y ? at.y + LINE : y;
}
