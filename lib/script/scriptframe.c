/* SPDX-License-Identifier: MIT */

#include "scriptframe.h"
#include "scriptline.h"

#define KERNEL_HALF ((uint64_t)1 << 63)

/* The longest object that is written again for each function inlined into its frame, and what all
 * of them may take in a stack. */
enum { OBJECT_MOST = 2048, OBJECTS_MOST = 512 * 1024 };

static bool
starts(struct str s, const char *text)
{
	return script_take(&s, text);
}

static bool
ends(struct str s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && memcmp(s.p + s.n - n, text, n) == 0;
}

/* Cut an address off the start: up to 16 hexadecimal digits, leading zeros included. */
static bool
take_address(struct str *s, uint64_t *addr)
{
	const char *p = s->p, *end = s->p + s->n;
	uint64_t v = 0;

	for (; p < end && text_nibble[(unsigned char)*p] != 0; p++)
		v = v << 4 | (text_nibble[(unsigned char)*p] - 1u);
	if (p == s->p || p - s->p > 16)
		return false;
	*addr = v;
	*s = (struct str){ p, (size_t)(end - p) };
	return true;
}

/* Cut "(OBJECT)" off the end: the parenthesis that its last one closes, after a blank. */
static bool
take_object(struct str *s, struct str *object)
{
	size_t i = s->n, depth = 0;

	if (!ends(*s, ")"))
		return false;
	while (i-- > 0) {
		depth += s->p[i] == ')';
		depth -= s->p[i] == '(';
		if (depth == 0)
			break;
	}
	if (depth != 0 || (i > 0 && s->p[i - 1] != ' ' && s->p[i - 1] != '\t'))
		return false;
	*object = (struct str){ s->p + i + 1, s->n - i - 2 };
	*s = script_trim((struct str){ s->p, i });
	return true;
}

static bool
is_module_file(struct str object)
{
	return ends(object, "/vmlinux") || ends(object, ".ko") || ends(object, ".ko.gz") ||
	       ends(object, ".ko.xz") || ends(object, ".ko.zst");
}

static bool
is_user_object(struct str object)
{
	return starts(object, "[vdso]") || starts(object, "[vsyscall]") ||
	       starts(object, "[heap]") || starts(object, "[stack") || starts(object, "/");
}

/* Set the mode, by the object or else by the address. */
static void
set_mode(struct scriptframe *f, struct str object)
{
	f->mode = f->addr >= KERNEL_HALF ? MODE_KERNEL : MODE_USER;
	f->is_guess = object.n == 0 || starts(object, "[unknown]");
	if (starts(object, "[guest.kernel"))
		f->mode = MODE_GUEST_KERNEL;
	else if (is_module_file(object) ||
		 (starts(object, "[") && !f->is_guess && !is_user_object(object)))
		f->mode = MODE_KERNEL; /* [kernel.kallsyms] or [MODULE] among them */
	else if (is_user_object(object))
		f->mode = MODE_USER;
}

/* The columns of perf are wider than their contents: a symbol with two blanks is no symbol. */
static bool
is_symbol(struct str s)
{
	return memmem(s.p, s.n, "  ", 2) == NULL && memchr(s.p, '\t', s.n) == NULL;
}

bool
scriptframe_perf(struct str s, struct scriptframe *f)
{
	*f = (struct scriptframe){ 0 };
	s = script_trim(s);
	if (!take_address(&s, &f->addr))
		return false;
	if (s.n == 0) {
		set_mode(f, s);
		return true;
	}
	if (*s.p != ' ' && *s.p != '\t')
		return false;
	s = script_trim(s);
	f->object = STR("");
	if (take_object(&s, &f->object) && str_eq(f->object, STR("inlined"))) {
		f->is_inlined = true;
		f->object = STR("");
	}
	set_mode(f, f->object);
	if (starts(f->object, "[kernel.") || starts(f->object, "[guest.kernel") ||
	    str_eq(f->object, STR("[unknown]")))
		f->object = STR("");
	f->symbol = str_eq(s, STR("[unknown]")) || s.n == 0 ? STR("?") : s;
	/* without a note, cs2text may find what perf did not */
	f->is_named = f->object.n > 0 || !str_eq(f->symbol, STR("?"));
	return is_symbol(s);
}

