/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sysroot.h"
#include "rec/place.h"
#include "tracedesc.h"

enum { FILE_MOST = 1 << 24, FORMAT_MOST = 1 << 20, LINE_MOST = 4096, PAGE = 4096, BLOCK = 512 };

enum { ADDRESS = 16, SYMBOL_NAME = 19 }; /* columns of kallsyms on 64 bits */

void
tracedesc_open(struct tracedesc *d)
{
	*d = (struct tracedesc){ .long_size = 8 };
}

void
tracedesc_free(struct tracedesc *d)
{
	evformats_free(&d->formats);
	strbuf_free(&d->clock);
	strbuf_free(&d->cmdlines);
	strbuf_free(&d->vcpus);
	strbuf_free(&d->rejected_path);
	strbuf_free(&d->symbols);
	hash_free(&d->tgids);
	hash_free(&d->sent);
	strbuf_free(&d->complaint);
	free(d->tracer);
}

/* --- files by their names */

/* Does path end with suffix, after at least one byte? */
static bool
ends_with(const char *path, const char *suffix)
{
	size_t n = strlen(path), m = strlen(suffix);

	return n > m && strcmp(path + n - m, suffix) == 0;
}

/* The clock is the word in brackets. */
static void
set_clock(struct tracedesc *d, const char *text, size_t n)
{
	const char *open = memchr(text, '[', n), *close;

	if (open == NULL)
		return;
	close = memchr(open, ']', (size_t)(text + n - open));
	strbuf_clear(&d->clock);
	if (close != NULL)
		strbuf_add_bytes(&d->clock, open + 1, (size_t)(close - open - 1));
}

/* Lines TID TGID. */
static void
set_tgids(struct tracedesc *d, struct str text)
{
	struct str line;
	const char *p, *end;
	uint64_t tid, tgid;

	while (text.n > 0) {
		line = text_line(&text);
		end = line.p + line.n;
		p = text_u64(line.p, end, &tid);
		if (p == NULL || p == end || text_u64(p + 1, end, &tgid) != end)
			continue;
		if (tid <= INT32_MAX && tgid <= INT32_MAX)
			*hash_put(&d->tgids, tid) = tgid;
	}
}

/* The number in a line NAME=NUMBER; false if it is another line, or the number is too large. */
static bool
is_setting(struct str line, struct str name, uint64_t most, uint64_t *v)
{
	const char *end = line.p + line.n;

	return line.n > name.n && memcmp(line.p, name.p, name.n) == 0 &&
	       text_u64(line.p + name.n, end, v) == end && *v <= most;
}

/* Lines NAME=VALUE of the agent. */
static void
set_agent(struct tracedesc *d, struct str text)
{
	struct str line;
	uint64_t v;

	while (text.n > 0) {
		line = text_line(&text);
		if (str_eq(line, STR("endian=big")))
			d->big = true;
		else if (is_setting(line, STR("long="), 8, &v) && (v == 4 || v == 8))
			d->long_size = (size_t)v;
		else if (is_setting(line, STR("page="), RINGPAGE_MOST, &v))
			d->page = (size_t)v;
	}
}

static int
by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Parse "ADDRESS TYPE NAME". Returns false for other lines, and for address 0. */
static bool
read_symbol(struct str line, uint64_t *addr, struct str *name)
{
	size_t i;

	if (line.n < SYMBOL_NAME || line.p[ADDRESS] != ' ')
		return false;
	for (i = *addr = 0; i < ADDRESS && text_nibble[(uint8_t)line.p[i]] > 0; i++)
		*addr = *addr << 4 | (text_nibble[(uint8_t)line.p[i]] - 1u);
	*name = (struct str){ line.p + SYMBOL_NAME, line.n - SYMBOL_NAME };
	return i == ADDRESS && *addr != 0;
}

/* Take the functions of trace events, which end where the next symbol starts. */
static void
set_symbols(struct tracedesc *d, struct str text)
{
	uint64_t *start = NULL, addr;
	size_t n = 0, cap = 0, cap_tracer = 0, i, at = 0;
	const struct str all = text;
	struct str name;

	free(d->tracer);
	d->tracer = NULL;
	d->ntracers = 0;
	while (text.n > 0) {
		if (!read_symbol(text_line(&text), &addr, &name))
			continue;
		start = mem_grow(start, n, &cap, sizeof *start);
		start[n++] = addr;
		if (!place_is_tracer(name))
			continue;
		d->tracer = mem_grow(d->tracer, d->ntracers, &cap_tracer, sizeof *d->tracer);
		d->tracer[d->ntracers++] = (struct tracedesc_range){ addr, addr };
	}
	if (d->ntracers > 0) {
		qsort(start, n, sizeof *start, by_address);
		qsort(d->tracer, d->ntracers, sizeof *d->tracer, by_address);
	}
	for (i = 0; i < d->ntracers; i++) {
		while (at < n && start[at] <= d->tracer[i].from)
			at++;
		d->tracer[i].to = at < n ? start[at] : d->tracer[i].from;
	}
	free(start);
	strbuf_clear(&d->symbols);
	strbuf_add_bytes(&d->symbols, all.p, all.n);
}

