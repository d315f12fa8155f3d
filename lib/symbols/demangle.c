/* SPDX-License-Identifier: MIT */

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>

#include "base/cache.h"
#include "base/mem.h"
#include "demangle.h"

enum {
	MAXTWICE = 10,
	MAXMANGLED = 2048,
	MAXNAME = 4096,
	MAXWORK = 65536,
	NAMES = 4096,
	SIZE = 1024 * 1024
};

/* What the symbols of Android's linker start with. */
#define LINKER "__dl_"

struct demangle {
	int options; /* of libiberty */
	bool off;
	struct cache *names; /* mangled -> in the source, "" if it stays as it is */
	jmp_buf stop;        /* where to go if the name becomes too long */
	bool broken;         /* a name of Rust became too long: mangled was overwritten */
	size_t n;            /* the number of bytes in name */
	char mangled[MAXMANGLED + 1], name[MAXNAME + sizeof LINKER];
};

struct demangle *
demangle_new(enum demangle_how how)
{
	struct demangle *d = mem_alloc(sizeof *d);

	d->options = DMGL_ANSI | DMGL_NO_RECURSE_LIMIT | (how == DEMANGLE_FULL ? DMGL_PARAMS : 0);
	d->off = how == DEMANGLE_NOT;
	d->names = cache_new(NAMES, SIZE);
	return d;
}

void
demangle_free(struct demangle *d)
{
	if (d == NULL)
		return;
	cache_free(d->names);
	free(d);
}

/* --- bounds */

/* The number after a back reference of D at p: capital letters and a small one, base 26. */
static uint64_t
number_of_d(const char *p)
{
	uint64_t n = 0;

	for (; *p >= 'A' && *p <= 'Z' && n < MAXWORK; p++)
		n = n * 26 + (uint64_t)(*p - 'A');
	return *p >= 'a' && *p <= 'z' ? n * 26 + (uint64_t)(*p - 'a') : MAXWORK;
}

/*
 * Is the text that a name of D expands to bounded? A back reference repeats the text that begins at
 * an earlier place, with the references in it, and ends before itself at the latest: work[i] is the
 * most that the first i bytes can expand to. A letter in an identifier that looks like a reference
 * makes that too high, never too low.
 */
static bool
is_bounded(const char *s, size_t n)
{
	uint32_t work[MAXMANGLED + 1] = { 0 };
	uint64_t to;
	size_t i;

	for (i = 0; i < n && work[i] <= MAXWORK; i++) {
		to = s[i] == 'Q' ? i - number_of_d(s + i + 1) : i;
		work[i + 1] = work[i] + 1 + (to < i ? work[i] - work[to] : 0);
	}
	return work[i] <= MAXWORK;
}

/* Is a template parameter's number, and what it is of, before the _ at p? */
static bool
ends_parameter(const char *begin, const char *p)
{
	while (p > begin && ((p[-1] >= '0' && p[-1] <= '9') || (p[-1] >= 'A' && p[-1] <= 'Z')))
		if (*--p == 'T')
			return true;
	return false;
}

/* The demangler of C++ reads what follows each T_I in the type of a conversion (cv) twice: those in
 * each other take 2^n times as long. */
static bool
is_quick(const char *s)
{
	const char *p = strstr(s, "cv");
	int n = 0;

	for (; p != NULL && n <= MAXTWICE; p = strstr(p + 1, "_I"))
		n += *p == '_' && ends_parameter(s, p);
	return n <= MAXTWICE;
}

/* --- languages */

/* False if the name has become too long. */
static bool
take(struct demangle *d, const char *p, size_t n)
{
	if (n > MAXNAME - d->n)
		return false;
	if (n > 0)
		memcpy(d->name + d->n, p, n);
	d->n += n;
	return true;
}

/* A name of C++ can expand to gigabytes. Its demangler keeps nothing on the heap, and can be
 * stopped in no other way. */
static void
take_cplus(const char *p, size_t n, void *d)
{
	if (!take(d, p, n))
		longjmp(((struct demangle *)d)->stop, 1);
}

/* The demangler of Rust reads while it writes, and frees what it has on the heap when it meets a
 * broken name. What it still writes then is a number of lifetimes, which may be any. */
static void
take_rust(const char *p, size_t n, void *arg)
{
	struct demangle *d = arg;

	if (!d->broken && take(d, p, n))
		return;
	if (d->broken && (d->n += n) > (size_t)2 * MAXNAME)
		longjmp(d->stop, 1);
	memset(d->mangled, 0, sizeof d->mangled);
	d->broken = true;
}

static bool
is_cplus(struct demangle *d)
{
	d->n = 0;
	return is_quick(d->mangled) && setjmp(d->stop) == 0 &&
	       cplus_demangle_v3_callback(d->mangled, d->options, take_cplus, d) != 0;
}

static bool
is_rust(struct demangle *d)
{
	d->n = 0;
	return setjmp(d->stop) == 0 && rust_demangle_callback(d->mangled, 0, take_rust, d) != 0 &&
	       !d->broken;
}

static bool
is_d(struct demangle *d, size_t n)
{
	char *name = NULL;

	bool fits;

	d->n = 0;
	if (is_bounded(d->mangled, n))
		name = dlang_demangle(d->mangled, d->options);
	fits = name != NULL && take(d, name, strlen(name));
	free(name);
	return fits;
}

/* Cut the arguments off a name of D, which has them always; those of a template follow a !. */
static void
cut_args(struct demangle *d)
{
	size_t n = d->n, depth = 0;

	do {
		n--;
		depth += d->name[n] == ')';
		depth -= d->name[n] == '(';
	} while (n > 0 && depth > 0);
	if (n > 0 && d->name[n] == '(' && d->name[n - 1] != '!')
		d->n = n;
}

static bool
demangled(struct demangle *d, size_t n)
{
	const char *s = d->mangled;

	d->broken = false;
	if (s[1] == 'R')
		return is_rust(d);
	if (s[1] == 'Z')
		return is_rust(d) || (!d->broken && is_cplus(d));
	if (s[1] == 'G')
		return is_cplus(d);
	if (!is_d(d, n))
		return false;
	if ((d->options & DMGL_PARAMS) == 0)
		cut_args(d);
	return true;
}

static bool
is_mangled(struct str s)
{
	return s.n >= 3 && s.n <= MAXMANGLED && s.p[0] == '_' &&
	       (s.p[1] == 'Z' || s.p[1] == 'R' || s.p[1] == 'D' || s.p[1] == 'G');
}

struct str
demangle_name(struct demangle *d, struct str s)
{
	size_t prefix = str_starts(s, LINKER) ? strlen(LINKER) : 0;
	struct str mangled = { s.p + prefix, s.n - prefix }, name;
	struct cache_key key = { .s = s };

	if (d->off || !is_mangled(mangled))
		return s;
	if (!cache_get(d->names, &key, &name)) {
		*str_put(d->mangled, mangled) = '\0';
		name = (struct str){ d->name, 0 };
		if (demangled(d, mangled.n)) {
			memmove(d->name + prefix, d->name, d->n);
			memcpy(d->name, LINKER, prefix);
			name.n = prefix + d->n;
		}
		cache_put(d->names, &key, name);
	}
	return name.n > 0 ? name : s;
}
