/* SPDX-License-Identifier: MIT */
/* The power of each counter over time, as an area in steps. */

#include <stdlib.h>

#include "base/mem.h"
#include "svg.h"
#include "svgchart.h"

enum {
	EDGE = 8,
	SUM_GAP = 60,
	HEAD = 24, /* the line of words over the lanes */
	CORE = 14, /* a core's lane */
	LANE = 30, /* any other */
	GAP = 4,
	BELOW = 14, /* what follows has a line of words over it, too */
	MAXLANE = 160,
	AXIS = 20 /* an axis of their own */
};

static struct str
str_word(const struct svg_word *w)
{
	return (struct str){ w->text, w->n };
}

/* Three digits that count of a number of thousandths: 150 mW, 3.12 W, 48.1 kJ. */
static void
add_amount(struct svg_word *w, uint64_t milli, const char *unit)
{
	static const char *const prefix[] = { " m", " ", " k", " M", " G", " T", " P" };
	uint64_t one = 1, step, part;
	int i = 0, decimals;

	while (i < 6 && milli / one >= 1000) {
		one *= 1000;
		i++;
	}
	decimals = i == 0 || milli / one >= 100 ? 0 : milli / one >= 10 ? 1 : 2;
	step = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
	part = (milli + one / step / 2) / (one / step);
	w->n += text_put_u64(w->text + w->n, part / step);
	if (decimals > 0)
		w->text[w->n++] = '.';
	if (decimals == 2)
		w->text[w->n++] = (char)('0' + part / 10 % 10);
	if (decimals > 0)
		w->text[w->n++] = (char)('0' + part % 10);
	svg_add(w, str_of(prefix[i]));
	svg_add(w, str_of(unit));
}

static int
height_of(const struct chart_power_row *row)
{
	return row->key.domain == RAPL_CORE ? CORE : LANE;
}

static size_t
lanes(const struct chart_power *power)
{
	return power->n < MAXLANE ? power->n : MAXLANE;
}

int
svgchart_power_height(const struct chart_power *power, bool apart)
{
	int h = power->n > 0 ? HEAD + BELOW + (apart ? AXIS : 0) : 0;
	size_t i;

	for (i = 0; i < lanes(power); i++)
		h += height_of(&power->row[i]) + GAP;
	return h + (power->n > MAXLANE ? SVGCHART_ROW : 0);
}

/* package S0, core S0-D0-C3, dram CPU 0, run 2 */
static void
add_name(struct svg_word *w, const struct svgchart *p, const struct chart_power_row *row)
{
	const struct chart_power_key *k = &row->key;
	struct rapl_place place;

	if (p->chart->nmachine > 1) {
		svg_add_field(w, p->chart->machine[k->machine].name);
		svg_add(w, STR(" "));
	}
	svg_add(w, k->domain == RAPL_PKG ? STR("package") : rapl_domain_name(k->domain));
	svg_add(w, STR(" "));
	rapl_place_core(&place, k->socket, k->die, k->core);
	if (place.len == 0)
		rapl_place_cpu(&place, k->cpu);
	if (k->place[0] != '\0')
		svg_add_field(w, str_of(k->place));
	else
		svg_add(w, (struct str){ place.name, place.len });
	if (k->run > 1) {
		svg_add(w, STR(" run "));
		w->n += text_put_u64(w->text + w->n, k->run);
	}
}

void
svgchart_power_style(struct svgchart *p)
{
	static const char sheet[] =
	    "<style>\n"
	    ".lane{fill:#f3f5f7}.p-pkg{fill:#c2572b}.p-core{fill:#d98a4e}.p-cores{fill:#b5762f}"
	    ".p-dram{fill:#6b8f3c}.p-gpu{fill:#7a5aa8}.p-psys{fill:#8c4a4a}\n"
	    "@media(prefers-color-scheme:dark){.lane{fill:#1c2228}}\n"
	    "</style>\n";

	if (p->chart->power.n + p->chart->apart.n > 0)
		out_str(p->out, (struct str){ sheet, sizeof sheet - 1 });
}