bool
tracedesc_is_tracer(const struct tracedesc *d, uint64_t addr)
{
	size_t low = 0, high = d->ntracers, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (addr >= d->tracer[mid].to)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->ntracers && addr >= d->tracer[low].from;
}

/* A format cannot be read; the path is the one below events/. */
static void
reject(struct tracedesc *d, const char *path)
{
	if (d->rejected++ == 0)
		strbuf_add(&d->rejected_path, str_of(path));
}

static void
add_format(struct tracedesc *d, const char *system, const char *text, size_t n)
{
	const char *slash = strchr(system, '/');
	struct str name = { system, slash == NULL ? 0 : (size_t)(slash - system) };

	if (name.n == 0 || n > FORMAT_MOST || !evformats_add(&d->formats, name, text, n))
		reject(d, system);
}

static void
set_page(struct tracedesc *d, const char *text, size_t n)
{
	uint64_t kb;

	if (text_u64(text, text + n, &kb) != NULL && kb > 0 && kb <= RINGPAGE_MOST / 1024)
		d->page = (size_t)kb * 1024;
}

void
tracedesc_add(struct tracedesc *d, const char *path, const char *text, size_t n)
{
	if (strncmp(path, "./", 2) == 0)
		path += 2;
	if (strncmp(path, "tracing/", 8) == 0)
		path += 8;
	if (strcmp(path, "events/header_page") == 0)
		d->has_layout = ringlayout_parse(&d->layout, text, n);
	else if (strncmp(path, "events/", 7) == 0 && ends_with(path, "/format"))
		add_format(d, path + 7, text, n);
	else if (strcmp(path, "trace_clock") == 0)
		set_clock(d, text, n);
	else if (strcmp(path, "saved_tgids") == 0)
		set_tgids(d, (struct str){ text, n });
	else if (strcmp(path, "buffer_subbuf_size_kb") == 0)
		set_page(d, text, n);
	else if (strcmp(path, "kallsyms") == 0 || strcmp(path, "proc/kallsyms") == 0)
		set_symbols(d, (struct str){ text, n });
	else if (strcmp(path, "vtagent") == 0)
		set_agent(d, (struct str){ text, n });
	else if (strcmp(path, "saved_cmdlines") == 0) {
		strbuf_clear(&d->cmdlines);
		strbuf_add_bytes(&d->cmdlines, text, n);
	}
}

/* --- a folder */

/* Read a file whole: those of tracefs have no size. Returns false if it is none, too large or
 * outside the folder, or cannot be read, which errno says. */
static bool
read_file(struct sysroot *root, const char *path, struct strbuf *b)
{
	struct fault unused = { "" };
	int fd = sysroot_empty_file(root, path, &unused);
	ssize_t n;

	strbuf_clear(b);
	if (fd < 0)
		return false;
	do {
		n = read(fd, strbuf_reserve(b, PAGE), PAGE);
		b->n += n > 0 ? (size_t)n : 0;
	} while (n > 0 && b->n <= FILE_MOST);
	close(fd);
	return n == 0;
}

static void
add_file(struct tracedesc *d, struct sysroot *root, const char *path, struct strbuf *b)
{
	errno = 0;
	if (read_file(root, path, b))
		tracedesc_add(d, path, b->p == NULL ? "" : b->p, b->n);
	else if ((errno == EACCES || errno == EIO) && ends_with(path, "/format"))
		reject(d, path + strlen("events/"));
}

/* Open a folder below the root; NULL if it is none, or with the fault set. */
static DIR *
open_folder(struct sysroot *root, const char *path)
{
	int fd = openat(root->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL && errno != ENOENT && errno != ENOTDIR)
		fault_set(&root->fault, "%s: %s", path, strerror(errno));
	if (dir == NULL && fd >= 0)
		close(fd);
	return dir;
}

