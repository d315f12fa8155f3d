# SPDX-License-Identifier: MIT
# A function that returns to itself. Its CFA is sp + 16, found after 22 reads at sp + 4000000 and as many at sp.
	.text
	.globl	again
	.type	again, @function
	.cfi_startproc
	.cfi_escape 0x0f, 0xf4, 0x01
	.rept	22
	.cfi_escape 0x77, 0x80, 0x92, 0xf4, 0x01, 0x06, 0x13, 0x77, 0x00, 0x06, 0x13
	.endr
	.cfi_escape 0x77, 0x10
	nop
again:
	ret
	.cfi_endproc
