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
 * What a slot held is what the stand-in calls.  A slot that is bound lazily, at
 * its first call, still points back into the program: then the function is
 * looked up in the libraries, in the version that the program was linked with.
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
#include <inttypes.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import_slots.h"

/* The relocation types of a slot, by machine. */
static const struct
{
	int			machine;
	uint32_t	jump_slot;
	uint32_t	glob_dat;
}			relocations[] = {
	{EM_X86_64, R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT},
	{EM_AARCH64, R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT},
};

#if defined(__x86_64__)
#define THIS_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define THIS_MACHINE EM_AARCH64
#else
#error "pg_trace runs on x86-64 and aarch64"
#endif

/* ---- The slots of a program ---- */

/* What is needed of its dynamic section. */
typedef struct Program
{
	uintptr_t	base;
	uintptr_t	start;			/* of its first segment */
	uintptr_t	end;			/* of its last segment */
	const Elf64_Sym *symbols;
	const char *strings;
	const Elf64_Half *versions; /* DT_VERSYM: by symbol; or NULL */
	const Elf64_Verneed *needed;	/* DT_VERNEED: the versions' names; or NULL */
	const Elf64_Rela *tables[2];	/* DT_JMPREL, DT_RELA */
	size_t		counts[2];
	bool		has_rel;		/* relocations of the kind REL, not RELA */
} Program;

static bool
is_inside(const Program *program, uintptr_t address)
{
	return address >= program->start && address < program->end;
}

/* An address of the dynamic section; the dynamic linker relocates some of them. */
static const void *
dynamic_address(const Program *program, Elf64_Addr value)
{
	return (const void *) (is_inside(program, value) ? value : program->base + value);
}

static void
read_dynamic(Program *program, const Elf64_Dyn *dynamic)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++)
	{
		const void *address = dynamic_address(program, dynamic->d_un.d_ptr);

		switch (dynamic->d_tag)
		{
			case DT_SYMTAB:
				program->symbols = address;
				break;
			case DT_STRTAB:
				program->strings = address;
				break;
			case DT_VERSYM:
				program->versions = address;
				break;
			case DT_VERNEED:
				program->needed = address;
				break;
			case DT_JMPREL:
				program->tables[0] = address;
				break;
			case DT_PLTRELSZ:
				program->counts[0] = dynamic->d_un.d_val / sizeof(Elf64_Rela);
				break;
			case DT_RELA:
				program->tables[1] = address;
				break;
			case DT_RELASZ:
				program->counts[1] = dynamic->d_un.d_val / sizeof(Elf64_Rela);
				break;
			case DT_REL:
				program->has_rel = true;
				break;
			case DT_PLTREL:
				program->has_rel |= dynamic->d_un.d_val != DT_RELA;
				break;
			default:
				break;
		}
	}
}

static void
read_program(Program *program, const struct dl_phdr_info *info)
{
	const Elf64_Phdr *header = info->dlpi_phdr;
	const Elf64_Phdr *dynamic = NULL;

	program->base = info->dlpi_addr;
	program->start = UINTPTR_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++, header++)
	{
		uintptr_t	start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_DYNAMIC)
			dynamic = header;
		if (header->p_type != PT_LOAD)
			continue;
		if (start < program->start)
			program->start = start;
		if (start + header->p_memsz > program->end)
			program->end = start + header->p_memsz;
	}
	if (dynamic != NULL)
		read_dynamic(program, (const Elf64_Dyn *) (program->base + dynamic->p_vaddr));
}

/* The version of a symbol that the program needs, or NULL. */
static const char *
symbol_version(const Program *program, size_t symbol)
{
	const Elf64_Verneed *library = program->needed;
	Elf64_Half	version;

	if (program->versions == NULL || library == NULL)
		return NULL;
	version = program->versions[symbol] & 0x7fff;	/* without the bit "hidden" */
	for (;;)
	{
		const Elf64_Vernaux *entry = (const Elf64_Vernaux *)
			((const char *) library + library->vn_aux);

		for (int i = 0; i < library->vn_cnt; i++)
		{
			if (entry->vna_other == version)
				return program->strings + entry->vna_name;
			entry = (const Elf64_Vernaux *) ((const char *) entry + entry->vna_next);
		}
		if (library->vn_next == 0)
			return NULL;
		library = (const Elf64_Verneed *) ((const char *) library + library->vn_next);
	}
}

/* Some linkers count the table of JUMP_SLOT as a part of DT_RELA. */
static bool
is_in_both_tables(const Program *program, const Elf64_Rela *reloc)
{
	return reloc >= program->tables[0] && reloc < program->tables[0] + program->counts[0];
}

