/* SPDX-License-Identifier: MIT */
/* What is said of a trace beside its records. */

#include <stdio.h>

#include "etm.h"

void
etm_note(struct etm *e, const char *text)
{
	if (e->note != NULL)
		e->note(e->arg, NULL, text);
}

void
etm_say(struct etm *e, const char *what)
{
	char text[2048];

	snprintf(text, sizeof text, "%s: %s", e->file, what);
	etm_note(e, text);
}

/* What happens between the buffers happens in every job, and counts once. */
void
etm_say_damage(struct etm *e, const char *what)
{
	e->damages += jobs_mine(&e->jobs);
	etm_say(e, what);
}

static void
say_stats(struct etm *e, const struct csd *c, const char *name)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%.200s: ", name);

	pktrec_stats(c, text + n, sizeof text - (size_t)n);
	etm_note(e, text);
}

/* Trace that nobody decodes is told, and is damage of a kind, too. */
static void
say_undecoded(struct etm *e, const struct csd *c)
{
	const struct csd_stats *s = csd_stats(c);
	uint64_t bytes = 0;
	char text[256];
	int id, n = snprintf(text, sizeof text, "trace ids without a decoder:"), ids = 0;

	for (id = 1; id < 0x70; id++) {
		if (s->trace[id] == 0 || csd_knows(c, (uint8_t)id))
			continue;
		bytes += s->trace[id];
		if (ids++ < 8)
			n += snprintf(text + n, sizeof text - (size_t)n, " 0x%x", (unsigned)id);
	}
	if (bytes == 0)
		return;
	snprintf(text + n, sizeof text - (size_t)n, "%s: %llu bytes", ids > 8 ? " ..." : "",
	    (unsigned long long)bytes);
	etm_say_damage(e, text);
}

/* A decoder goes on at a bad packet, but nobody knows what it makes of the next ones. */
static void
say_bad(struct etm *e, const struct csd *c)
{
	const struct csd_stats *s = csd_stats(c);
	unsigned long long at = e->base + s->first_bad;
	char text[512], bad[80];

	if (s->bad == 0)
		return;
	snprintf(
	    bad, sizeof bad, "%llu bad packets, the first one here", (unsigned long long)s->bad);
	snprintf(text, sizeof text, "%s@0x%llx: %s, %llu more are suspect", e->file, at,
	    s->bad == 1 ? "a bad packet" : bad, (unsigned long long)s->suspect);
	e->damages++;
	etm_note(e, text);
}

void
etm_say_buffer(struct etm *e, const struct csd *c, const char *name)
{
	say_bad(e, c);
	say_undecoded(e, c);
	if (e->stats)
		say_stats(e, c, name);
}

void
etm_say_missing(struct etm *e)
{
	char text[256];

	if (e->rec.n_missing == 0)
		return;
	snprintf(text, sizeof text, "code was missing %llu time%s, in %llu page%s%s",
	    (unsigned long long)e->rec.n_missing, e->rec.n_missing == 1 ? "" : "s",
	    (unsigned long long)e->rec.n_pages, e->rec.n_pages == 1 ? "" : "s",
	    e->rec.bare ? "" : ": see --sysroot, --kernel");
	etm_say(e, text);
}
