/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/intern.h"
#include "base/mem.h"
#include "perf/evrec.h"
#include "scriptevent.h"
#include "scriptio.h"
#include "scriptline.h"

enum {
	COMM = 15, /* bytes of the longest name of a task */
	PATTERNS = 4,
	NUMBER_TEXT = 32,
	CLONE_THREAD = 0x10000
};

/*
 * How the fields of an event are printed. In braces, a field's name after its type: d a decimal
 * number, x a hexadecimal one, w a word, s the name of a task, S any text up to the end, R
 * the same as the field's value and then names and values of others; or, after the name, the words
 * for the values 0, 1, ...
 */
static const struct {
	const char *event; /* ends with * if variants follow */
	const char *form[PATTERNS];
} forms[] = {
	{ "sched_switch",
	    { "prev_comm={s prev_comm} prev_pid={d prev_pid} prev_prio={d prev_prio} "
	      "prev_state={w prev_state} ==> next_comm={s next_comm} next_pid={d next_pid} "
	      "next_prio={d next_prio}",
		"{s prev_comm}:{d prev_pid} [{d prev_prio}] {w prev_state} ==> "
		"{s next_comm}:{d next_pid} [{d next_prio}]" } },
	{ "sched_wak*",
	    { "comm={s comm} pid={d pid} prio={d prio} target_cpu={d target_cpu}",
		"{s comm}:{d pid} [{d prio}] CPU:{d target_cpu}",
		"comm={s comm} pid={d pid} prio={d prio} success={d success} "
		"target_cpu={d target_cpu}",
		"{s comm}:{d pid} [{d prio}] success={d success} CPU:{d target_cpu}" } },
	{ "sched_migrate_task", { "comm={s comm} pid={d pid} prio={d prio} orig_cpu={d orig_cpu} "
				  "dest_cpu={d dest_cpu}" } },
	{ "cpu_idle", { "state={d state} cpu_id={d cpu_id}" } },
	{ "cpu_frequency", { "state={d state} cpu_id={d cpu_id}" } },
	{ "irq_handler_entry", { "irq={d irq} name={S name}" } },
	{ "irq_handler_exit", { "irq={d irq} ret={= ret unhandled handled}" } },
	{ "softirq_*", { "vec={d vec} [action={w action}]" } },
	{ "kvm_entry", { "vcpu {d vcpu_id}, rip {R rip}", "vcpu {d vcpu_id}" } },
	{ "kvm_exit", { "vcpu {d vcpu_id} reason {w exit_reason} rip {R guest_rip}",
			  "reason {w exit_reason} rip {R guest_rip}" } },
	{ "kvm_mmio",
	    { "mmio {= type unsatisfied-read read write} len {d len} gpa {x gpa} val {x val}" } },
	{ "kvm_pio",
	    { "pio_{= rw read write} at {x port} size {d size} count {d count} val {R val}" } },
	{ "kvm_msr", { "msr_{= write read write} {x ecx} = {x data}",
			 "msr_{= write read write} {x ecx} = {x data} ({= exception - #GP})" } },
};

struct hole {
	struct str before; /* the text between it and the hole before */
	char type;
	size_t field; /* EVREC_FIELDS: none of the kind's */
	struct str name;
	struct str words; /* each with a blank before it */
};

/* A form, with the fields as their numbers in the kind. */
struct pattern {
	size_t n;
	struct hole hole[EVREC_FIELDS];
	struct str after;
};

struct type {
	struct evrec *evrec;
	struct pattern pattern[PATTERNS];
	size_t n;
	bool is_syscall;
};

struct scripttypes {
	struct intern names; /* of events that have a kind */
	struct type *type;
	size_t cap;
	struct evinfo info;
	char number[NUMBER_TEXT];
};

static bool
is_ident(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* Can it be the key of a pair? */
static bool
is_key(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && is_ident(s.p[i]); i++)
		;
	return s.n > 0 && i == s.n && (*s.p < '0' || *s.p > '9');
}

