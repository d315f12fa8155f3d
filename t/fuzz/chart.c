/* SPDX-License-Identifier: MIT */
/* Any bytes as state records: fold and draw them. What is drawn must be well-formed XML. The first
 * byte chooses the width and the bounds. */

#include "base/mem.h"
#include "draw/svgchart.h"
#include "input.h"

enum { DEPTH = 16 };

static void
need(bool good, const char *p)
{
	if (good)
		return;
	fprintf(stderr, "not well-formed XML at: %.80s\n", p);
	abort();
}

/* Does XML allow a character? */
static bool
is_char(uint32_t c)
{
	return c == '\n' || (c >= 0x20 && (c & 0xfffe) != 0xfffe);
}

/* Skip text up to any of the bytes in stop: only characters of XML, and entities. */
static const char *
skip_text(const char *p, const char *end, const char *stop)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;" };
	uint32_t c = 0;
	size_t i;

	while (p < end && strchr(stop, *p) == NULL) {
		size_t n = text_utf8((struct str){ p, (size_t)(end - p) }, &c);

		need(n > 0 && is_char(c), p);
		for (i = 0; *p == '&' && n == 1 && i < 4; i++)
			if (strncmp(p, entities[i], strlen(entities[i])) == 0)
				n = strlen(entities[i]);
		need(*p != '&' || n > 1, p);
		p += n;
	}
	return p;
}

static const char *
skip_name(const char *p)
{
	return p + strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

/* Skip name="value" ... up to > or /. */
static const char *
skip_attributes(const char *p, const char *end)
{
	const char *name;

	while (*p == ' ') {
		name = ++p;
		p = skip_name(p);
		need(p > name && p[0] == '=' && p[1] == '"', name);
		p = skip_text(p + 2, end, "\"<");
		need(*p == '"', name);
		p++;
	}
	return p;
}

/* Skip <![CDATA[ ... ]]> up to its last byte. */
static const char *
skip_cdata(const char *p, const char *end)
{
	const char *stop = memmem(p, (size_t)(end - p), "]]>", 3);
	uint32_t c = 0;
	size_t n;

	need(stop != NULL, p);
	for (; p < stop; p += n) {
		n = text_utf8((struct str){ p, (size_t)(stop - p) }, &c);
		need(n > 0 && is_char(c), p);
	}
	return stop + 2;
}

/* Elements must nest, with one root; the text ends with a NUL. */
static void
check_xml(const char *p, const char *end)
{
	const char *open[DEPTH], *name;
	int depth = 0;

	need(strncmp(p, "<?xml ", 6) == 0, p);
	for (p = strchr(p, '\n') + 1; p < end; p = skip_text(p + 1, end, "<")) {
		need(*p == '<', p);
		if (strncmp(p, "<![CDATA[", 9) == 0) {
			need(depth > 0, p);
			p = skip_cdata(p, end);
			continue;
		}
		name = ++p;
		if (*p == '/') {
			need(depth > 0, name);
			p = skip_name(++name);
			need(strncmp(open[--depth], name, (size_t)(p - name)) == 0, name);
		} else {
			p = skip_attributes(skip_name(p), end);
			need(depth < DEPTH, name);
			open[depth] = name;
			depth += *p != '/';
			p += *p == '/';
		}
		need(*p == '>' && (depth > 0 || p + 2 == end), name);
	}
	need(depth == 0, p);
}

static void
check_picture(int fd)
{
	size_t n = (size_t)lseek(fd, 0, SEEK_END);
	char *p = mem_alloc(n + 1), *script;

	if (pread(fd, p, n, 0) != (ssize_t)n)
		abort();
	script = memmem(p, n, "<script>", 8);
	if (script == NULL) {
		check_xml(p, p + n);
	} else {
		need(n > 20 && memcmp(p + n - 20, "]]></script>\n</svg>\n", 20) == 0, p);
		memcpy(script, "</svg>\n", 7); /* the script is always the same */
		check_xml(p, script + 7);
	}
	free(p);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct chart chart = { .time = WINDOW_ALL };
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;
	struct svgchart_options with = { .width = SVGCHART_MINWIDTH, .rows = 5 };

	if (n == 0)
		return 0;
	with.width += p[0] % 4;
	with.grouped = (p[0] & 32) != 0;
	with.data = p[0] & 64 ? p[0] & 128 ? 200 : 100000 : 0;
	chart.whole = with.data > 0;
	chart.most_calls = with.data / SVGCHART_CALL;
	chart.time.from = p[0] & 4 ? -1000 : INT64_MIN;
	chart.time.to = p[0] & 8 ? 1000000 : INT64_MAX;
	chart.bins.budget = p[0] & 16 ? 8 : 0;
	chart.bins.batch = chart.power.bins.batch = chart.own_clock.bins.batch = 4;
	chart.columns = svgchart_columns(with.width);
	fuzz_input(&in, p + 1, n - 1);
	chart_open(&chart);
	while (rec_line(&rec, &r) && chart_add(&chart, &rec, &r))
		;
	chart_end(&chart);
	if (chart.bins.any) {
		out_open(&out, fuzz_file("", 0));
		svgchart_draw(&out, &chart, &with);
		out_flush(&out);
		check_picture(out.fd);
		out_free(&out);
	}
	chart_free(&chart);
	input_close(&in);
	return 0;
}
