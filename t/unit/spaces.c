/* SPDX-License-Identifier: MIT */
/* Address spaces over time: overlaps, forks, execs, exits, pids that are reused. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/spaces.h"
#include "tap.h"

static struct spaces *
feed(struct spaces *s, const char *text)
{
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;
	int fd = memfd_create("records", 0);

	if (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		puts("Bail out! no memory file");
	input_open_fd(&in, "records", fd);
	while (rec_next(&rec, &r))
		spaces_add(s, &r);
	if (fault_is(&rec.fault))
		printf("Bail out! %s\n", rec.fault.text);
	input_close(&in);
	return s;
}

/* The space must have want at an address: "path+offset", "-" for nothing. */
static void
check_space(
    struct tap *t, const struct space *space, uint64_t addr, const char *want, const char *what)
{
	const struct space_map *m = space_find(space, addr);
	char got[256] = "-";

	if (m != NULL)
		snprintf(got, sizeof got, "%.*s+%llx", (int)m->file->path.n, m->file->path.p,
		    (unsigned long long)(addr - m->addr + m->off));
	tap_ok(t, strcmp(got, want) == 0, what);
	if (strcmp(got, want) != 0)
		printf("# at %llx: %s, wanted %s\n", (unsigned long long)addr, got, want);
}

static void
check(
    struct tap *t, struct spaces *s, int32_t pid, uint64_t addr, const char *want, const char *what)
{
	struct spaces_process p = spaces_process(s, STR("host"), pid);

	check_space(t, &p.space, addr, want, what);
}

/* The same for what was mapped before an exec that is not over. */
static void
check_before(
    struct tap *t, struct spaces *s, int32_t pid, uint64_t addr, const char *want, const char *what)
{
	struct spaces_process p = spaces_process(s, STR("host"), pid);

	check_space(t, &p.before, addr, want, what);
}

#define MAP(pid, addr, len, off, path)                                                             \
	"map\t1\thost\t0\t" pid "\t" pid "\tu\t" addr "\t" len "\t" off "\tr-xp\t-\t" path "\n"
#define DATA(pid, addr, len)                                                                       \
	"map\t1\thost\t0\t" pid "\t" pid "\tu\t" addr "\t" len "\t0\trw-p\t-\t/data\n"
#define FORK(pid, child, tid, how)                                                                 \
	"fork\t1\thost\t0\t" pid "\t" pid "\t" child "\t" tid "\t" how "\n"
#define EXEC(pid) "comm\t1\thost\t0\t" pid "\t" pid "\texec\tname\n"
#define EXIT(pid, tid) "exit\t1\thost\t0\t" pid "\t" tid "\n"

static void
overlaps(struct tap *t)
{
	struct spaces *s = feed(spaces_new(),
	    MAP("1", "1000", "5000", "100", "/a") MAP("1", "3000", "1000", "0", "/b"));

	check(t, s, 1, 0xfff, "-", "nothing before the first map");
	check(t, s, 1, 0x1000, "/a+100", "a map begins at its address");
	check(t, s, 1, 0x2fff, "/a+20ff", "what a new map leaves before it");
	check(t, s, 1, 0x3000, "/b+0", "the new map");
	check(t, s, 1, 0x3fff, "/b+fff", "the new map's last byte");
	check(t, s, 1, 0x4000, "/a+3100", "what a new map leaves after it, at its old offset");
	check(t, s, 1, 0x5fff, "/a+50ff", "the last byte");
	check(t, s, 1, 0x6000, "-", "nothing after the last map");
	feed(s, MAP("1", "2000", "3000", "0", "/c"));
	check(t, s, 1, 0x1fff, "/a+10ff", "a map over three: before");
	check(t, s, 1, 0x3800, "/c+1800", "a map over three");
	check(t, s, 1, 0x5000, "/a+4100", "a map over three: after it");
	feed(s, DATA("1", "2000", "1000"));
	check(t, s, 1, 0x2800, "-", "data replaces code, and is none");
	check(t, s, 1, 0x3000, "/c+1000", "code after the data stays");
	feed(s,
	    MAP("1", "fffffffffffff000", "ffffffff", "0", "/top") MAP("1", "8000", "0", "0", "/0"));
	check(t, s, 1, 0xfffffffffffff800, "/top+800", "a map that would wrap ends at the top");
	check(t, s, 1, 0x8000, "-", "a map without length is none");
	feed(s, MAP("1", "0", "ffffffffffffffff", "0", "/all"));
	check(t, s, 1, 0x3000, "/all+3000", "a map over all of them");
	spaces_free(s);
}

