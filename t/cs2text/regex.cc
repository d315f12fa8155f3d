// SPDX-License-Identifier: MIT
// Much is inlined here, and the blocks of some functions overlap after optimization of the whole
// program.
#include <regex>

int
main(int argc, char *argv[])
{
	return std::regex_search(argv[argc - 1], std::regex("a+b|[c-f]*d")) ? 0 : 1;
}