/* --- patterns */

static struct str
rest_after(const char *p, struct str s)
{
	return (struct str){ p, (size_t)(s.p + s.n - p) };
}

static void
compile(struct pattern *p, const struct evrec *e, const char *form)
{
	const char *open, *close;
	struct hole *h;

	for (; (open = strchr(form, '{')) != NULL; form = close + 1) {
		close = strchr(open, '}');
		h = &p->hole[p->n++];
		h->before = (struct str){ form, (size_t)(open - form) };
		h->type = open[1];
		h->name = (struct str){ open + 3, strcspn(open + 3, " }") };
		h->words =
		    (struct str){ h->name.p + h->name.n, (size_t)(close - h->name.p) - h->name.n };
		h->field = evrec_field(e, h->name);
	}
	p->after = str_of(form);
}

static bool
take(struct str *s, struct str text)
{
	if (s->n < text.n || memcmp(s->p, text.p, text.n) != 0)
		return false;
	s->p += text.n;
	s->n -= text.n;
	return true;
}

static bool
take_decimal(struct str *s, struct str *value)
{
	const char *begin = s->p;
	uint64_t v;

	script_take(s, "-");
	if (!script_number(s, UINT64_MAX, &v))
		return false;
	*value = (struct str){ begin, (size_t)(s->p - begin) };
	return true;
}

/* A word, which ends at a blank or a bracket that closes. */
static bool
take_word(struct str *s, struct str *value)
{
	const char *p = s->p, *end = s->p + s->n;

	while (p<end && * p> ' ' && *p < 0x7f && *p != ']' && *p != '\\')
		p++;
	*value = (struct str){ s->p, (size_t)(p - s->p) };
	*s = rest_after(p, *s);
	return value->n > 0;
}

static bool
take_hex(struct str *s, struct str *value)
{
	const char *p, *end = s->p + s->n;

	script_take(s, "0x");
	for (p = s->p; p < end && text_nibble[(unsigned char)*p] != 0; p++)
		;
	*value = (struct str){ s->p, (size_t)(p - s->p) };
	*s = rest_after(p, *s);
	return value->n > 0 && value->n <= 16;
}

/* One of several words, up to a blank, a parenthesis or the end. */
static bool
take_one_of(struct str *s, struct str words, struct str *value)
{
	static const char *const numbers[] = { "0", "1", "2", "3" };
	const char *end = words.p + words.n, *next;
	struct str rest;
	size_t i;

	for (i = 0; words.p < end && i < sizeof numbers / sizeof *numbers; i++, words.p = next) {
		words.p++;
		next = memchr(words.p, ' ', (size_t)(end - words.p));
		next = next == NULL ? end : next;
		rest = *s;
		if (take(&rest, (struct str){ words.p, (size_t)(next - words.p) }) &&
		    (rest.n == 0 || *rest.p == ' ' || *rest.p == ')')) {
			*s = rest;
			*value = str_of(numbers[i]);
			return true;
		}
	}
	return false;
}

static bool
take_hole(const struct hole *h, struct str *s, struct str *value)
{
	switch (h->type) {
	case 'd':
		return take_decimal(s, value);
	case 'x':
		return take_hex(s, value);
	case 'w':
		return take_word(s, value);
	case '=':
		return take_one_of(s, h->words, value);
	default: /* S, R */
		*value = *s;
		*s = (struct str){ s->p + s->n, 0 };
		return value->n > 0;
	}
}

/* Match a text from the i-th hole on. value has EVREC_FIELDS + 1 elements, the last one for what is
 * no field of the kind. The name of a task ends at the first place where the rest
 * matches. */
