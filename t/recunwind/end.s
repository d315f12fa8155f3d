# SPDX-License-Identifier: MIT
# The end of a function that has restored rbp, and its caller, whose frame is found by it.
	.text
	.type	inner, @function
inner:
	.cfi_startproc
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	pop	%rbp
	.cfi_def_cfa_offset 8
restored:
	ret
	.cfi_endproc

	.type	caller, @function
caller:
	.cfi_startproc
	.cfi_def_cfa rbp, 16
	.cfi_offset rbp, -16
	call	inner
after_call:
	ret
	.cfi_endproc

	.type	outer, @function
	.cfi_startproc
	.cfi_undefined rip
	nop
outer:
	ret
	.cfi_endproc
