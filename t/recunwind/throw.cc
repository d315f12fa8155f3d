// SPDX-License-Identifier: MIT
// Virtual functions, exceptions, templates that call back.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

static volatile long sink;

__attribute__((noinline)) static long spin(long n)
{
	long sum = 0;
	for (long i = 0; i < n; i++)
		sum += i * i ^ n;
	return sum;
}

struct base {
	virtual ~base() = default;
	virtual long run(int n) = 0;
};

struct thrower : base {
	long run(int n) override
	{
		if (n % 3 == 0)
			throw n;
		return spin(n * 10);
	}
};

__attribute__((noinline)) static long attempt(base *b, int n)
{
	try {
		return b->run(n);
	} catch (int caught) {
		return spin(100) + caught;
	}
}

int main()
{
	thrower t;
	std::map<std::string, long> names;
	for (int i = 0; i < 3000; i++) {
		for (int j = 0; j < 9; j++)
			sink += attempt(&t, i + j);
		names[std::to_string(i % 500)] += i;
		std::vector<int> v(500);
		std::generate(v.begin(), v.end(), rand);
		std::sort(v.begin(), v.end(), [](int a, int b) { return a % 1000 < b % 1000; });
	}
	return names.size() == 500 ? 0 : 1;
}