/* Add the formats of a system: events/SYSTEM/EVENT/format. */
static void
add_system(struct tracedesc *d, struct sysroot *root, const char *system, struct strbuf *b)
{
	struct strbuf path = { 0 };
	struct dirent *e;
	DIR *dir;

	strbuf_add(&path, STR("events/"));
	strbuf_add_bytes(&path, system, strlen(system) + 1);
	dir = open_folder(root, path.p);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (*e->d_name == '.')
			continue;
		path.n = strlen("events/") + strlen(system);
		strbuf_putc(&path, '/');
		strbuf_add(&path, str_of(e->d_name));
		strbuf_add_bytes(&path, "/format", sizeof "/format");
		add_file(d, root, path.p, b);
	}
	if (dir != NULL)
		closedir(dir);
	strbuf_free(&path);
}

static bool
add_folder(struct tracedesc *d, struct sysroot *root)
{
	static const char *const files[] = { "events/header_page", "trace_clock", "saved_cmdlines",
		"saved_tgids", "buffer_subbuf_size_kb", "vtagent", "kallsyms" };
	DIR *dir = open_folder(root, "events");
	struct strbuf b = { 0 };
	struct dirent *e;
	size_t i;

	if (dir == NULL)
		return false;
	for (i = 0; i < sizeof files / sizeof *files; i++)
		add_file(d, root, files[i], &b);
	while ((e = readdir(dir)) != NULL)
		if (*e->d_name != '.')
			add_system(d, root, e->d_name, &b);
	closedir(dir);
	strbuf_free(&b);
	return true;
}

/* --- an archive */

static uint64_t
octal(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (; n > 0 && (*p == ' ' || *p == '0'); n--)
		p++;
	for (; n > 0 && *p >= '0' && *p <= '7'; n--)
		v = v << 3 | (uint64_t)(*p++ - '0');
	return v;
}

