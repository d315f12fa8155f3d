# SPDX-License-Identifier: MIT
# Functions that return to themselves without reading more of the stack, and functions whose return address is in a register.
	.text
	.type	same, @function
same:
	.cfi_startproc
	.cfi_same_value rip
	nop
in_same:
	ret
	.cfi_endproc

	/* the return address is the CFA less 0x10000 */
	.type	computed, @function
computed:
	.cfi_startproc
	.cfi_val_offset rip, -0x10000
	.fill	0x1000, 1, 0x90
	.cfi_endproc

	/* the return address is the word at 0x20000 */
	.type	one_word, @function
one_word:
	.cfi_startproc
	.cfi_escape 0x16, 0x10, 0x06, 0x0c, 0x00, 0x00, 0x02, 0x00, 0x06
	nop
in_one_word:
	ret
	.cfi_endproc

	.type	leaf, @function
leaf:
	.cfi_startproc
	.cfi_def_cfa_offset 0
	.cfi_register rip, rbx
	nop
in_leaf:
	ret
	.cfi_endproc

	.type	outlined, @function
outlined:
	.cfi_startproc
	.cfi_register rip, r12
	nop
in_outlined:
	ret
	.cfi_endproc

	.type	caller, @function
caller:
	.cfi_startproc
	nop
in_caller:
	ret
	.cfi_endproc