void
scriptframe_cut(struct str *text)
{
	const char *p = text->p + text->n;
	struct scriptframe f;
	struct str rest;
	uint64_t addr;

	if (!ends(*text, ")"))
		return;
	while ((p = memrchr(text->p, ' ', (size_t)(p - text->p))) != NULL) {
		rest = (struct str){ p + 1, (size_t)(text->p + text->n - p) - 1 };
		if (take_address(&rest, &addr) && addr >= KERNEL_HALF && starts(rest, " ")) {
			rest = (struct str){ p, (size_t)(text->p + text->n - p) };
			if (scriptframe_perf(rest, &f))
				text->n = (size_t)(p - text->p);
			return;
		}
	}
}

/* The object and offset of a user's frame: "PATH[+0xOFFSET]". */
static bool
read_offset(struct str s, struct scriptframe *f)
{
	const char *open = s.n == 0 ? NULL : memrchr(s.p, '[', s.n);
	struct str offset;

	if (open == NULL)
		return false;
	offset = (struct str){ open, (size_t)(s.p + s.n - open) };
	if (!script_take(&offset, "[+0x") || !take_address(&offset, &f->addr) ||
	    !str_eq(offset, STR("]")))
		return false;
	f->object = (struct str){ s.p, (size_t)(open - s.p) };
	f->symbol = STR("?");
	f->is_named = true;
	return true;
}

/* "<ADDRESS>" or "(ADDRESS)" at the end. */
static bool
take_enclosed(struct str *s, char open, char close, uint64_t *addr)
{
	const char *at = s->n == 0 ? NULL : memrchr(s->p, open, s->n);
	struct str a;

	if (at == NULL || s->p[s->n - 1] != close)
		return false;
	a = (struct str){ at + 1, (size_t)(s->p + s->n - at) - 2 };
	if (!take_address(&a, addr) || a.n > 0)
		return false;
	*s = script_trim((struct str){ s->p, (size_t)(at - s->p) });
	return true;
}

bool
scriptframe_ftrace(struct str s, struct scriptframe *f)
{
	const char *slash;

	*f = (struct scriptframe){ .object = STR("") };
	s = script_trim(s);
	if (read_offset(s, f))
		return true;
	if (script_take(&s, "0x"))
		return take_address(&s, &f->addr) && s.n == 0;
	if (!take_enclosed(&s, '<', '>', &f->addr))
		take_enclosed(&s, '(', ')', &f->addr);
	if (s.n == 0)
		return f->addr != 0;
	/* of SYMBOL+0xOFFSET/0xSIZE the size says nothing */
	slash = memmem(s.p, s.n, "/0x", 3);
	if (slash != NULL)
		s.n = (size_t)(slash - s.p);
	f->symbol = s;
	f->is_named = true;
	return s.n > 0 && is_symbol(s) && memchr(s.p, ' ', s.n) == NULL;
}

/* --- text */

static void
put_escaped(struct strbuf *b, struct str s)
{
	b->n += text_escape(strbuf_reserve(b, 4 * s.n), s.p, s.n, " ;");
}

void
scriptframe_put(struct strbuf *b, const struct scriptframe *f)
{
	b->n += text_put_hex(strbuf_reserve(b, TEXT_NUMBER), f->addr);
	if (!f->is_named)
		return;
	strbuf_putc(b, '<');
	put_escaped(b, f->symbol);
	if (f->object.n > 0) {
		strbuf_putc(b, ' ');
		put_escaped(b, f->object);
	}
	strbuf_putc(b, '>');
}