static bool
match(const struct pattern *p, size_t i, struct str s, struct str *value)
{
	const struct hole *h;
	size_t n;

	for (; i < p->n; i++) {
		h = &p->hole[i];
		if (!take(&s, h->before))
			return false;
		if (h->type != 's') {
			if (!take_hole(h, &s, &value[h->field]))
				return false;
			continue;
		}
		for (n = 0; n <= COMM && n <= s.n; n++) {
			value[h->field] = (struct str){ s.p, n };
			if (match(p, i + 1, (struct str){ s.p + n, s.n - n }, value))
				return true;
		}
		return false;
	}
	return str_eq(s, p->after);
}

/* --- system calls */

/* Cut "KEY: VALUE" off a list of arguments. */
static bool
take_argument(struct str *s, struct str *key, struct str *value)
{
	const char *colon = memmem(s->p, s->n, ": ", 2), *end;

	if (colon == NULL)
		return false;
	*key = (struct str){ s->p, (size_t)(colon - s->p) };
	*s = rest_after(colon + 2, *s);
	end = memmem(s->p, s->n, ", ", 2);
	*value = (struct str){ s->p, end == NULL ? s->n : (size_t)(end - s->p) };
	*s = rest_after(s->p + value->n + (end == NULL ? 0 : 2), *s);
	return is_key(*key);
}

static bool
is_hex(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (text_nibble[(unsigned char)s.p[i]] == 0)
			return false;
	return s.n > 0 && s.n <= 16;
}

/* A number of a system call is hexadecimal, with 0x or without. */
static struct str
hex_number(struct scripttypes *t, struct str s)
{
	script_take(&s, "0x");
	if (!is_hex(s))
		return (struct str){ NULL, 0 };
	memcpy(t->number, "0x", 2);
	memcpy(t->number + 2, s.p, s.n);
	return (struct str){ t->number, s.n + 2 };
}

/* All numbers of a system call are hexadecimal. */
static bool
match_syscall(const struct evrec *e, struct str text, struct evrec_text *to)
{
	struct str key, v;
	size_t field;

	to->hex = UINT32_MAX;
	if (evrec_kind(e) == REC_SYSEXIT)
		return take_hex(&text, &to->value[0]) && text.n == 0;
	while (take_argument(&text, &key, &v)) {
		field = evrec_field(e, key);
		if (field != EVREC_FIELDS)
			return take_hex(&v, &to->value[field]) && v.n == 0;
	}
	return true; /* it has no file */
}

/* --- types */

struct scripttypes *
scripttypes_new(void)
{
	return mem_alloc(sizeof(struct scripttypes));
}

void
scripttypes_free(struct scripttypes *t)
{
	size_t i;

	for (i = 0; i < t->names.n; i++)
		evrec_free(t->type[i].evrec);
	intern_free(&t->names);
	evinfo_free(&t->info);
	free(t->type);
	free(t);
}

/* The name of an event without its system. */
static struct str
own_name(struct str name)
{
	const char *colon = memchr(name.p, ':', name.n);

	return colon == NULL ? name : rest_after(colon + 1, name);
}

static void
find_forms(struct type *t, struct str name)
{
	size_t i, j, n;

	t->is_syscall = script_take(&name, "sys_");
	for (i = 0; i < sizeof forms / sizeof *forms; i++) {
		n = strcspn(forms[i].event, "*");
		if (strncmp(name.p, forms[i].event, n) != 0 ||
		    (forms[i].event[n] == '\0' && name.n != n))
			continue;
		for (j = 0; j < PATTERNS && forms[i].form[j] != NULL; j++)
			compile(&t->pattern[t->n++], t->evrec, forms[i].form[j]);
	}
}

/* The type of an event; NULL if it has none. All names of events that have a kind are short. */
static struct type *
type_of(struct scripttypes *t, struct str name)
{
	uint32_t id = intern_find(&t->names, name);
	char copy[SCRIPT_NAME];
	struct evrec *e;

	if (id != INTERN_NONE)
		return &t->type[id];
	if (name.n >= SCRIPT_NAME)
		return NULL;
	memcpy(copy, name.p, name.n);
	copy[name.n] = '\0';
	if ((e = evrec_named(copy)) == NULL)
		return NULL;
	evrec_free(e);
	t->type = mem_grow(t->type, t->names.n, &t->cap, sizeof *t->type);
	id = intern_put(&t->names, name);
	name = intern_str(&t->names, id);
	t->type[id] = (struct type){ .evrec = evrec_named(name.p) };
	find_forms(&t->type[id], own_name(name));
	return &t->type[id];
}