bool
pgt_import_slots_visit(const struct dl_phdr_info *info, int machine,
					   PgtImportSlotVisitor visit, void *arg, char *why, size_t why_size)
{
	Program		program = {0};
	uint32_t	jump_slot = 0;
	uint32_t	glob_dat = 0;
	int			found = 0;

	for (size_t i = 0; i < sizeof(relocations) / sizeof(relocations[0]); i++)
	{
		if (relocations[i].machine == machine)
		{
			jump_slot = relocations[i].jump_slot;
			glob_dat = relocations[i].glob_dat;
		}
	}
	read_program(&program, info);
	if (jump_slot == 0 || program.has_rel)
	{
		snprintf(why, why_size, "the server's relocations are of an unknown kind");
		return false;
	}
	for (int t = 0; t < 2 && program.symbols != NULL && program.strings != NULL; t++)
	{
		for (size_t r = 0; program.tables[t] != NULL && r < program.counts[t]; r++)
		{
			const Elf64_Rela *reloc = &program.tables[t][r];
			uint32_t	type = (uint32_t) ELF64_R_TYPE(reloc->r_info);
			size_t		symbol = ELF64_R_SYM(reloc->r_info);
			PgtImportSlot slot;

			if ((type != jump_slot && type != glob_dat) || symbol == 0 ||
				program.symbols[symbol].st_shndx != SHN_UNDEF ||
				(t == 1 && is_in_both_tables(&program, reloc)))
				continue;
			slot.address = (void **) (program.base + reloc->r_offset);
			slot.name = program.strings + program.symbols[symbol].st_name;
			slot.version = symbol_version(&program, symbol);
			slot.weak = ELF64_ST_BIND(program.symbols[symbol].st_info) == STB_WEAK;
			slot.bound = !is_inside(&program, (uintptr_t) *slot.address);
			slot.jump_slot = type == jump_slot;
			found++;
			if (!visit(&slot, arg, why, why_size))
				return false;
		}
	}
	if (found == 0)
		snprintf(why, why_size, "the server imports nothing: it is not a dynamically linked program");
	return found > 0;
}

/* dl_iterate_phdr calls it first for the main program. */
static int
main_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void) size;
	*(struct dl_phdr_info *) arg = *info;
	return 1;
}

static bool
visit_main_program(PgtImportSlotVisitor visit, void *arg, char *why, size_t why_size)
{
	struct dl_phdr_info info = {0};

	dl_iterate_phdr(main_program, &info);
	return pgt_import_slots_visit(&info, THIS_MACHINE, visit, arg, why, why_size);
}

/* ---- What a slot leads to, and another function in its place ---- */

/*
 * The function of the first library, in the order in which they were loaded.
 * The program itself is left out: where it takes a function's address and is
 * not PIE, dlsym() gives its own stub, which calls the slot.
 */
static void *
look_up(const char *name, const char *version)
{
	void	   *function = NULL;
	bool		own = false;
	void	   *program = dlopen(NULL, RTLD_LAZY);
	struct link_map *library = NULL;

	if (program == NULL || dlinfo(program, RTLD_DI_LINKMAP, &library) != 0)
		return NULL;
	while (!own && (library = library->l_next) != NULL)
	{
		void	   *handle = dlopen(library->l_name, RTLD_LAZY | RTLD_NOLOAD);
		void	   *found;
		Dl_info		owner;

		if (handle == NULL)
			continue;
		found = version != NULL ? dlvsym(handle, name, version) : dlsym(handle, name);
		/* It may come from a library that this one needs: that has its own turn. */
		own = found != NULL && dladdr(found, &owner) != 0 &&
			(uintptr_t) owner.dli_fbase == library->l_addr;
		if (own || function == NULL)
			function = found;
		dlclose(handle);
	}
	dlclose(program);
	return function;
}

static void *
slot_function(const PgtImportSlot *slot)
{
	return slot->bound ? *slot->address : look_up(slot->name, slot->version);
}

/* As PROT_...; -1 with errno where the kernel does not say. */
static int
page_protection(uintptr_t address)
{
	FILE	   *maps = fopen("/proc/self/maps", "re");
	char	   *line = NULL;
	size_t		size = 0;
	int			protection = -1;

	if (maps == NULL)
		return -1;
	errno = EFAULT;
	while (protection < 0 && getline(&line, &size, maps) > 0)
	{
		uintptr_t	start;
		uintptr_t	end;
		char		flags[5];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, flags) == 3 &&
			address >= start && address < end)
			protection = (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) |
				(flags[2] == 'x' ? PROT_EXEC : 0);
	}
	free(line);
	fclose(maps);
	return protection;
}