/* The power in each bin, in milliwatts, -1 where it is not known. */
static int64_t *
levels(struct chart_power *power, struct chart_power_row *row, size_t n)
{
	uint64_t *sum = mem_alloc((2 * n + 1) * sizeof *sum), *ns = sum + n;
	int64_t *level = mem_alloc((n + 1) * sizeof *level);
	size_t i;

	bins_read(&row->watts, &power->scale, sum);
	bins_read(&row->time, &power->scale, ns);
	for (i = 0; i < n; i++)
		level[i] = ns[i] > 0 ? (int64_t)(sum[i] / ns[i]) : -1;
	level[n] = -1;
	free(sum);
	return level;
}

/* How many milliwatts the height of a lane stands for: the most of its domain, in a bin. */
static void
find_most(struct chart_power *power, int64_t most[RAPL_DOMAINS])
{
	size_t n = bins_count(&power->scale), i, j;
	struct chart_power_row *row;
	int64_t *level;

	memset(most, 0, RAPL_DOMAINS * sizeof *most);
	for (i = 0; i < lanes(power); i++) {
		row = &power->row[i];
		level = levels(power, row, n);
		for (j = 0; j < n; j++)
			if (level[j] > most[row->key.domain])
				most[row->key.domain] = level[j];
		free(level);
	}
}

/* An area in steps, down to the ground where nothing is known. */
static void
put_area(struct svgchart *p, struct chart_power *power, struct chart_power_row *row, int64_t most)
{
	size_t n = bins_count(&power->scale), i;
	int64_t *level = levels(power, row, n), now = -1, next, x;
	int h = height_of(row);
	uint64_t from;

	out_str(p->out, STR("<path class=\"p-"));
	out_str(p->out, rapl_domain_name(row->key.domain));
	out_str(p->out, STR("\" d=\""));
	for (i = 0; i <= n; i++) {
		next = level[i] < 0 || most == 0 ? level[i] : level[i] * 100 * h / most;
		if (next == now)
			continue;
		from = ((power->scale.lo >> power->scale.shift) + i) << power->scale.shift;
		x = i == n ? svgchart_x(p, (int64_t)(power->scale.hi ^ (uint64_t)1 << 63))
			   : svgchart_x(p, (int64_t)(from ^ (uint64_t)1 << 63));
		out_char(p->out, now < 0 ? 'M' : 'H');
		svg_put_hundredths(p->out, x);
		if (now < 0) {
			out_char(p->out, ' ');
			out_s64(p->out, h);
		}
		out_char(p->out, 'V');
		svg_put_hundredths(p->out, 100 * h - (next < 0 ? 0 : next));
		if (next < 0)
			out_char(p->out, 'z');
		now = next;
	}
	out_str(p->out, STR("\"/>\n"));
	free(level);
}

static uint64_t
mean_of(const struct chart_power_row *row)
{
	return row->ns == 0 ? 0 : (uint64_t)((energy_int)row->nanojoules * 1000 / row->ns);
}

static void
put_title(struct svgchart *p, const struct chart_power_row *row)
{
	struct svg_word w = { 0 };

	add_name(&w, p, row);
	svg_add(&w, STR(": "));
	add_amount(&w, row->nanojoules / 1000000, "J");
	svg_add(&w, STR(" \xc2\xb1 "));
	add_amount(&w, row->error / 1000000, "J");
	svg_add(&w, STR(" in "));
	svgchart_add_short(&w, row->ns);
	svg_add(&w, STR(", "));
	add_amount(&w, mean_of(row), "W");
	svg_add(&w, STR(" on average, "));
	add_amount(&w, row->most, "W");
	svg_add(&w, STR(" at most, "));
	svgchart_add_count(&w, row->n, "interval");
	out_str(p->out, STR("<title>"));
	svg_put(p->out, str_word(&w));
	out_str(p->out, STR("</title>\n"));
}

