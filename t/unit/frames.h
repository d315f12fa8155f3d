/* SPDX-License-Identifier: MIT */
/* frames - an ELF file in memory with one section of call frame information, for tests */

#ifndef FRAMES_H
#define FRAMES_H

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES_AT = 0x400 }; /* the offset and address of the section */

static inline void
frames_headers64(uint8_t *file, uint16_t machine, size_t n)
{
	const Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_DYN,
		.e_machine = machine,
		.e_version = 1,
		.e_phoff = sizeof head,
		.e_shoff = 0x100,
		.e_ehsize = sizeof head,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
		.e_shstrndx = 1 };
	const Elf64_Phdr load = { .p_type = PT_LOAD, .p_memsz = UINT64_MAX };
	const Elf64_Shdr sections[3] = { { 0 },
		{ .sh_type = SHT_STRTAB, .sh_offset = 0x300, .sh_size = 32 },
		{ .sh_name = 1,
		    .sh_type = SHT_PROGBITS,
		    .sh_addr = FRAMES_AT,
		    .sh_offset = FRAMES_AT,
		    .sh_size = n } };

	memcpy(file, &head, sizeof head);
	memcpy(file + sizeof head, &load, sizeof load);
	memcpy(file + 0x100, sections, sizeof sections);
}

static inline void
frames_headers32(uint8_t *file, uint16_t machine, size_t n)
{
	const Elf32_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1 },
		.e_type = ET_DYN,
		.e_machine = machine,
		.e_version = 1,
		.e_phoff = sizeof head,
		.e_shoff = 0x100,
		.e_ehsize = sizeof head,
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf32_Shdr),
		.e_shnum = 3,
		.e_shstrndx = 1 };
	const Elf32_Phdr load = { .p_type = PT_LOAD, .p_memsz = UINT32_MAX };
	const Elf32_Shdr sections[3] = { { 0 },
		{ .sh_type = SHT_STRTAB, .sh_offset = 0x300, .sh_size = 32 },
		{ .sh_name = 1,
		    .sh_type = SHT_PROGBITS,
		    .sh_addr = FRAMES_AT,
		    .sh_offset = FRAMES_AT,
		    .sh_size = (uint32_t)n } };

	memcpy(file, &head, sizeof head);
	memcpy(file + sizeof head, &load, sizeof load);
	memcpy(file + 0x100, sections, sizeof sections);
}

/* Make a file for a machine, EM_*, with the bytes as the section of that name. */
static inline int
frames_file(uint16_t machine, const char *name, const void *bytes, size_t n)
{
	uint8_t *file = calloc(1, FRAMES_AT + n);
	int fd = memfd_create("frames", 0);

	if (file == NULL || fd < 0)
		abort();
	if (machine == EM_386 || machine == EM_ARM)
		frames_headers32(file, machine, n);
	else
		frames_headers64(file, machine, n);
	memcpy(file + 0x301, name, strlen(name));
	memcpy(file + FRAMES_AT, bytes, n);
	if (write(fd, file, FRAMES_AT + n) != (ssize_t)(FRAMES_AT + n))
		abort();
	free(file);
	return fd;
}

#endif
