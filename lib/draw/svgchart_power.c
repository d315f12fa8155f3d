/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

enum {
	HEAD = 24, /* the line above the lanes */
	CORE = 14, /* a core's lane */
	LANE = 30, /* any other */
	GAP = 4,
	BELOW = 14, /* room for the line above what follows */
	MAXLANE = 160,
	AXIS = 20
};

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
svgchart_power_height(const struct chart_power *power, bool own_clock)
{
	int h = power->n > 0 ? HEAD + BELOW + (own_clock ? AXIS : 0) : 0;
	size_t i;

	for (i = 0; i < lanes(power); i++)
		h += height_of(&power->row[i]) + GAP;
	return h + (power->n > MAXLANE ? SVGCHART_ROW : 0);
}

static const char *
domain_name(enum rapl_domain domain)
{
	return domain == RAPL_PKG ? "package" : rapl_domain_name(domain).p;
}

/* package S0, core S0-D0-C3, dram CPU 0, run 2 */
static void
add_name(struct svg_text *t, const struct svgchart *p, const struct chart_power_row *row)
{
	const struct chart_power_key *k = &row->key;
	struct rapl_place place;

	if (p->chart->rows.nmachine > 1) {
		svg_add_field(t, p->chart->rows.machine[k->machine].name);
		svg_add(t, " ");
	}
	svg_add(t, "%s ", domain_name(k->domain));
	rapl_place_core(&place, k->socket, k->die, k->core);
	if (place.len == 0)
		rapl_place_cpu(&place, k->cpu);
	if (k->place[0] != '\0')
		svg_add_field(t, str_of(k->place));
	else
		svg_add(t, "%.*s", place.len, place.name);
	if (k->run > 1)
		svg_add(t, " run %llu", (unsigned long long)k->run);
}

/* The milliwatts in each bin, -1 if not known; one more follows the last. */
static int64_t *
levels(const struct chart_power *power, const struct chart_power_row *row)
{
	size_t n = bins_count(&power->bins), i;
	uint64_t *sum = mem_resize(NULL, 2 * n, sizeof *sum), *ns = sum + n;
	int64_t *level = mem_resize(NULL, n + 1, sizeof *level);
	uint32_t watts = row->lane, time = row->lane + 1;

	bins_read(&power->bins, &watts, 1, sum);
	bins_read(&power->bins, &time, 1, ns);
	for (i = 0; i < n; i++)
		level[i] = ns[i] > 0 ? (int64_t)(sum[i] / ns[i]) : -1;
	level[n] = -1;
	free(sum);
	return level;
}

/* Find the highest power of each domain in any bin, for which a lane has its full height. */
static void
find_most(const struct chart_power *power, int64_t most[RAPL_DOMAINS])
{
	size_t n = bins_count(&power->bins), i, j;
	const struct chart_power_row *row;
	int64_t *level;

	memset(most, 0, RAPL_DOMAINS * sizeof *most);
	for (i = 0; i < lanes(power); i++) {
		row = &power->row[i];
		level = levels(power, row);
		for (j = 0; j < n; j++)
			if (level[j] > most[row->key.domain])
				most[row->key.domain] = level[j];
		free(level);
	}
}

/* Put an area in steps, which ends where the power is not known. */
static void
put_area(const struct svgchart *p, const struct svgchart_scale *scale,
    const struct chart_power *power, const struct chart_power_row *row, int64_t most)
{
	size_t n = bins_count(&power->bins), i;
	int64_t *level = levels(power, row), now = -1, next;
	int h = height_of(row);
	uint64_t t;

	svg_put(p->out, "<path class=\"p-%s\" d=\"", rapl_domain_name(row->key.domain).p);
	for (i = 0; i <= n; i++, now = next) {
		next = level[i] < 0 || most == 0 ? level[i] : level[i] * 100 * h / most;
		if (next == now)
			continue;
		t = i == n ? power->bins.hi : bins_start(&power->bins, i);
		svg_put(
		    p->out, "%c%s", now < 0 ? 'M' : 'H', svg_hundredths(svgchart_x(scale, t)).s);
		if (now < 0)
			svg_put(p->out, " %d", h);
		svg_put(p->out, "V%s%s", svg_hundredths(100 * h - (next < 0 ? 0 : next)).s,
		    next < 0 ? "z" : "");
	}
	svg_put(p->out, "\"/>\n");
	free(level);
}

