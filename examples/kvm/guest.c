/* SPDX-License-Identifier: MIT */
/*
 * guest - a virtual machine of a few functions, to be profiled from its host
 *
 * usage: guest SECONDS KERNEL VCPUS ROUNDS [KALLSYMS]
 *
 * Its kernel, mapped at the address KERNEL (in hexadecimal), has one system call: it writes bytes
 * to a port, each of which leaves the guest, or if there are none halts until the host wakes it up.
 * Its program, mapped at USER, counts primes and hashes, ROUNDS times, writes its sum, and sleeps;
 * with 0 ROUNDS it only writes. Each vCPU is a thread named as QEMU names its own. KALLSYMS is a
 * file for the symbols of the kernel. If KERNEL is "-" the program runs on the host, without a
 * guest. For x86-64 machines with /dev/kvm.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Where things are: guest-physical addresses, from which the kernel's map starts, and the
 * program's. After the kernel's code each vCPU has pages of its own. */
enum { TABLES = 0x1000, CODE = 0x10000, VCPUS = 0x14000, PROGRAM = 0x80000, MEMORY = 0x100000 };
enum { PAGE = 0x1000, STACK = 2 * PAGE, VCPU = 3 * PAGE, MAX_VCPUS = 8 };
enum { CONSOLE = 0x3f8, FAULT = 0x3fa, PRESENT = 3, TO_USER = 4, SLEEP_US = 4000, LIMIT = 4000 };
#define USER UINT64_C(0x400000)

/* --- what runs in the guest: no data, no calls of anything else */

#define IN_GUEST noinline, used, target("general-regs-only")
#define GUEST_USER __attribute__((section("guest_user"), IN_GUEST))
#define GUEST_KERNEL __attribute__((section("guest_kernel"), IN_GUEST))

struct work {
	uint32_t rounds, limit, n, primes, sum;
	uint8_t bytes[64];
};

GUEST_USER static void
count_primes(struct work *w)
{
	uint32_t i, k;

	for (i = 2; i < w->limit; i++) {
		for (k = 2; k * k <= i && i % k != 0; k++)
			;
		w->primes += k * k > i;
	}
}

GUEST_USER static void
hash_bytes(struct work *w)
{
	uint32_t i, k;

	for (k = 0; k < w->n; k++)
		for (i = 0; i < sizeof w->bytes; i++)
			w->sum = (w->sum ^ w->bytes[i]) * 16777619;
}

GUEST_USER static void
call_system(const void *p, uint64_t n)
{
	__asm__ volatile("int3" : : "D"(p), "S"(n) : "memory");
}

GUEST_USER static void
run_program(struct work *w)
{
	uint32_t i;

	for (;;) {
		for (i = 0; i < w->rounds; i++) {
			count_primes(w);
			hash_bytes(w);
		}
		call_system(&w->sum, sizeof w->sum);
		if (w->rounds > 0)
			call_system(NULL, 0);
	}
}

GUEST_KERNEL static void
put_char(uint8_t c)
{
	__asm__ volatile("outb %0, %1" : : "a"(c), "d"((uint16_t)CONSOLE));
}

GUEST_KERNEL static void
write_console(const uint8_t *p, uint64_t n)
{
	while (n-- > 0)
		put_char(*p++);
}

GUEST_KERNEL static void
wait_for_host(void)
{
	__asm__ volatile("hlt");
}

GUEST_KERNEL static void
system_call(const uint8_t *p, uint64_t n)
{
	if (n == 0)
		wait_for_host();
	else
		write_console(p, n);
}

extern const char enter_system_call[], enter_fault[]; /* code */
__asm__(".pushsection guest_kernel, \"ax\"\n"
	".globl enter_system_call, enter_fault\n"
	".type enter_system_call, @function\n"
	"enter_system_call:\n"
	"	push %rax\n	push %rcx\n	push %rdx\n	push %rsi\n	push %rdi\n"
	"	push %r8\n	push %r9\n	push %r10\n	push %r11\n"
	"	cld\n"
	"	call system_call\n"
	"	pop %r11\n	pop %r10\n	pop %r9\n	pop %r8\n"
	"	pop %rdi\n	pop %rsi\n	pop %rdx\n	pop %rcx\n	pop %rax\n"
	"	iretq\n"
	".type enter_fault, @function\n"
	"enter_fault:\n"
	"	mov $0x3fa, %dx\n	out %al, %dx\n"
	"1:	hlt\n	jmp 1b\n"
	".popsection\n");