static void
forks(struct tap *t)
{
	struct spaces *s =
	    feed(spaces_new(), MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-"));

	check(t, s, 2, 0x1000, "/a+0", "fork copies the maps");
	feed(s, MAP("2", "1000", "1000", "0", "/b"));
	check(t, s, 2, 0x1000, "/b+0", "the child's change is the child's");
	check(t, s, 1, 0x1000, "/a+0", "and not the parent's");
	feed(s, FORK("1", "3", "3", "-") MAP("1", "1000", "1000", "0", "/c"));
	check(t, s, 3, 0x1000, "/a+0", "nor is the parent's change the child's");
	feed(s, EXEC("3"));
	check(t, s, 3, 0x1000, "-", "exec forgets the maps");
	check(t, s, 1, 0x1000, "/c+0", "of that process only");
	feed(s, FORK("1", "4", "4", "nocopy"));
	check(t, s, 4, 0x1000, "-", "a fork that is reported later copies nothing");
	feed(s, FORK("1", "1", "5", "thread") EXIT("1", "1"));
	check(t, s, 1, 0x1000, "/c+0", "a process lives as long as a thread of it");
	feed(s, MAP("1", "9000", "1000", "0", "/late"));
	check(t, s, 1, 0x9000, "/late+0", "and can still map");
	spaces_free(s);
}

static void
execs(struct tap *t)
{
	struct spaces *s = feed(spaces_new(),
	    MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-") FORK("1", "3", "3", "-"));
	uint64_t last = spaces_process(s, STR("host"), 2).generation, now;

	check_before(t, s, 2, 0x1000, "-", "no exec, nothing before it");
	feed(s, EXEC("2"));
	now = spaces_process(s, STR("host"), 2).generation;
	check(t, s, 2, 0x1000, "-", "exec begins: nothing is mapped");
	check_before(t, s, 2, 0x1000, "/a+0", "but before it");
	check_before(t, s, 3, 0x1000, "-", "of that process only");
	tap_ok(t, now > last, "which is another generation");
	feed(s, MAP("2", "5000", "1000", "0", "/b") MAP("2", "9000", "1000", "0", "[vdso]"));
	check(t, s, 2, 0x5000, "/b+0", "the kernel maps the new program");
	check_before(t, s, 2, 0x1000, "/a+0", "until its last map, the old one counts");
	feed(s, DATA("2", "b000", "1000"));
	check_before(t, s, 2, 0x1000, "/a+0", "data after it changes nothing");
	last = spaces_process(s, STR("host"), 2).generation;
	feed(s, MAP("2", "7000", "1000", "0", "/c"));
	now = spaces_process(s, STR("host"), 2).generation;
	check_before(t, s, 2, 0x1000, "-", "the first map of the new program ends the exec");
	tap_ok(t, now > last, "with another generation");
	feed(s, EXEC("2") EXEC("2"));
	check_before(
	    t, s, 2, 0x5000, "-", "an exec of a program without maps has nothing before it");
	feed(s, EXEC("3") FORK("1", "3", "3", "-"));
	check_before(t, s, 3, 0x1000, "-", "nor has a new process with an old pid");
	spaces_free(s);
}

static void
exits(struct tap *t)
{
	struct spaces *s = feed(spaces_new(), MAP("7", "1000", "1000", "0", "/a") EXIT("7", "7"));
	char line[128];
	int i;

	check(t, s, 7, 0x1000, "/a+0", "the last events may follow the exit");
	feed(s, FORK("6", "7", "7", "-"));
	check(t, s, 7, 0x1000, "-", "a pid that is reused starts anew");
	feed(s, MAP("7", "1000", "1000", "0", "/b") EXIT("7", "7"));
	for (i = 1000; i < 2000; i++) {
		snprintf(line, sizeof line,
		    "map\t1\thost\t0\t%d\t%d\tu\t1000\t1000\t0\tr-xp\t-\t/"
		    "x\nexit\t1\thost\t0\t%d\t%d\n",
		    i, i, i, i);
		feed(s, line);
	}
	check(t, s, 7, 0x1000, "-", "the dead are forgotten in the end");
	check(t, s, 1999, 0x1000, "/x+0", "the latest of them last");
	check(t, s, -1, 0x1000, "-", "an unknown process has nothing");
	spaces_free(s);
}

static void
generations(struct tap *t)
{
	struct spaces *s =
	    feed(spaces_new(), MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-"));
	uint64_t one = spaces_process(s, STR("host"), 1).generation, two;

	tap_ok(
	    t, one == spaces_process(s, STR("host"), 2).generation, "equal maps, equal generation");
	feed(s, MAP("2", "5000", "1000", "0", "/b"));
	two = spaces_process(s, STR("host"), 2).generation;
	tap_ok(t, one == spaces_process(s, STR("host"), 1).generation && one < two,
	    "a change gives a new one");
	tap_ok(t, spaces_process(s, STR("other"), 1).generation == 0, "a pid is one machine's");
	spaces_free(s);
}

static void
kernels(struct tap *t)
{
	struct spaces *s = feed(spaces_new(),
	    "map\t0\thost\t-\t-\t-\tk\tffffffff81000000\t1000000\tffffffff81000000\t-\tabcd\t["
	    "kernel.kallsyms]_text\n"
	    "map\t0\thost\t-\t-\t-\tk\tffffffffc0000000\t1000\t0\t-\t-\t[ext4]\n"
	    "ksym\t0\thost\t-\t-\t-\tadd\tffffffffc1000000\t100\tbpf_prog_1\n"
	    "ksym\t0\thost\t-\t-\t-\tadd\tffffffffc1001000\t100\tbpf_prog_2\n"
	    "ksym\t0\thost\t-\t-\t-\tremove\tffffffffc1000000\t100\tbpf_prog_1\n");
	const struct spaces_machine *m = spaces_machine(s, STR("host"));

	tap_ok(t,
	    m->symbol != NULL && strcmp(m->symbol, "_text") == 0 &&
		m->symbol_at == 0xffffffff81000000 && strcmp(m->build, "abcd") == 0,
	    "the kernel's own map says where its text was");
	tap_ok(t, space_find(&m->kernel, 0xffffffffc0000fff) != NULL, "a module is mapped");
	tap_ok(t,
	    space_find(&m->ksyms, 0xffffffffc1000010) == NULL &&
		space_find(&m->ksyms, 0xffffffffc1001010) != NULL,
	    "code comes and goes");
	spaces_free(s);
}

enum { SPACES = 8, TOP = 64, ROUNDS = 20000 };

/* A space as an array: what each address has, 0 for nothing, else a file's number and offset. */
struct model {
	unsigned at[TOP];
};

static bool
is_same(const struct space *s, const struct model *m)
{
	const struct space_map *map;
	char want[16];
	uint64_t addr;

	for (addr = 0; addr < TOP; addr++) {
		map = space_find(s, addr);
		if ((map == NULL) != (m->at[addr] == 0))
			return false;
		if (map == NULL)
			continue;
		snprintf(want, sizeof want, "%u", m->at[addr] / TOP);
		if (!str_eq(map->file->path, str_of(want)) ||
		    addr - map->addr + map->off != m->at[addr] % TOP)
			return false;
	}
	return true;
}

/* Put, cut or share at random, here and in the model. */
static void
change(struct space *space, struct model *model, uint64_t *generation, unsigned file)
{
	int i = rand() % SPACES, from = rand() % SPACES, at;
	uint64_t addr = (uint64_t)rand() % TOP, end = addr + (uint64_t)rand() % (TOP - addr) + 1;
	struct space_map map = { addr, end, 0, NULL };
	char path[16];

	snprintf(path, sizeof path, "%u", file);
	if (rand() % 8 == 0 && i != from) {
		space_clear(&space[i]);
		space[i] = space_share(&space[from]);
		model[i] = model[from];
		return;
	}
	if (rand() % 4 == 0) {
		space_cut(&space[i], generation, addr, end);
		file = 0;
	} else {
		space_put(&space[i], generation, &map, str_of(path), STR_NONE);
	}
	for (at = (int)addr; at < (int)end; at++)
		model[i].at[at] = file == 0 ? 0 : file * TOP + (unsigned)at - (unsigned)addr;
}

static void
against_model(struct tap *t)
{
	struct space space[SPACES] = { 0 };
	struct model model[SPACES] = { 0 };
	uint64_t generation = 0;
	bool good = true;
	int i, j;

	for (i = 0; i < ROUNDS && good; i++) {
		change(space, model, &generation, (unsigned)i % 1000 + 1);
		for (j = 0; j < SPACES; j++)
			good = good && is_same(&space[j], &model[j]);
	}
	tap_ok(t, good, "spaces that were shared and changed at random are as arrays would be");
	for (j = 0; j < SPACES; j++)
		space_clear(&space[j]);
}

/* A tree that is not balanced would take minutes. */
static void
in_order(struct tap *t)
{
	struct space s = { 0 };
	struct space_map map;
	uint64_t generation = 0, i, found = 0;
	const struct space_map *m;

	for (i = 0; i < 200000; i++) {
		map = (struct space_map){ 10 * i, 10 * i + 5, 0, NULL };
		space_put(&s, &generation, &map, STR("/a"), STR_NONE);
	}
	for (m = space_next(&s, 0); m != NULL; m = space_next(&s, m->end))
		found++;
	tap_ok(t, found == 200000, "many maps in the order of their addresses");
	space_clear(&s);
}

int
main(void)
{
	struct tap t = { 0 };

	overlaps(&t);
	forks(&t);
	execs(&t);
	exits(&t);
	generations(&t);
	kernels(&t);
	against_model(&t);
	in_order(&t);
	return tap_end(&t);
}
