/* SPDX-License-Identifier: MIT */
/* Work in signal handlers, callbacks of libc, templates and virtual functions, and calls that do not return. */

#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/time.h>
#include <vector>

namespace busy
{
volatile unsigned long sink;
jmp_buf back;

__attribute__((noinline)) void spin(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		sink += i;
}

struct Shape {
	virtual void draw(int) = 0;
	virtual ~Shape() {}
};

template <typename T> struct Box : Shape {
	__attribute__((noinline)) void draw(int i) override { spin(200000 + sizeof(T) + i); }
};

/* The call is the last instruction of its function. */
__attribute__((noinline, noreturn)) void leave()
{
	spin(200000);
	longjmp(back, 1);
}

__attribute__((noinline)) void call_leave()
{
	sink += 1;
	leave();
}

int compare(const void *a, const void *b)
{
	spin(200);
	return *(const int *)a - *(const int *)b;
}

void handler(int)
{
	spin(2000000);
	sink += 1; /* so that it does not end with a jump */
}
} // namespace busy

int main()
{
	struct itimerval timer = { { 0, 10000 }, { 0, 10000 } };
	std::vector<int> numbers(3000);
	busy::Box<std::string> box;
	busy::Shape *shape = &box;

	signal(SIGPROF, busy::handler);
	setitimer(ITIMER_PROF, &timer, NULL);
	for (int round = 0; round < 60; round++) {
		for (auto &n : numbers)
			n = rand() % 1000;
		qsort(numbers.data(), numbers.size(), sizeof(int), busy::compare);
		std::string text(300000, char('a' + round % 26));
		busy::sink += std::count(text.begin(), text.end(), 'a') + strlen(text.c_str());
		shape->draw(round);
		if (setjmp(busy::back) == 0)
			busy::call_leave();
	}
}