extern const char __start_guest_kernel[], __stop_guest_kernel[];
extern const char __start_guest_user[], __stop_guest_user[];

/* --- its memory */

struct guest {
	int vm, vcpu_size;
	uint8_t *memory;
	uint64_t kernel, next_table;
	struct kvm_cpuid2 *cpuid;
};

static void
map(struct guest *g, uint64_t at, uint64_t physical, int user)
{
	uint64_t table = TABLES, *entry;
	int level;

	for (level = 4; level > 1; level--) {
		entry = (uint64_t *)(g->memory + table) + (at >> (12 + 9 * (level - 1)) & 511);
		if (*entry == 0) {
			*entry = g->next_table | PRESENT;
			g->next_table += PAGE;
		}
		*entry |= (uint64_t)user;
		table = *entry & ~UINT64_C(0xfff);
	}
	((uint64_t *)(g->memory + table))[at >> 12 & 511] = physical | PRESENT | (uint64_t)user;
}

/* Where a function of the guest's kernel is, for the guest. */
static uint64_t
kernel_address(const struct guest *g, const char *code)
{
	return g->kernel + PAGE + (uint64_t)(code - __start_guest_kernel);
}

static void
fill_memory(struct guest *g, int vcpus, uint32_t rounds)
{
	struct work *w;
	int i;

	memcpy(g->memory + CODE, __start_guest_kernel,
	    (size_t)(__stop_guest_kernel - __start_guest_kernel));
	memcpy(g->memory + PROGRAM, __start_guest_user,
	    (size_t)(__stop_guest_user - __start_guest_user));
	g->next_table = TABLES + PAGE;
	for (i = 0; i < PROGRAM - CODE; i += PAGE)
		map(g, g->kernel + PAGE + (uint64_t)i, (uint64_t)(CODE + i), 0);
	map(g, USER, PROGRAM, TO_USER);
	for (i = 0; i < vcpus; i++) {
		map(g, USER + (uint64_t)(i + 1) * PAGE, (uint64_t)(PROGRAM + (i + 1) * PAGE),
		    TO_USER);
		w = (struct work *)(g->memory + PROGRAM + (i + 1) * PAGE);
		*w = (struct work){ .rounds = rounds, .limit = LIMIT, .n = LIMIT };
	}
}

/* --- a vCPU */

struct vcpu {
	struct guest *guest;
	int number, fd;
	struct kvm_run *run;
	uint64_t exits; /* read without a lock, when nobody minds */
};

/* Its tables and stack: a page for the IDT, one for the GDT and the TSS, one for the stack. */
static uint64_t
fill_tables(const struct guest *g, int number)
{
	uint64_t physical = VCPUS + (uint64_t)number * VCPU;
	uint64_t at = g->kernel + PAGE + physical - CODE, tss = at + PAGE + 0x100, to, stack;
	uint64_t *idt = (uint64_t *)(g->memory + physical), *gdt = idt + PAGE / sizeof *idt;
	int i;

	for (i = 0; i < 32; i++) {
		to = kernel_address(g, i == 3 ? enter_system_call : enter_fault);
		idt[2 * i] = (to & 0xffff) | UINT64_C(0x10) << 16 | UINT64_C(0xee) << 40 |
			     (to >> 16 & 0xffff) << 48;
		idt[2 * i + 1] = to >> 32;
	}
	gdt[2] = UINT64_C(0x00af9b000000ffff);
	gdt[3] = UINT64_C(0x00cf93000000ffff);
	gdt[5] = UINT64_C(0x00cff3000000ffff);
	gdt[6] = UINT64_C(0x00affb000000ffff);
	gdt[8] = 0x67 | (tss & 0xffffff) << 16 | UINT64_C(0x8b) << 40 | (tss >> 24 & 0xff) << 56;
	gdt[9] = tss >> 32;
	stack = at + VCPU - 64;
	memcpy((uint8_t *)gdt + 0x100 + 4, &stack, sizeof stack);
	return at;
}

