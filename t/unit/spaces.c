/* SPDX-License-Identifier: MIT */
/* Address spaces over time: overlaps, forks, execs, exits, pids that come again. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/spaces.h"

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

/* Is what the space of a process has at the address what is wanted: "path+offset", "-" for nothing?
 */
static void
check_space(
    const struct space *space, int32_t pid, uint64_t addr, const char *want, const char *what)
{
	static const char *const ok[] = { "not ok", "ok" };
	const struct space_map *m = space_find(space, addr);
	char got[256] = "-";

	if (m != NULL)
		snprintf(got, sizeof got, "%.*s+%llx", (int)m->file->path.n, m->file->path.p,
		    (unsigned long long)(addr - m->addr + m->off));
	printf("%s - %s", ok[strcmp(got, want) == 0], what);
	if (strcmp(got, want) != 0)
		printf("\n# pid %d, %llx: %s, wanted %s", pid, (unsigned long long)addr, got, want);
	putchar('\n');
}

static void
check(struct spaces *s, int32_t pid, uint64_t addr, const char *want, const char *what)
{
	struct spaces_process p = spaces_process(s, STR("host"), pid);

	check_space(&p.space, pid, addr, want, what);
}

/* The same for what was there before an exec that is not over. */
static void
check_before(struct spaces *s, int32_t pid, uint64_t addr, const char *want, const char *what)
{
	struct spaces_process p = spaces_process(s, STR("host"), pid);

	check_space(&p.before, pid, addr, want, what);
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
overlaps(void)
{
	struct spaces *s = feed(spaces_new(),
	    MAP("1", "1000", "5000", "100", "/a") MAP("1", "3000", "1000", "0", "/b"));

	check(s, 1, 0xfff, "-", "nothing before the first map");
	check(s, 1, 0x1000, "/a+100", "a map begins at its address");
	check(s, 1, 0x2fff, "/a+20ff", "what a new map leaves before it");
	check(s, 1, 0x3000, "/b+0", "the new map");
	check(s, 1, 0x3fff, "/b+fff", "the new map's last byte");
	check(s, 1, 0x4000, "/a+3100", "what a new map leaves behind it, at its old offset");
	check(s, 1, 0x5fff, "/a+50ff", "the last byte");
	check(s, 1, 0x6000, "-", "nothing behind the last map");
	feed(s, MAP("1", "2000", "3000", "0", "/c"));
	check(s, 1, 0x1fff, "/a+10ff", "a map over three: before");
	check(s, 1, 0x3800, "/c+1800", "a map over three");
	check(s, 1, 0x5000, "/a+4100", "a map over three: behind");
	feed(s, DATA("1", "2000", "1000"));
	check(s, 1, 0x2800, "-", "data takes the place of code, and is none");
	check(s, 1, 0x3000, "/c+1000", "code behind the data stays");
	feed(s,
	    MAP("1", "fffffffffffff000", "ffffffff", "0", "/top") MAP("1", "8000", "0", "0", "/0"));
	check(s, 1, 0xfffffffffffff800, "/top+800", "a map that would wrap ends at the top");
	check(s, 1, 0x8000, "-", "a map without length is none");
	feed(s, MAP("1", "0", "ffffffffffffffff", "0", "/all"));
	check(s, 1, 0x3000, "/all+3000", "a map over all of them");
	spaces_free(s);
}

static void
forks(void)
{
	struct spaces *s =
	    feed(spaces_new(), MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-"));

	check(s, 2, 0x1000, "/a+0", "fork copies the maps");
	feed(s, MAP("2", "1000", "1000", "0", "/b"));
	check(s, 2, 0x1000, "/b+0", "the child's change is the child's");
	check(s, 1, 0x1000, "/a+0", "and not its parent's");
	feed(s, FORK("1", "3", "3", "-") MAP("1", "1000", "1000", "0", "/c"));
	check(s, 3, 0x1000, "/a+0", "nor is the parent's the child's");
	feed(s, EXEC("3"));
	check(s, 3, 0x1000, "-", "exec forgets the maps");
	check(s, 1, 0x1000, "/c+0", "of that process only");
	feed(s, FORK("1", "4", "4", "nocopy"));
	check(s, 4, 0x1000, "-", "a fork told of later on copies nothing");
	feed(s, FORK("1", "1", "5", "thread") EXIT("1", "1"));
	check(s, 1, 0x1000, "/c+0", "a process lives as long as a thread of it");
	feed(s, MAP("1", "9000", "1000", "0", "/late"));
	check(s, 1, 0x9000, "/late+0", "and can still map");
	spaces_free(s);
}

static void
execs(void)
{
	struct spaces *s = feed(spaces_new(),
	    MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-") FORK("1", "3", "3", "-"));
	uint64_t last = spaces_process(s, STR("host"), 2).generation, now;

	check_before(s, 2, 0x1000, "-", "no exec, nothing before it");
	feed(s, EXEC("2"));
	now = spaces_process(s, STR("host"), 2).generation;
	check(s, 2, 0x1000, "-", "exec begins: nothing is mapped");
	check_before(s, 2, 0x1000, "/a+0", "but before it");
	check_before(s, 3, 0x1000, "-", "of that process only");
	printf("%s - which is another generation\n", now > last ? "ok" : "not ok");
	feed(s, MAP("2", "5000", "1000", "0", "/b") MAP("2", "9000", "1000", "0", "[vdso]"));
	check(s, 2, 0x5000, "/b+0", "the kernel maps the new program");
	check_before(s, 2, 0x1000, "/a+0", "up to its last map the old one counts");
	feed(s, DATA("2", "b000", "1000"));
	check_before(s, 2, 0x1000, "/a+0", "data behind it changes nothing");
	last = spaces_process(s, STR("host"), 2).generation;
	feed(s, MAP("2", "7000", "1000", "0", "/c"));
	now = spaces_process(s, STR("host"), 2).generation;
	check_before(s, 2, 0x1000, "-", "what the new program maps ends the exec");
	printf("%s - with another generation\n", now > last ? "ok" : "not ok");
	feed(s, EXEC("2") EXEC("2"));
	check_before(s, 2, 0x5000, "-", "an exec of a program without maps has nothing before it");
	feed(s, EXEC("3") FORK("1", "3", "3", "-"));
	check_before(s, 3, 0x1000, "-", "nor has a new process with an old pid");
	spaces_free(s);
}

static void
exits(void)
{
	struct spaces *s = feed(spaces_new(), MAP("7", "1000", "1000", "0", "/a") EXIT("7", "7"));
	char line[128];
	int i;

	check(s, 7, 0x1000, "/a+0", "the last events may come behind the exit");
	feed(s, FORK("6", "7", "7", "-"));
	check(s, 7, 0x1000, "-", "a pid that comes again starts anew");
	feed(s, MAP("7", "1000", "1000", "0", "/b") EXIT("7", "7"));
	for (i = 1000; i < 2000; i++) {
		snprintf(line, sizeof line,
		    "map\t1\thost\t0\t%d\t%d\tu\t1000\t1000\t0\tr-xp\t-\t/"
		    "x\nexit\t1\thost\t0\t%d\t%d\n",
		    i, i, i, i);
		feed(s, line);
	}
	check(s, 7, 0x1000, "-", "the dead are forgotten in the end");
	check(s, 1999, 0x1000, "/x+0", "the latest of them last");
	check(s, -1, 0x1000, "-", "an unknown process has nothing");
	spaces_free(s);
}

static void
generations(void)
{
	struct spaces *s =
	    feed(spaces_new(), MAP("1", "1000", "1000", "0", "/a") FORK("1", "2", "2", "-"));
	uint64_t one = spaces_process(s, STR("host"), 1).generation, two;

	printf("%s - equal maps, equal generation\n",
	    one == spaces_process(s, STR("host"), 2).generation ? "ok" : "not ok");
	feed(s, MAP("2", "5000", "1000", "0", "/b"));
	two = spaces_process(s, STR("host"), 2).generation;
	printf("%s - a change gives a new one\n",
	    one == spaces_process(s, STR("host"), 1).generation && one < two ? "ok" : "not ok");
	printf("%s - a pid is one machine's\n",
	    spaces_process(s, STR("other"), 1).generation == 0 ? "ok" : "not ok");
	spaces_free(s);
}

static void
kernels(void)
{
	struct spaces *s = feed(spaces_new(),
	    "map\t0\thost\t-\t-\t-\tk\tffffffff81000000\t1000000\tffffffff81000000\t-\tabcd\t["
	    "kernel.kallsyms]_text\n"
	    "map\t0\thost\t-\t-\t-\tk\tffffffffc0000000\t1000\t0\t-\t-\t[ext4]\n"
	    "ksym\t0\thost\t-\t-\t-\tadd\tffffffffc1000000\t100\tbpf_prog_1\n"
	    "ksym\t0\thost\t-\t-\t-\tadd\tffffffffc1001000\t100\tbpf_prog_2\n"
	    "ksym\t0\thost\t-\t-\t-\tremove\tffffffffc1000000\t100\tbpf_prog_1\n");
	const struct spaces_machine *m = spaces_machine(s, STR("host"));

	printf("%s - the kernel's own map tells where its text was\n",
	    m->symbol != NULL && strcmp(m->symbol, "_text") == 0 &&
		    m->symbol_at == 0xffffffff81000000 && strcmp(m->build, "abcd") == 0
		? "ok"
		: "not ok");
	printf("%s - a module is mapped\n",
	    space_find(&m->kernel, 0xffffffffc0000fff) != NULL ? "ok" : "not ok");
	printf(
	    "%s - code comes and goes\n", space_find(&m->ksyms, 0xffffffffc1000010) == NULL &&
						  space_find(&m->ksyms, 0xffffffffc1001010) != NULL
					      ? "ok"
					      : "not ok");
	spaces_free(s);
}

int
main(void)
{
	overlaps();
	forks();
	execs();
	exits();
	generations();
	kernels();
	puts("1..48");
	return 0;
}