bool
scripttypes_has(struct scripttypes *t, struct str name)
{
	return type_of(t, name) != NULL;
}

/* --- pairs of a tracepoint */

/* The length of "KEY=" at the start; 0 if there is none. */
static size_t
key_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_ident(s.p[n]))
		n++;
	return n > 0 && n < s.n && s.p[n] == '=' && (*s.p < '0' || *s.p > '9') ? n + 1 : 0;
}

static void
put_escaped(struct strbuf *b, struct str s)
{
	b->n += text_escape(strbuf_reserve(b, 4 * s.n), s.p, s.n, " ");
}

static void
put_pair(struct evinfo *v, struct str key, struct str value)
{
	if (v->pairs.n > 0)
		strbuf_putc(&v->pairs, ' ');
	strbuf_add(&v->pairs, key);
	strbuf_putc(&v->pairs, '=');
	put_escaped(&v->pairs, value);
}

/* The end of a value: before a blank that a key follows. */
static size_t
value_length(struct str s)
{
	size_t i = 0;
	const char *blank;

	for (; i < s.n; i++) {
		blank = memchr(s.p + i, ' ', s.n - i);
		if (blank == NULL)
			return s.n;
		i = (size_t)(blank - s.p);
		if (key_length(rest_after(blank + 1, s)) > 0)
			return i;
	}
	return s.n;
}

/* A value without a comma after it, or the unit of a time. */
static struct str
bare(struct str s)
{
	static const struct str unit = STR_INIT(" [ns]");

	s = script_trim(s);
	if (s.n > unit.n && memcmp(s.p + s.n - unit.n, unit.p, unit.n) == 0)
		s.n -= unit.n;
	if (s.n > 1 && s.p[s.n - 1] == ',')
		s.n--;
	return s;
}

/* The value of a field, and then names and values of others, all of them words. */
static void
put_words(struct evinfo *v, struct str name, struct str s)
{
	struct str word;

	for (s = script_skip(s); s.n > 0; s = script_skip(s)) {
		word = (struct str){ s.p, 0 };
		while (word.n < s.n && word.p[word.n] != ' ' && word.p[word.n] != '\t')
			word.n++;
		s = rest_after(word.p + word.n, s);
		if (name.n == 0 && is_key(word)) {
			name = word;
			continue;
		}
		put_pair(v, name.n > 0 ? name : STR("text"), word);
		name.n = 0;
	}
	if (name.n > 0)
		put_pair(v, STR("text"), name);
}

/* Take over what a pattern found. */
static void
set_text(
    struct scripttypes *t, const struct pattern *p, const struct str *value, struct evrec_text *to)
{
	size_t i;

	memcpy(to->value, value, sizeof to->value);
	evinfo_begin(&t->info);
	for (i = 0; i < p->n; i++) {
		if (p->hole[i].type == 'x' && p->hole[i].field < EVREC_FIELDS)
			to->hex |= (uint32_t)1 << p->hole[i].field;
		else if (p->hole[i].type == 'R')
			put_words(&t->info, p->hole[i].name, value[p->hole[i].field]);
	}
	to->info = evinfo_pairs(&t->info);
}

static bool
match_any(struct scripttypes *t, const struct type *type, struct str text, struct evrec_text *to)
{
	struct str value[EVREC_FIELDS + 1];
	size_t i;

	if (type->is_syscall)
		return match_syscall(type->evrec, text, to);
	for (i = 0; i < type->n; i++) {
		memset(value, 0, sizeof value);
		if (match(&type->pattern[i], 0, text, value)) {
			set_text(t, &type->pattern[i], value, to);
			return true;
		}
	}
	return false;
}