static void
set_segment(struct kvm_segment *s, uint16_t selector, uint8_t type, bool code)
{
	*s = (struct kvm_segment){ .selector = selector,
		.limit = 0xffffffff,
		.type = type,
		.present = 1,
		.s = 1,
		.l = code,
		.db = !code,
		.g = 1,
		.dpl = 3 };
}

static void
set_registers(struct vcpu *v)
{
	struct guest *g = v->guest;
	uint64_t tables = fill_tables(g, v->number), data = USER + (uint64_t)(v->number + 1) * PAGE;
	struct kvm_sregs s;
	struct kvm_regs r = { .rip = USER + (uint64_t)((const char *)(uintptr_t)run_program -
						       __start_guest_user),
		.rdi = data,
		.rsp = data + PAGE - 8,
		.rflags = 0x202 };

	if (ioctl(v->fd, KVM_SET_CPUID2, g->cpuid) < 0 || ioctl(v->fd, KVM_GET_SREGS, &s) < 0)
		err(1, "KVM_GET_SREGS");
	s.cr0 = 0x80050033;
	s.cr3 = TABLES;
	s.cr4 = 1 << 5 | 1 << 9 | 1 << 10;
	s.efer = 0xd01;
	set_segment(&s.cs, 0x33, 0xb, true);
	set_segment(&s.ds, 0x2b, 3, false);
	s.es = s.fs = s.gs = s.ss = s.ds;
	s.ldt = (struct kvm_segment){ .unusable = 1 };
	s.tr = (struct kvm_segment){ .selector = 0x40,
		.type = 11,
		.present = 1,
		.base = tables + PAGE + 0x100,
		.limit = 0x67 };
	s.idt = (struct kvm_dtable){ .base = tables, .limit = 511 };
	s.gdt = (struct kvm_dtable){ .base = tables + PAGE, .limit = 79 };
	if (ioctl(v->fd, KVM_SET_SREGS, &s) < 0 || ioctl(v->fd, KVM_SET_REGS, &r) < 0)
		err(1, "KVM_SET_SREGS");
}

static void *
run_vcpu(void *arg)
{
	struct vcpu *v = arg;
	char name[16];

	snprintf(name, sizeof name, "CPU %d/KVM", v->number);
	pthread_setname_np(pthread_self(), name);
	for (;; v->exits++) {
		if (ioctl(v->fd, KVM_RUN, 0) < 0 && errno != EINTR)
			err(1, "KVM_RUN");
		if (v->run->exit_reason == KVM_EXIT_HLT)
			usleep(SLEEP_US);
		else if ((v->run->exit_reason != KVM_EXIT_IO || v->run->io.port != CONSOLE) &&
			 v->run->exit_reason != KVM_EXIT_INTR)
			errx(1, "vCPU %d stopped: exit reason %u", v->number, v->run->exit_reason);
	}
}