/* Is it the header of a member: is its checksum right? */
static bool
is_header(const uint8_t *h)
{
	uint64_t sum = 8 * ' ';
	size_t i;

	for (i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? 0 : h[i];
	return memcmp(h + 257, "ustar", 5) == 0 && octal(h + 148, 8) == sum;
}

/* The path of a member: its prefix, if it has one, and its name. */
static void
member_path(struct strbuf *b, const uint8_t *h)
{
	strbuf_clear(b);
	if (h[345] != '\0') {
		strbuf_add_bytes(b, h + 345, strnlen((const char *)h + 345, 155));
		strbuf_putc(b, '/');
	}
	strbuf_add_bytes(b, h, strnlen((const char *)h, 100));
	strbuf_putc(b, '\0');
}

static bool
bad_archive(struct input *in, const char *why)
{
	return fault_set(&in->fault, "%s@0x%llx%s: %s", in->name, (unsigned long long)in->offset,
	    input_how(in), why);
}

/* Read a member whose header was just taken, from an archive of which `left` bytes are left. */
static bool
read_member(struct tracedesc *d, struct input *in, const char *path, char type, uint64_t size,
    uint64_t left)
{
	uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
	bool ours = size <= FILE_MOST && (type == '0' || type == '\0'); /* kallsyms may be large */

	if (padded > left ||
	    (ours ? input_fill(in, (size_t)padded) < padded : !input_skip(in, padded)))
		return bad_archive(in, "the archive is cut short");
	if (!ours)
		return true;
	tracedesc_add(d, path, (const char *)input_at(in), (size_t)size);
	input_take(in, (size_t)padded);
	return true;
}

bool
tracedesc_archive(struct tracedesc *d, struct input *in, uint64_t most)
{
	uint64_t start = in->offset, size;
	struct strbuf path = { 0 };
	const uint8_t *h;
	bool good = true;
	char type;

	while (good) {
		if (in->offset - start + BLOCK > most || input_fill(in, BLOCK) < BLOCK) {
			good = bad_archive(in, "the archive has no end");
			break;
		}
		h = input_at(in);
		if (*h == '\0')
			break;
		if (!is_header(h)) {
			good = bad_archive(in, "not the header of a ustar archive");
			break;
		}
		member_path(&path, h);
		size = octal(h + 124, 12);
		type = (char)h[156];
		input_take(in, BLOCK);
		good = read_member(d, in, path.p, type, size, most - (in->offset - start));
	}
	strbuf_free(&path);
	return good;
}

/* --- the agent's control port */

/* Take a line of the report: stopped cpuN bytes=N unsent=N ... error=TEXT. */
static void
set_sent(struct tracedesc *d, struct str line)
{
	const char *end = line.p + line.n, *p = line.p + strlen("stopped cpu");
	static const char bytes[] = " bytes=";
	uint64_t cpu, n;

	if ((p = text_u64(p, end, &cpu)) == NULL || (size_t)(end - p) < sizeof bytes ||
	    memcmp(p, bytes, sizeof bytes - 1) != 0 ||
	    text_u64(p + sizeof bytes - 1, end, &n) == NULL)
		return;
	*hash_put(&d->sent, cpu) = n;
	if (d->complaint.n == 0 && (memmem(line.p, line.n, " error=", 7) != NULL ||
				       (memmem(line.p, line.n, " unsent=", 8) != NULL &&
					   memmem(line.p, line.n, " unsent=0 ", 10) == NULL)))
		strbuf_add(&d->complaint, line);
}

static bool
starts(struct str line, const char *word)
{
	return line.n >= strlen(word) && memcmp(line.p, word, strlen(word)) == 0;
}

void
tracedesc_lines(struct tracedesc *d, struct str text)
{
	struct str line;

	while (text.n > 0) {
		line = text_line(&text);
		if (starts(line, "stopped cpu"))
			set_sent(d, line);
		else if (starts(line, "done "))
			d->done = true;
		else if (starts(line, "started"))
			d->done = false;
		else if (starts(line, "error ") && d->complaint.n == 0)
			strbuf_add(&d->complaint, line);
	}
}

/* Read what the agent wrote to its control port: lines, and archives that lines announce. */
static bool
read_control(struct tracedesc *d, struct input *in)
{
	const uint8_t *nl;
	uint64_t size, start;
	struct str line;
	size_t n;

	while ((n = input_fill(in, LINE_MOST)) > 0) {
		n = n < LINE_MOST ? n : LINE_MOST;
		line.p = (const char *)input_at(in);
		if ((nl = memchr(line.p, '\n', n)) == NULL)
			return bad_archive(in, "not a line of the agent");
		line.n = (size_t)(nl - (const uint8_t *)line.p) + 1;
		tracedesc_lines(d, line);
		if (!starts(line, "meta ") ||
		    text_u64(line.p + 5, line.p + line.n, &size) != line.p + line.n - 1)
			size = 0;
		input_take(in, line.n);
		start = in->offset;
		if (size > 0 && (!tracedesc_archive(d, in, size) ||
				    !input_skip(in, size - (in->offset - start))))
			return bad_archive(in, "the archive is cut short");
	}
	return !fault_is(&in->fault);
}

static bool
is_control(struct input *in)
{
	size_t n = input_fill(in, 8);

	return starts((struct str){ (const char *)input_at(in), n }, "vtagent ");
}

bool
tracedesc_read(struct tracedesc *d, const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), inner;
	struct sysroot root = { 0 };
	struct input in = { 0 };
	struct strbuf agent = { 0 };
	struct stat st;
	bool good;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		good = input_open_fd(&in, path, fd);
		if (good)
			good = is_control(&in) ? read_control(d, &in)
					       : tracedesc_archive(d, &in, UINT64_MAX);
		if (!good)
			fault_set(fault, "%s", in.fault.text);
		input_close(&in);
		return good;
	}
	root.folder = fd;
	good = add_folder(d, &root);
	if (!good && (inner = openat(fd, "tracing", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0) {
		add_file(d, &root, "vtagent", &agent);
		strbuf_free(&agent);
		root.folder = inner;
		good = add_folder(d, &root);
		close(inner);
	}
	close(fd);
	if (fault_is(&root.fault))
		return fault_set(fault, "%s/%s", path, root.fault.text);
	return good || fault_set(fault, "%s: no tracing folder: it has no events", path);
}

/* --- results */

bool
tracedesc_layout(const struct tracedesc *d, struct ringlayout *l)
{
	if (d->has_layout)
		*l = d->layout;
	else
		ringlayout_default(l, PAGE, d->long_size, d->big);
	l->big = d->big;
	if (d->page != 0)
		l->page = d->page;
	return l->page >= RINGPAGE_LEAST && l->page <= RINGPAGE_MOST && l->data < l->page;
}

const char *
tracedesc_unit(const struct tracedesc *d)
{
	static const struct {
		const char *clock, *unit;
	} other[] = { { "counter", "event" }, { "uptime", "jiffy" }, { "x86-tsc", "cycle" },
		{ "ppc-tb", "tick" } };
	size_t i;

	for (i = 0; i < sizeof other / sizeof *other && !d->converted; i++)
		if (str_eq(strbuf_str(&d->clock), str_of(other[i].clock)))
			return other[i].unit;
	return "ns";
}