/* The address of a probe: "(ADDRESS) ". */
static void
put_probe(struct evinfo *v, struct str *s)
{
	const char *close = memchr(s->p, ')', s->n);
	struct str addr;

	if (s->n < 3 || *s->p != '(' || close == NULL)
		return;
	addr = (struct str){ s->p + 1, (size_t)(close - s->p) - 1 };
	if (!is_hex(addr))
		return;
	put_pair(v, STR("__probe_ip"), addr);
	v->pairs.n -= addr.n;
	strbuf_add(&v->pairs, STR("0x"));
	strbuf_add(&v->pairs, addr);
	*s = script_skip(rest_after(close + 1, *s));
}

static void
put_pairs(struct evinfo *v, struct str s)
{
	size_t key, value;

	put_probe(v, &s);
	if (s.n > 0 && key_length(s) == 0) {
		put_pair(v, STR("text"), s);
		return;
	}
	while ((key = key_length(s)) > 0) {
		value = value_length((struct str){ s.p + key, s.n - key });
		put_pair(v, (struct str){ s.p, key - 1 }, bare((struct str){ s.p + key, value }));
		s = script_skip(rest_after(s.p + key + value, s));
	}
}

/* The arguments of a system call, in hexadecimal. */
static void
put_arguments(struct scripttypes *t, struct str s)
{
	struct str key, value, hex, rest = s;

	if (s.n == 0)
		return;
	if (take_argument(&rest, &key, &value) && key_length(s) == 0) {
		for (rest = s; take_argument(&rest, &key, &value);) {
			hex = hex_number(t, value);
			put_pair(&t->info, key, hex.p == NULL ? value : hex);
		}
	} else if ((hex = hex_number(t, s)).p != NULL) {
		put_pair(&t->info, STR("ret"), hex);
	} else {
		put_pairs(&t->info, s);
	}
}

/* The text of a trace marker, after the name of the function that wrote it. */
static void
put_print(struct evinfo *v, struct str s)
{
	const char *colon = memmem(s.p, s.n, ": ", 2);

	if (colon == NULL) {
		put_pair(v, STR("buf"), s);
		return;
	}
	put_pair(v, STR("ip"), (struct str){ s.p, (size_t)(colon - s.p) });
	put_pair(v, STR("buf"), rest_after(colon + 2, s));
}

/* "FUNCTION <-CALLER" */
static void
put_function(struct evinfo *v, struct str s)
{
	const char *arrow = memmem(s.p, s.n, " <-", 3);
	struct str caller = STR("");

	if (arrow != NULL) {
		caller = rest_after(arrow + 3, s);
		script_take(&caller, "-");
		s.n = (size_t)(arrow - s.p);
	}
	put_pair(v, STR("ip"), s);
	if (caller.n > 0)
		put_pair(v, STR("parent_ip"), script_trim(caller));
}

/* Is it an event of a system call by its name alone, without a system? */
static bool
is_syscall(struct str name)
{
	return script_take(&name, "sys_enter_") || script_take(&name, "sys_exit_");
}

/* Returns the name of the event's system and a colon if that is known by the fields. */
static const char *
put_fields(struct scripttypes *t, const struct scriptevent *e)
{
	const char *system = scriptio_add(&t->info, own_name(e->name), e->text);

	if (system != NULL)
		return system;
	if (str_eq(e->name, STR("ftrace:print")))
		put_print(&t->info, e->text);
	else if (str_eq(e->name, STR("ftrace:function")))
		put_function(&t->info, e->text);
	else if (is_syscall(own_name(e->name)))
		put_arguments(t, e->text);
	else if (scriptevent_stack(e) == SCRIPT_NO_STACK)
		put_pairs(&t->info, e->text);
	return is_syscall(e->name) ? "syscalls:" : "";
}