/* Append what separates the frame from the one before it, and its mode if that changes. */
static void
begin(struct scriptstack *s, const struct scriptframe *f)
{
	if (s->text.n > 0)
		strbuf_putc(&s->text, ';');
	if (f->mode == MODE_NONE || f->mode == s->mode || (f->is_guess && s->mode == MODE_USER))
		return;
	s->mode = f->mode;
	strbuf_add(&s->text, stack_mode_name(f->mode));
	strbuf_putc(&s->text, ';');
}

/* Append the object for an inlined function. Returns false if there is no room for it. */
static bool
repeat_object(struct scriptstack *s)
{
	struct str object = strbuf_str(&s->object);

	if (object.n == 0)
		return true;
	if (object.n > OBJECT_MOST || s->repeated + object.n > OBJECTS_MOST)
		return false;
	s->repeated += object.n;
	strbuf_putc(&s->text, ' ');
	strbuf_add(&s->text, object);
	return true;
}

/* Write the last frames again, as those of functions that are inlined into f. Returns the number of
 * those that do not get its object. */
static size_t
complete_inlined(struct scriptstack *s, const struct scriptframe *f)
{
	size_t start = s->at + (s->at > 0), without = 0;
	struct strbuf *b = &s->text;
	struct stack_frame frame;
	struct stack_walk w;
	struct stack_note note;

	strbuf_clear(&s->old);
	strbuf_add(&s->old, (struct str){ b->p + start, b->n - start });
	strbuf_clear(&s->object);
	put_escaped(&s->object, f->object);
	b->n = s->at;
	s->mode = s->before;
	for (w = stack_walk(strbuf_str(&s->old)); stack_next(&w, &frame);) {
		begin(s, f);
		note = stack_note(frame.note);
		b->n += text_put_hex(strbuf_reserve(b, TEXT_NUMBER), frame.addr);
		strbuf_putc(b, '<');
		strbuf_add(b, note.symbol.n > 0 ? note.symbol : STR("?"));
		without += !repeat_object(s);
		if (note.line.n > 0) {
			strbuf_add(b, STR(" @"));
			strbuf_add(b, note.line);
		}
		strbuf_putc(b, '>');
	}
	return without;
}

size_t
scriptframe_add(struct scriptstack *s, const struct scriptframe *f)
{
	bool same = s->inlined && f->addr == s->addr;
	bool is_ip = s->text.n == 0 || (same && s->at == 0);
	size_t without = same && !f->is_inlined ? complete_inlined(s, f) : 0;

	if (!same) {
		s->at = s->text.n;
		s->addr = f->addr;
		s->before = s->mode;
	}
	s->inlined = f->is_inlined;
	begin(s, f);
	if (is_ip) {
		s->ip = s->text.n;
		s->ip_mode = s->mode;
	}
	scriptframe_put(&s->text, f);
	return without;
}

void
scriptframe_source(struct scriptstack *s, struct str file_line)
{
	struct strbuf *b = &s->text;

	if (b->n == 0 || b->p[b->n - 1] != '>')
		return;
	b->n--;
	strbuf_add(b, STR(" @"));
	put_escaped(b, file_line);
	strbuf_putc(b, '>');
}

struct stack_frame
scriptframe_ip(const struct scriptstack *s)
{
	struct stack_walk w = stack_walk((struct str){ s->text.p + s->ip, s->text.n - s->ip });
	struct stack_frame f = { .token = STR_NONE };

	stack_next(&w, &f);
	f.mode = s->ip_mode;
	return f;
}

void
scriptframe_clear(struct scriptstack *s)
{
	strbuf_clear(&s->text);
	s->mode = MODE_NONE;
	s->inlined = false;
	s->repeated = 0;
}

void
scriptframe_free(struct scriptstack *s)
{
	strbuf_free(&s->text);
	strbuf_free(&s->old);
	strbuf_free(&s->object);
}
