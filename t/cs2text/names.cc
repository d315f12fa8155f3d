/* SPDX-License-Identifier: MIT */
/* Functions whose names C++ mangles in many ways. */

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace ns
{
template <typename T> struct Outer {
	T value;
	template <typename U> T convert(U u) { return value + T(u); }
	T method(const std::string &, std::map<int, std::vector<T>> &) { return value; }
	operator int() const { return int(value); }
	Outer operator+(const Outer &o) const { return Outer{ T(value + o.value) }; }
	T operator()(int i) const { return value + i; }
	T operator[](int i) { return value + i; }
	virtual ~Outer() {}
	Outer(T t) : value(t) {}
};

template <typename T> std::ostream &operator<<(std::ostream &out, const Outer<T> &o)
{
	return out << o.value;
}
} // namespace ns

namespace
{
__attribute__((noinline)) int hidden(void (*f)(int, char), int (&a)[3])
{
	f(a[0], 'x');
	return a[1];
}
} // namespace

static void callee(int, char) {}

template <typename... A> int variadic(A... a) { return int(sizeof...(a)); }

int use(std::ostream &out)
{
	int a[3] = { 1, 2, 3 };
	ns::Outer<int> one(1), two(2);
	ns::Outer<double> three(3);
	std::map<int, std::vector<int>> m;
	std::function<int(int)> twice = [&](int i) { return one(i) + 2 * i; };

	out << (one + two) << three;
	return one.convert(2.5) + one.method("x", m) + int(two) + one[1] + twice(3) + hidden(callee, a) +
	       variadic(1, 'c', 2.0);
}