static void
fill_tracepoint(struct scripttypes *t, const struct scriptevent *e, struct str stack, struct rec *r)
{
	struct strbuf *name = &t->info.text[0];
	const char *system;

	evinfo_begin(&t->info);
	system = put_fields(t, e);
	strbuf_clear(name);
	if (memchr(e->name.p, ':', e->name.n) == NULL)
		strbuf_add(name, str_of(system));
	name->n += text_escape(strbuf_reserve(name, 4 * e->name.n), e->name.p, e->name.n, "");
	r->kind = REC_TRACEPOINT;
	r->tracepoint = (struct rec_tracepoint){ strbuf_str(name), evinfo_pairs(&t->info), stack };
}

bool
scripttypes_fill(struct scripttypes *t, const struct scriptevent *e, struct str context,
    struct str stack, struct rec *r)
{
	struct evrec_text text = { .context = context };
	struct type *type = type_of(t, e->name);
	bool known = type != NULL && match_any(t, type, e->text, &text);
	int32_t tid = r->tid;

	if (known && evrec_fill_text(type->evrec, &t->info, &text, stack, r))
		return true;
	r->tid = tid;
	fill_tracepoint(t, e, stack, r);
	return known || type == NULL;
}

/* --- names and texts */

bool
scriptevent_is_tracepoint(struct str name)
{
	const char *colon = memchr(name.p, ':', name.n);
	struct str rest;
	size_t i;

	if (colon == NULL || colon == name.p || memchr(name.p, '/', name.n) != NULL)
		return false;
	for (i = 0; name.p + i < colon; i++)
		if (!is_ident(name.p[i]) && name.p[i] != '-')
			return false;
	rest = rest_after(colon + 1, name);
	if (rest.n == 0 || str_eq((struct str){ name.p, i }, STR("mem")))
		return false;
	for (i = 0; i < rest.n; i++)
		if (strchr("ukhGHpPSDIWeb", rest.p[i]) == NULL)
			return true;
	return false;
}

/* The length of a word that a colon ends, which a blank or the end follows; 0 if there is none, or
 * no letter. */
