/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "fault.h"

bool
fault_set(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	if (fault_is(f))
		return false;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return false;
}
