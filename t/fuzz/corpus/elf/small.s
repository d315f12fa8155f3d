# SPDX-License-Identifier: MIT
# The programs beside this file are made of it:
#	cc -c small.s
#	cc -nostdlib -shared -Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567,-z,noseparate-code,-z,max-page-size=512 -o whole.so small.o
#	objcopy --only-keep-debug whole.so debug.so
#	strip -o stripped.so whole.so
#	objcopy --strip-all --remove-section=.note.gnu.build-id --add-gnu-debuglink=debug.so whole.so linked.so
	.globl _start, f
	.type f,@function
	.text
_start:	call f
	call puts@plt
f:	ret
	.size f,.-f