static void
put_sums(struct svgchart *p, const struct chart_power_row *row, int y)
{
	struct svg_word w = { 0 };

	add_amount(&w, row->nanojoules / 1000000, "J");
	svg_text(p->out, "sum", p->width - EDGE - SUM_GAP, y, str_word(&w));
	w.n = 0;
	add_amount(&w, mean_of(row), "W");
	svg_text(p->out, "sum", p->width - EDGE, y, str_word(&w));
}

static void
put_lane(
    struct svgchart *p, struct chart_power *power, struct chart_power_row *row, int y, int64_t most)
{
	int h = height_of(row), base = y + h / 2 + 4;
	struct svg_word w = { 0 };

	add_name(&w, p, row);
	if (svg_fit(&w, SVGCHART_LEFT - EDGE - 8, SVGCHART_FONT))
		svg_text(p->out, NULL, EDGE, base, str_word(&w));
	out_str(p->out, STR("<g transform=\"translate("));
	out_s64(p->out, SVGCHART_LEFT);
	out_char(p->out, ' ');
	out_s64(p->out, y);
	out_str(p->out, STR(")\">\n"));
	put_title(p, row);
	svg_rect(p->out, "lane", 0, 0, p->plot, h);
	put_area(p, power, row, most);
	out_str(p->out, STR("</g>\n"));
	put_sums(p, row, base);
}

/* Power; the height of a lane is 80.5 W (pkg), 13.9 W (core) */
static void
put_head(struct svgchart *p, const struct chart_power *power, const int64_t *most, int y)
{
	struct svg_word w = { 0 };
	enum rapl_domain i;
	bool first = true;

	svg_add(&w, STR("Power; the height of a lane is"));
	for (i = RAPL_NONE + 1; i < RAPL_DOMAINS; i++) {
		if (most[i] == 0)
			continue;
		svg_add(&w, first ? STR(" ") : STR(", "));
		first = false;
		add_amount(&w, (uint64_t)most[i], "W");
		svg_add(&w, STR(" ("));
		svg_add(&w, i == RAPL_PKG ? STR("package") : rapl_domain_name(i));
		svg_add(&w, STR(")"));
	}
	if (power == &p->chart->apart)
		svg_add(&w, STR("; on a clock of its own"));
	if (svg_fit(&w, p->width - SVGCHART_RIGHT - EDGE, SVGCHART_FONT))
		svg_text(p->out, "more", EDGE, y + HEAD - 10, str_word(&w));
	svg_text(p->out, "sum", p->width - EDGE - SUM_GAP, y + HEAD - 10, STR("energy"));
	svg_text(p->out, "sum", p->width - EDGE, y + HEAD - 10, STR("power"));
}

void
svgchart_power(struct svgchart *p, struct chart_power *power, int y)
{
	int64_t most[RAPL_DOMAINS];
	struct svg_word w = { 0 };
	size_t i;

	if (power->n == 0)
		return;
	find_most(power, most);
	put_head(p, power, most, y);
	y += HEAD;
	for (i = 0; i < lanes(power); i++) {
		put_lane(p, power, &power->row[i], y, most[power->row[i].key.domain]);
		y += height_of(&power->row[i]) + GAP;
	}
	if (power->n <= MAXLANE)
		return;
	svg_add(&w, STR("and "));
	svgchart_add_count(&w, power->n - MAXLANE, "more counter");
	svg_text(p->out, "more", EDGE, y + 10, str_word(&w));
}

/* The same below the picture, with an axis of its own. */
void
svgchart_power_apart(const struct svgchart *p)
{
	struct chart_power *power = &p->chart->apart;
	struct svgchart own = *p;

	if (power->n == 0)
		return;
	own.lo = power->scale.lo;
	own.hi = power->scale.hi > own.lo ? power->scale.hi : own.lo + 1;
	own.span = own.hi - own.lo;
	own.axis_y = p->apart_y + AXIS;
	own.plot_end = p->apart_y + svgchart_power_height(power, true) - BELOW;
	svgchart_axis(&own);
	svgchart_power(&own, power, own.axis_y);
}