static struct units
joules(uint64_t nanojoules)
{
	return units_amount(nanojoules / 1000000, "J");
}

static struct units
mean_watts(const struct chart_power_row *row)
{
	energy_int mw = row->ns == 0 ? 0 : (energy_int)row->nanojoules * 1000 / row->ns;

	return units_amount((uint64_t)mw, "W");
}

static void
put_title(const struct svgchart *p, const struct chart_power_row *row)
{
	struct svg_text t = { 0 };

	add_name(&t, p, row);
	svg_add(&t, ": %s \xc2\xb1 %s in %s, %s on average, %s at most, ",
	    joules(row->nanojoules).s, joules(row->error).s, units_short(row->ns).s,
	    mean_watts(row).s, units_amount(row->most, "W").s);
	svgchart_add_count(&t, row->n, "interval");
	svg_put(p->out, "<title>");
	svg_put_text(p->out, svg_str(&t));
	svg_put(p->out, "</title>\n");
}

static void
put_lane(const struct svgchart *p, const struct svgchart_scale *scale,
    const struct chart_power *power, const struct chart_power_row *row, int y, int64_t most)
{
	int h = height_of(row), base = y + h / 2 + 4;
	struct svg_text t = { 0 };

	add_name(&t, p, row);
	if (svg_fit(&t, SVGCHART_LEFT - SVGCHART_EDGE - 8, SVGCHART_FONT))
		svg_label(p->out, NULL, SVGCHART_EDGE, base, svg_str(&t));
	svg_put(p->out, "<g class=\"%s\" transform=\"translate(%d %d)\">\n",
	    power == &p->chart->own_clock ? "own" : "power", SVGCHART_LEFT, y);
	put_title(p, row);
	svg_rect(p->out, "lane", 0, 0, p->scale.plot, h);
	put_area(p, scale, power, row, most);
	svg_put(p->out, "</g>\n");
	svgchart_sum(p, 0, base, joules(row->nanojoules).s);
	svgchart_sum(p, 1, base, mean_watts(row).s);
}

/* Power; the height of a lane is 80.5 W (package), 13.9 W (core) */
static void
put_head(const struct svgchart *p, bool own_clock, const int64_t *most, int y)
{
	struct svg_text t = { 0 };
	const char *comma = "";
	enum rapl_domain i;

	svg_add(&t, "Power; the height of a lane is");
	for (i = RAPL_NONE + 1; i < RAPL_DOMAINS; i++) {
		if (most[i] == 0)
			continue;
		svg_add(&t, "%s %s (%s)", comma, units_amount((uint64_t)most[i], "W").s,
		    domain_name(i));
		comma = ",";
	}
	if (own_clock)
		svg_add(&t, "; on a clock of its own");
	if (svg_fit(&t, p->width - SVGCHART_RIGHT - SVGCHART_EDGE, SVGCHART_FONT))
		svg_label(p->out, "more", SVGCHART_EDGE, y + HEAD - 10, svg_str(&t));
	svgchart_sum(p, 0, y + HEAD - 10, "energy");
	svgchart_sum(p, 1, y + HEAD - 10, "power");
}

void
svgchart_power(const struct svgchart *p, const struct chart_power *power,
    const struct svgchart_scale *scale, int y)
{
	int64_t most[RAPL_DOMAINS];
	struct svg_text t = { 0 };
	size_t i;

	if (power->n == 0)
		return;
	find_most(power, most);
	put_head(p, power == &p->chart->own_clock, most, y);
	y += HEAD;
	for (i = 0; i < lanes(power); i++) {
		put_lane(p, scale, power, &power->row[i], y, most[power->row[i].key.domain]);
		y += height_of(&power->row[i]) + GAP;
	}
	if (power->n <= MAXLANE)
		return;
	svg_add(&t, "and ");
	svgchart_add_count(&t, power->n - MAXLANE, "more counter");
	svg_label(p->out, "more", SVGCHART_EDGE, y + 10, svg_str(&t));
}

void
svgchart_own_clock(const struct svgchart *p)
{
	const struct chart_power *power = &p->chart->own_clock;
	struct svgchart_scale scale = svgchart_scale_of(&power->bins, p->scale.plot);
	int y = p->own_clock_y + AXIS;

	if (power->n == 0)
		return;
	svgchart_axis(p, &scale, y, p->own_clock_y + svgchart_power_height(power, true) - BELOW);
	svgchart_power(p, power, &scale, y);
}
