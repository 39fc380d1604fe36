/*-------------------------------------------------------------------------
 *
 * import_slots.c
 *	  Standing in for functions that the server imports from its libraries.
 *
 * A program calls a library's function through a slot in its own data, which
 * the dynamic linker fills (relocations JUMP_SLOT and GLOB_DAT).  Storing
 * another address there redirects the calls; no code is changed.  It is done
 * once, in the postmaster, whose children inherit it.
 *
 * The pages of the slots may be read-only after relocation (RELRO): they are
 * made writable for the store and get their protection back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import_slots.h"

/* The relocation types of a slot, by machine. */
#if defined(__x86_64__)
#define RELOC_JUMP_SLOT R_X86_64_JUMP_SLOT
#define RELOC_GLOB_DAT	R_X86_64_GLOB_DAT
#elif defined(__aarch64__)
#define RELOC_JUMP_SLOT R_AARCH64_JUMP_SLOT
#define RELOC_GLOB_DAT	R_AARCH64_GLOB_DAT
#else
#error "pg_trace runs on x86-64 and aarch64"
#endif

/* What is needed of the main program's dynamic section. */
typedef struct Program
{
	uintptr_t	base;
	const Elf64_Sym *symbols;
	const char *strings;
	const Elf64_Rela *tables[2];	/* DT_JMPREL, DT_RELA */
	size_t		counts[2];
	uintptr_t	relro;			/* read-only after relocation */
	uintptr_t	relro_end;
} Program;

/* An address of the dynamic section; the linker may have relocated it. */
static const void *
dynamic_address(const Program *program, Elf64_Addr value)
{
	return (const void *) (value < program->base ? program->base + value : value);
}

static void
read_dynamic(Program *program, const Elf64_Dyn *dynamic)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++)
	{
		switch (dynamic->d_tag)
		{
			case DT_SYMTAB:
				program->symbols = dynamic_address(program, dynamic->d_un.d_ptr);
				break;
			case DT_STRTAB:
				program->strings = dynamic_address(program, dynamic->d_un.d_ptr);
				break;
			case DT_JMPREL:
				program->tables[0] = dynamic_address(program, dynamic->d_un.d_ptr);
				break;
			case DT_PLTRELSZ:
				program->counts[0] = dynamic->d_un.d_val / sizeof(Elf64_Rela);
				break;
			case DT_RELA:
				program->tables[1] = dynamic_address(program, dynamic->d_un.d_ptr);
				break;
			case DT_RELASZ:
				program->counts[1] = dynamic->d_un.d_val / sizeof(Elf64_Rela);
				break;
			default:
				break;
		}
	}
}

/* dl_iterate_phdr calls it first for the main program. */
static int
main_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	Program    *program = arg;

	(void) size;
	program->base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const Elf64_Phdr *header = &info->dlpi_phdr[i];

		if (header->p_type == PT_DYNAMIC)
			read_dynamic(program, (const Elf64_Dyn *) (info->dlpi_addr + header->p_vaddr));
		else if (header->p_type == PT_GNU_RELRO)
		{
			program->relro = info->dlpi_addr + header->p_vaddr;
			program->relro_end = program->relro + header->p_memsz;
		}
	}
	return 1;
}

static bool
redirect(const Program *program, void **slot, PgtImport *import)
{
	uintptr_t	page_size = (uintptr_t) sysconf(_SC_PAGESIZE);
	uintptr_t	page = (uintptr_t) slot & ~(page_size - 1);
	bool		read_only = (uintptr_t) slot >= (program->relro & ~(page_size - 1)) &&
		(uintptr_t) slot < (program->relro_end & ~(page_size - 1));

	/* A slot that is not bound yet points back into the program's own stub. */
	if (*import->original == NULL)
		*import->original = dlsym(RTLD_DEFAULT, import->name);
	if (*import->original == NULL)
		return false;
	if (read_only && mprotect((void *) page, page_size, PROT_READ | PROT_WRITE) != 0)
		return false;
	__atomic_store_n(slot, import->replacement, __ATOMIC_RELEASE);
	if (read_only)
		mprotect((void *) page, page_size, PROT_READ);
	import->slots++;
	return true;
}

/* Called with each slot of the program and the name of what it imports. */
typedef bool (*SlotVisitor) (const Program *program, void **slot, const char *name, void *arg);

static bool
visit_slots(const Program *program, SlotVisitor visit, void *arg)
{
	for (int t = 0; t < 2; t++)
	{
		for (size_t r = 0; program->tables[t] != NULL && r < program->counts[t]; r++)
		{
			const Elf64_Rela *reloc = &program->tables[t][r];
			uint32_t	type = (uint32_t) ELF64_R_TYPE(reloc->r_info);
			const char *name;

			if (type != RELOC_JUMP_SLOT && type != RELOC_GLOB_DAT)
				continue;
			name = program->strings + program->symbols[ELF64_R_SYM(reloc->r_info)].st_name;
			if (!visit(program, (void **) (program->base + reloc->r_offset), name, arg))
				return false;
		}
	}
	return true;
}

typedef struct Install
{
	PgtImport  *imports;
	int			count;
	char	   *why;
	size_t		why_size;
} Install;

static bool
install_slot(const Program *program, void **slot, const char *name, void *arg)
{
	const Install *install = arg;

	for (int i = 0; i < install->count; i++)
	{
		PgtImport  *import = &install->imports[i];

		if (strcmp(name, import->name) == 0 && *slot != import->replacement &&
			!redirect(program, slot, import))
		{
			snprintf(install->why, install->why_size,
					 "could not write the import slot of %s: %s", name, strerror(errno));
			return false;
		}
	}
	return true;
}

bool
pgt_imports_install(PgtImport *imports, int count, char *why, size_t why_size)
{
	Program		program = {0};
	Install		install = {imports, count, why, why_size};

	dl_iterate_phdr(main_program, &program);
	if (program.symbols == NULL || program.strings == NULL ||
		(program.tables[0] == NULL && program.tables[1] == NULL))
	{
		snprintf(why, why_size, "the server is not a dynamically linked program");
		return false;
	}
	return visit_slots(&program, install_slot, &install);
}

static bool
verify_slot(const Program *program, void **slot, const char *name, void *arg)
{
	const Install *install = arg;

	(void) program;
	for (int i = 0; i < install->count; i++)
	{
		if (strcmp(name, install->imports[i].name) == 0 &&
			*slot != install->imports[i].replacement)
		{
			snprintf(install->why, install->why_size, "the import slot of %s does not hold", name);
			return false;
		}
	}
	return true;
}

bool
pgt_imports_verify(const PgtImport *imports, int count, char *why, size_t why_size)
{
	Program		program = {0};
	Install		install = {(PgtImport *) imports, count, why, why_size};

	dl_iterate_phdr(main_program, &program);
	return visit_slots(&program, verify_slot, &install);
}
