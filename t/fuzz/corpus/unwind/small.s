# linked.so, static.so: printf '\0'; cc -nostdlib -shared -Wl,-z,noseparate-code -Wl,--build-id=none small.s; static.so with -Wl,--no-eh-frame-hdr
	.text
	.globl f
f:	.cfi_startproc
	push %rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	mov %rsp, %rbp
	.cfi_def_cfa_register %rbp
	call g@plt
	.cfi_remember_state
	leave
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_restore_state
	.cfi_register %rbx, %r12
	.cfi_val_offset %r13, -24
	.cfi_undefined %r14
	.cfi_same_value %r15
	nop
	.cfi_escape 0x0f, 3, 0x77, 8, 0x06		# the CFA is what is stored at rsp + 8
	.cfi_escape 0x10, 6, 2, 0x77, 16		# rbp is stored at rsp + 16
	.cfi_escape 0x16, 3, 5, 0x31, 0x2f, 0xfc, 0xff, 0x30	# rbx: a loop
	nop
	.cfi_endproc
s:	.cfi_startproc
	.cfi_signal_frame
	nop
	nop
	.cfi_endproc