static size_t
name_length(struct str s)
{
	bool is_name = false;
	size_t i;

	for (i = 0; i < s.n && s.p[i] != ' ' && s.p[i] != '\t'; i++)
		is_name |= (s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z';
	return i > 1 && s.p[i - 1] == ':' && is_name ? i - 1 : 0;
}

bool
scriptevent_perf(struct str s, struct scriptevent *e)
{
	struct str at = script_skip(s);
	size_t n;

	e->period = REC_NO_U64;
	if (script_number(&at, UINT64_MAX, &e->period) && at.n > 0 &&
	    (*at.p == ' ' || *at.p == '\t')) {
		at = script_skip(at);
	} else {
		e->period = REC_NO_U64;
		at = script_skip(s);
	}
	n = name_length(at);
	if (n == 0)
		return false;
	e->name = (struct str){ at.p, n };
	e->text = script_trim(rest_after(at.p + n + 1, at));
	return true;
}

/* Make the name of an event from that of a system call: "sys_NAME". */
static bool
compose(struct scriptevent *e, struct str start, struct str call)
{
	if (!script_take(&call, "sys_") || start.n + call.n > SCRIPT_NAME)
		return false;
	memcpy(e->composed, start.p, start.n);
	memcpy(e->composed + start.n, call.p, call.n);
	e->name = (struct str){ e->composed, start.n + call.n };
	return true;
}

/* "sys_NAME(ARGUMENTS)" and "sys_NAME -> RESULT" of the kernel */
static bool
read_syscall(struct str s, struct scriptevent *e)
{
	const char *open = memchr(s.p, '(', s.n), *arrow = memmem(s.p, s.n, " -> ", 4);

	if (open != NULL && s.p[s.n - 1] == ')' && (arrow == NULL || open < arrow)) {
		e->text = (struct str){ open + 1, (size_t)(s.p + s.n - open) - 2 };
		return compose(e, STR("sys_enter_"), (struct str){ s.p, (size_t)(open - s.p) });
	}
	if (arrow == NULL)
		return false;
	e->text = rest_after(arrow + 4, s);
	return compose(e, STR("sys_exit_"), (struct str){ s.p, (size_t)(arrow - s.p) });
}

bool
scriptevent_ftrace(struct str s, struct scriptevent *e)
{
	static const char *const own[] = { "ftrace:function", "ftrace:print", "ftrace:kernel_stack",
		"ftrace:user_stack" };
	size_t n = 0, i;

	s = script_trim(s);
	while (n < s.n && is_ident(s.p[n]))
		n++;
	if (n == s.n || n == 0 || s.p[n] != ':' || (n + 1 < s.n && s.p[n + 1] != ' '))
		n = 0;
	e->period = REC_NO_U64;
	e->text = s;
	if (n > 0) {
		e->name = (struct str){ s.p, n };
		e->text = script_skip(rest_after(s.p + n + 1, s));
		for (i = 0; i < sizeof own / sizeof *own; i++)
			if (str_eq(e->name, str_of(own[i] + sizeof "ftrace:" - 1)))
				e->name = str_of(own[i]);
		if (str_eq(e->name, STR("tracing_mark_write"))) {
			e->name = STR("ftrace:print");
			e->text = s;
		}
		return true;
	}
	if (str_eq(s, STR("<stack trace>")) || str_eq(s, STR("<stack trace >")))
		e->name = STR("ftrace:kernel_stack");
	else if (str_eq(s, STR("<user stack trace>")))
		e->name = STR("ftrace:user_stack");
	else if (script_take(&s, "# "))
		e->name = STR("ftrace:raw_data");
	else if (memmem(s.p, s.n, " <-", 3) != NULL)
		e->name = STR("ftrace:function");
	else
		return read_syscall(s, e);
	return true;
}

enum scriptevent_stack
scriptevent_stack(const struct scriptevent *e)
{
	if (str_eq(e->name, STR("ftrace:kernel_stack")))
		return SCRIPT_KERNEL_STACK;
	return str_eq(e->name, STR("ftrace:user_stack")) ? SCRIPT_USER_STACK : SCRIPT_NO_STACK;
}

/* --- tasks */

/* A hexadecimal number after a key. */
static uint64_t
hex_after(struct str s, const char *key)
{
	const char *p = memmem(s.p, s.n, key, strlen(key)), *end = s.p + s.n;
	uint64_t v = 0;

	for (p = p == NULL ? end : p + strlen(key); p < end && text_nibble[(unsigned char)*p] != 0;
	     p++)
		v = v << 4 | (text_nibble[(unsigned char)*p] - 1u);
	return v;
}

/* The text between the first "from" and the last "to". */
static bool
between(struct str s, const char *from, const char *to, struct str *value)
{
	const char *begin = memmem(s.p, s.n, from, strlen(from)), *p;
	size_t n = strlen(to);

	if (begin == NULL)
		return false;
	begin += strlen(from);
	for (p = s.p + s.n - (s.n < n ? s.n : n); p >= begin; p--)
		if (memcmp(p, to, n) == 0) {
			*value = (struct str){ begin, (size_t)(p - begin) };
			return true;
		}
	return false;
}

bool
scriptevent_task(const struct scriptevent *e, struct scripttask *task)
{
	struct str own = own_name(e->name), s = e->text;
	uint64_t tid;

	task->is_new = str_eq(own, STR("task_newtask"));
	if (!task->is_new && !str_eq(own, STR("task_rename")))
		return false;
	if (!script_take(&s, "pid=") || !script_number(&s, INT32_MAX, &tid) || tid == 0 ||
	    !between(s, task->is_new ? " comm=" : " newcomm=",
		task->is_new ? " clone_flags=" : " oom_score_adj=", &task->comm) ||
	    task->comm.n > COMM)
		return false;
	task->tid = (int32_t)tid;
	task->is_thread = (hex_after(s, " clone_flags=") & CLONE_THREAD) != 0;
	return true;
}