bool
pgt_slot_store(void **slot, void *function)
{
	uintptr_t	page_size = (uintptr_t) sysconf(_SC_PAGESIZE);
	void	   *page = (void *) ((uintptr_t) slot & ~(page_size - 1));
	int			protection = page_protection((uintptr_t) slot);

	if (protection < 0)
		return false;
	if ((protection & PROT_WRITE) == 0 && mprotect(page, page_size, protection | PROT_WRITE) != 0)
		return false;
	__atomic_store_n(slot, function, __ATOMIC_RELEASE);
	return (protection & PROT_WRITE) != 0 || mprotect(page, page_size, protection) == 0;
}

/* ---- Standing in ---- */

typedef struct Imports
{
	PgtImport  *imports;
	int			count;
} Imports;

static bool
redirect(const PgtImportSlot *slot, PgtImport *import, char *why, size_t why_size)
{
	void	   *function = slot_function(slot);

	if (function == NULL)
		snprintf(why, why_size, "the server's function %s is not to be found", slot->name);
	else if (*import->original != NULL && *import->original != function)
		snprintf(why, why_size, "the server calls more than one function as %s", slot->name);
	else
	{
		*import->original = function;
		if (pgt_slot_store(slot->address, import->replacement))
			return true;
		snprintf(why, why_size, "could not write the import slot of %s: %s", slot->name,
				 strerror(errno));
	}
	return false;
}

static bool
install_slot(const PgtImportSlot *slot, void *arg, char *why, size_t why_size)
{
	const Imports *all = arg;

	for (int i = 0; i < all->count; i++)
	{
		PgtImport  *import = &all->imports[i];

		if (strcmp(slot->name, import->name) != 0 || (slot->weak && slot_function(slot) == NULL))
			continue;
		if (*slot->address != import->replacement && !redirect(slot, import, why, why_size))
			return false;
		import->slots++;
	}
	return true;
}

static bool
restore_slot(const PgtImportSlot *slot, void *arg, char *why, size_t why_size)
{
	const Imports *all = arg;

	(void) why;
	(void) why_size;
	for (int i = 0; i < all->count; i++)
	{
		if (strcmp(slot->name, all->imports[i].name) == 0 &&
			*slot->address == all->imports[i].replacement)
			pgt_slot_store(slot->address, *all->imports[i].original);
	}
	return true;
}

bool
pgt_imports_install(PgtImport *imports, int count, char *why, size_t why_size)
{
	Imports		all = {imports, count};

	for (int i = 0; i < count; i++)
		imports[i].slots = 0;
	if (visit_main_program(install_slot, &all, why, why_size))
		return true;
	visit_main_program(restore_slot, &all, NULL, 0);
	for (int i = 0; i < count; i++)
		imports[i].slots = 0;
	return false;
}

static bool
verify_slot(const PgtImportSlot *slot, void *arg, char *why, size_t why_size)
{
	const Imports *all = arg;

	for (int i = 0; i < all->count; i++)
	{
		if (strcmp(slot->name, all->imports[i].name) == 0 &&
			*slot->address != all->imports[i].replacement && slot_function(slot) != NULL)
		{
			snprintf(why, why_size, "the import slot of %s does not hold", slot->name);
			return false;
		}
	}
	return true;
}

bool
pgt_imports_verify(const PgtImport *imports, int count, char *why, size_t why_size)
{
	Imports		all = {(PgtImport *) imports, count};

	return visit_main_program(verify_slot, &all, why, why_size);
}

/* ---- The main program's data ---- */

typedef struct DataVisit
{
	void		(*visit) (void **at, void **end, void *arg);
	void	   *arg;
} DataVisit;

static int
visit_data(struct dl_phdr_info *info, size_t size, void *arg)
{
	const DataVisit *data = arg;

	(void) size;
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t	first = info->dlpi_addr + header->p_vaddr;
		uintptr_t	end = first + header->p_memsz;

		if (header->p_type != PT_LOAD || !(header->p_flags & PF_W))
			continue;
		first = (first + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
		data->visit((void **) first, (void **) (end & ~(sizeof(void *) - 1)), data->arg);
	}
	return 1;					/* the main program is the first one */
}

void
pgt_program_data(void (*visit) (void **at, void **end, void *arg), void *arg)
{
	DataVisit	data = {visit, arg};

	dl_iterate_phdr(visit_data, &data);
}
