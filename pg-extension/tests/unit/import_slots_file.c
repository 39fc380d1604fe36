/*-------------------------------------------------------------------------
 *
 * import_slots_file.c
 *	  The import slots of an ELF file of either machine, a line each; it is
 *	  mapped as the dynamic linker would, and not run.
 *
 *	  import_slots_file FILE [rel|merged]
 *	  import_slots_file own
 *
 * With "rel" the file's relocations are said to be of the kind that neither
 * machine uses, with "merged" the table of JUMP_SLOT also to be a part of the
 * other, as some linkers have it.  With "own" it tries itself.
 *
 *-------------------------------------------------------------------------
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import_slots.h"

static void
fail(const char *what, const char *path)
{
	fprintf(stderr, "%s: %s\n", path, what);
	exit(2);
}

static bool
show(const PgtImportSlot *slot, void *arg, char *why, size_t why_size)
{
	uintptr_t	base = *(uintptr_t *) arg;

	(void) why;
	(void) why_size;
	printf("%" PRIxPTR " %s %s%s%s%s\n", (uintptr_t) slot->address - base,
		   slot->jump_slot ? "JUMP_SLOT" : "GLOB_DAT", slot->name,
		   slot->version != NULL ? "@" : "", slot->version != NULL ? slot->version : "",
		   slot->weak ? " weak" : "");
	return true;
}

/* Both tables of a file follow each other. */
static void
change(Elf64_Dyn *dynamic, const char *how)
{
	Elf64_Xword size = 0;

	for (Elf64_Dyn *entry = dynamic; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_PLTRELSZ)
			size = entry->d_un.d_val;
	for (Elf64_Dyn *entry = dynamic; entry->d_tag != DT_NULL; entry++)
	{
		if (entry->d_tag == DT_PLTREL && strcmp(how, "rel") == 0)
			entry->d_un.d_val = DT_REL;
		if (entry->d_tag == DT_RELASZ && strcmp(how, "merged") == 0)
			entry->d_un.d_val += size;
	}
}

/* Map the segments; the program's headers lie in the first. */
static struct dl_phdr_info
map_program(const char *file, size_t size, const char *path)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *) file;
	const Elf64_Phdr *segments = (const Elf64_Phdr *) (file + header->e_phoff);
	struct dl_phdr_info info = {0};
	uintptr_t	low = UINTPTR_MAX;
	uintptr_t	high = 0;
	char	   *memory;

	for (int i = 0; i < header->e_phnum; i++)
	{
		if (segments[i].p_type != PT_LOAD)
			continue;
		low = segments[i].p_vaddr < low ? segments[i].p_vaddr : low;
		if (segments[i].p_vaddr + segments[i].p_memsz > high)
			high = segments[i].p_vaddr + segments[i].p_memsz;
		if (segments[i].p_offset + segments[i].p_filesz > size)
			fail("it is cut off", path);
	}
	memory = mmap(NULL, high - low, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (low > high || memory == MAP_FAILED)
		fail("it cannot be mapped", path);
	info.dlpi_addr = (uintptr_t) memory - low;
	info.dlpi_phdr = segments;
	info.dlpi_phnum = header->e_phnum;
	for (int i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD)
			memcpy((void *) (info.dlpi_addr + segments[i].p_vaddr), file + segments[i].p_offset,
				   segments[i].p_filesz);
	return info;
}

static int
show_file(const char *path, const char *how)
{
	int			fd = open(path, O_RDONLY);
	struct stat status;
	const Elf64_Ehdr *header;
	struct dl_phdr_info info;
	uintptr_t	base;
	char		why[200] = "";

	if (fd < 0 || fstat(fd, &status) != 0 || (size_t) status.st_size < sizeof(Elf64_Ehdr))
		fail("it cannot be read", path);
	header = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (header == MAP_FAILED || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
		header->e_ident[EI_CLASS] != ELFCLASS64)
		fail("it is not an ELF file of 64 bits", path);
	info = map_program((const char *) header, status.st_size, path);
	base = info.dlpi_addr;
	for (int i = 0; how != NULL && i < info.dlpi_phnum; i++)
		if (info.dlpi_phdr[i].p_type == PT_DYNAMIC)
			change((Elf64_Dyn *) (base + info.dlpi_phdr[i].p_vaddr), how);
	if (pgt_import_slots_visit(&info, header->e_machine, show, &base, why, sizeof(why)))
		return 0;
	printf("%s\n", why);
	return 1;
}

static int
show_own(void)
{
	PgtImport	nothing = {"nothing", NULL, NULL, 0};
	char		why[200] = "";
	bool		installed = pgt_imports_install(&nothing, 1, why, sizeof(why));
	bool		verified = pgt_imports_verify(&nothing, 1, why, sizeof(why));

	printf("%s\n", why);
	return installed || verified ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "own") == 0)
		return show_own();
	if (argc == 2 || argc == 3)
		return show_file(argv[1], argv[2]);
	fail("FILE [rel|merged], or own", argv[0]);
	return 2;
}
