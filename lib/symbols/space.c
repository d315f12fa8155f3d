/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "space.h"

/*
 * An AVL tree by address. Nodes may be in several trees: a node counts the pointers to it; if
 * there are several, it is copied before it is changed. Functions that take a tree take over the
 * caller's reference to it and return one.
 */
struct space_node {
	uint32_t refs, height;
	struct space_node *left, *right;
	struct space_map map;
};

static void
release(struct space_node *t)
{
	if (t == NULL || --t->refs > 0)
		return;
	release(t->left);
	release(t->right);
	if (--t->map.file->refs == 0)
		free(t->map.file);
	free(t);
}

static struct space_node *
retain(struct space_node *t)
{
	if (t != NULL)
		t->refs++;
	return t;
}

/* A tree of one map. */
static struct space_node *
node_new(struct space_map map)
{
	struct space_node *t = mem_alloc(sizeof *t);

	t->refs = t->height = 1;
	t->map = map;
	map.file->refs++;
	return t;
}

/* The same tree with a root that may be changed. */
static struct space_node *
own(struct space_node *t)
{
	struct space_node *copy;

	if (t->refs == 1)
		return t;
	copy = node_new(t->map);
	copy->height = t->height;
	copy->left = retain(t->left);
	copy->right = retain(t->right);
	t->refs--;
	return copy;
}

static uint32_t
height(const struct space_node *t)
{
	return t == NULL ? 0 : t->height;
}

static struct space_node *
measured(struct space_node *t)
{
	uint32_t left = height(t->left), right = height(t->right);

	t->height = 1 + (left > right ? left : right);
	return t;
}

static struct space_node *
rotate_right(struct space_node *t)
{
	struct space_node *left = own(t->left);

	t->left = left->right;
	left->right = measured(t);
	return measured(left);
}

static struct space_node *
rotate_left(struct space_node *t)
{
	struct space_node *right = own(t->right);

	t->right = right->left;
	right->left = measured(t);
	return measured(right);
}

/* Balance a root that may be changed, whose subtrees differ by 2 in height at most. */
static struct space_node *
balanced(struct space_node *t)
{
	if (height(t->left) > height(t->right) + 1) {
		if (height(t->left->right) > height(t->left->left))
			t->left = rotate_left(own(t->left));
		return rotate_right(t);
	}
	if (height(t->right) > height(t->left) + 1) {
		if (height(t->right->left) > height(t->right->right))
			t->right = rotate_right(own(t->right));
		return rotate_left(t);
	}
	return measured(t);
}

/* Join the maps of left, the map of middle, which may be changed, and the maps of right. */
static struct space_node *
join(struct space_node *left, struct space_node *middle, struct space_node *right)
{
	if (height(left) > height(right) + 1) {
		left = own(left);
		left->right = join(left->right, middle, right);
		return balanced(left);
	}
	if (height(right) > height(left) + 1) {
		right = own(right);
		right->left = join(left, middle, right->left);
		return balanced(right);
	}
	middle->left = left;
	middle->right = right;
	return measured(middle);
}

/* Split a tree into the maps below addr and the others, cutting the map that contains addr. */
static void
split(struct space_node *t, uint64_t addr, struct space_node **below, struct space_node **above)
{
	struct space_node *left, *right, *rest;

	*below = *above = NULL;
	if (t == NULL)
		return;
	t = own(t);
	left = t->left;
	right = t->right;
	if (t->map.end <= addr) {
		split(right, addr, &rest, above);
		*below = join(left, t, rest);
	} else if (t->map.addr >= addr) {
		split(left, addr, below, &rest);
		*above = join(rest, t, right);
	} else {
		rest = node_new((struct space_map){
		    addr, t->map.end, t->map.off + (addr - t->map.addr), t->map.file });
		t->map.end = addr;
		*below = join(left, t, NULL);
		*above = join(NULL, rest, right);
	}
}

/* Take the first map out of a tree that has one. Returns what remains. */
static struct space_node *
take_first(struct space_node *t, struct space_node **first)
{
	struct space_node *rest;

	t = own(t);
	if (t->left != NULL) {
		t->left = take_first(t->left, first);
		return balanced(t);
	}
	rest = t->right;
	t->right = NULL;
	*first = t;
	return rest;
}

/* Replace the maps in [addr, end) with middle; remove them if it is NULL. */
static void
replace(struct space *s, uint64_t addr, uint64_t end, struct space_node *middle)
{
	struct space_node *below, *old, *above;

	split(s->maps, addr, &below, &above);
	split(above, end, &old, &above);
	release(old);
	if (middle == NULL && above != NULL)
		above = take_first(above, &middle);
	s->maps = middle == NULL ? below : join(below, middle, above);
}

static struct space_file *
file_new(struct str path, struct str build)
{
	struct space_file *f = mem_alloc(sizeof *f + path.n + build.n);
	char *text = (char *)(f + 1);

	*f = (struct space_file){ 0, { text, path.n }, { text + path.n, build.n } };
	str_put(str_put(text, path), build);
	return f;
}

void
space_put(struct space *s, uint64_t *generation, const struct space_map *map, struct str path,
    struct str build)
{
	struct space_map new = *map;

	if (new.addr >= new.end)
		return;
	new.file = file_new(path, build);
	replace(s, new.addr, new.end, node_new(new));
	s->generation = ++*generation;
}

void
space_cut(struct space *s, uint64_t *generation, uint64_t addr, uint64_t end)
{
	const struct space_map *first = space_next(s, addr);

	if (first == NULL || first->addr >= end)
		return;
	replace(s, addr, end, NULL);
	s->generation = ++*generation;
}

void
space_clear(struct space *s)
{
	release(s->maps);
	*s = (struct space){ 0 };
}

struct space
space_share(const struct space *s)
{
	retain(s->maps);
	return *s;
}

const struct space_map *
space_next(const struct space *s, uint64_t addr)
{
	const struct space_node *t = s->maps;
	const struct space_map *next = NULL;

	while (t != NULL) {
		if (t->map.end > addr)
			next = &t->map;
		t = t->map.end > addr ? t->left : t->right;
	}
	return next;
}

const struct space_map *
space_find(const struct space *s, uint64_t addr)
{
	const struct space_map *m = space_next(s, addr);

	return m == NULL || m->addr > addr ? NULL : m;
}
