/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "fault.h"
#include "text.h"

bool
fault_set(struct fault *f, const char *fmt, ...)
{
	char text[2 * sizeof f->text]; /* longer, so that text_quote() marks what it cuts off */
	va_list ap;

	if (fault_is(f))
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_quote(f->text, sizeof f->text, str_of(text));
	return false;
}