static void
start_vcpu(struct guest *g, struct vcpu *v, int number)
{
	pthread_t thread;

	*v = (struct vcpu){
		.guest = g, .number = number, .fd = ioctl(g->vm, KVM_CREATE_VCPU, number)
	};
	if (v->fd < 0)
		err(1, "KVM_CREATE_VCPU");
	v->run = mmap(NULL, (size_t)g->vcpu_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		err(1, "mmap");
	set_registers(v);
	if (pthread_create(&thread, NULL, run_vcpu, v) != 0)
		errx(1, "pthread_create");
}

static void
create(struct guest *g, uint64_t kernel)
{
	enum { ENTRIES = 100 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct kvm_userspace_memory_region region = { .memory_size = MEMORY };

	if (kvm < 0 || (g->vm = ioctl(kvm, KVM_CREATE_VM, 0)) < 0)
		err(1, "/dev/kvm");
	g->kernel = kernel;
	g->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (uintptr_t)g->memory;
	g->cpuid = calloc(1, sizeof *g->cpuid + ENTRIES * sizeof(struct kvm_cpuid_entry2));
	if (g->memory == MAP_FAILED || g->cpuid == NULL)
		err(1, NULL);
	g->cpuid->nent = ENTRIES;
	g->vcpu_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (ioctl(g->vm, KVM_SET_TSS_ADDR, 0xfffbd000UL) < 0 ||
	    ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ||
	    ioctl(kvm, KVM_GET_SUPPORTED_CPUID, g->cpuid) < 0)
		err(1, "KVM_CREATE_VM");
}

/* --- its symbols */

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
write_symbols(const struct guest *g, const char *path)
{
	const struct {
		const char *at, *name;
	} symbol[] = { { __start_guest_kernel, "_stext" }, { __stop_guest_kernel, "_etext" },
		{ (const char *)(uintptr_t)put_char, "put_char" },
		{ (const char *)(uintptr_t)write_console, "write_console" },
		{ (const char *)(uintptr_t)wait_for_host, "wait_for_host" },
		{ (const char *)(uintptr_t)system_call, "system_call" },
		{ enter_system_call, "enter_system_call" }, { enter_fault, "enter_fault" } };
	enum { N = sizeof symbol / sizeof *symbol, LINE = 64 };
	char line[N][LINE];
	FILE *file = fopen(path, "w");
	size_t i;

	if (file == NULL)
		err(1, "%s", path);
	for (i = 0; i < N; i++)
		snprintf(line[i], LINE, "%016llx T %s\n",
		    (unsigned long long)kernel_address(g, symbol[i].at), symbol[i].name);
	qsort(line, N, LINE, compare);
	fprintf(file, "%016llx T _text\n", (unsigned long long)g->kernel);
	for (i = 0; i < N; i++)
		fputs(line[i], file);
	if (fclose(file) != 0)
		err(1, "%s", path);
}

/* --- the same program on the host */

static void
serve(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)signal, (void)info;
	if (c->uc_mcontext.gregs[REG_RSI] == 0)
		usleep(SLEEP_US);
}

static void *
run_on_host(void *arg)
{
	pthread_setname_np(pthread_self(), "on host");
	run_program(arg);
	return NULL;
}

static void
start_on_host(uint32_t rounds)
{
	static struct work w;
	struct sigaction act = { .sa_sigaction = serve, .sa_flags = SA_SIGINFO };
	pthread_t thread;

	w = (struct work){ .rounds = rounds, .limit = LIMIT, .n = LIMIT };
	if (sigaction(SIGTRAP, &act, NULL) != 0 ||
	    pthread_create(&thread, NULL, run_on_host, &w) != 0)
		err(1, NULL);
}

int
main(int argc, char *argv[])
{
	struct vcpu vcpu[MAX_VCPUS];
	struct guest guest;
	int i, vcpus;

	if (argc < 5)
		errx(2, "usage: guest SECONDS KERNEL VCPUS ROUNDS [KALLSYMS]");
	vcpus = strcmp(argv[2], "-") == 0 ? 0 : atoi(argv[3]);
	if (vcpus < 0 || vcpus > MAX_VCPUS)
		errx(2, "at most %d vCPUs", MAX_VCPUS);
	if (vcpus == 0)
		start_on_host((uint32_t)atoi(argv[4]));
	else
		create(&guest, strtoull(argv[2], NULL, 16));
	if (vcpus > 0)
		fill_memory(&guest, vcpus, (uint32_t)atoi(argv[4]));
	if (vcpus > 0 && argc > 5)
		write_symbols(&guest, argv[5]);
	for (i = 0; i < vcpus; i++)
		start_vcpu(&guest, &vcpu[i], i);
	usleep((useconds_t)(atof(argv[1]) * 1e6));
	for (i = 0; i < vcpus; i++)
		printf("vCPU %d: %llu exits\n", i, (unsigned long long)vcpu[i].exits);
	return 0;
}
