/*-------------------------------------------------------------------------
 *
 * import_slots.h
 *	  Standing in for functions that the server imports from its libraries.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_IMPORT_SLOTS_H
#define PG_TRACE_IMPORT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

struct dl_phdr_info;

typedef struct PgtImport
{
	const char *name;			/* of the imported function */
	void	   *replacement;
	void	  **original;		/* out: what the server called before */
	int			slots;			/* out: how many slots are redirected */
} PgtImport;

/*
 * Redirect the main program's slots of the imports.  One that the program does
 * not import has slots = 0, which is not an error.  Returns false, with the
 * reason in why, where one could not be redirected: then none is.  Doing it
 * again changes nothing.
 */
extern bool pgt_imports_install(PgtImport *imports, int count, char *why, size_t why_size);

/*
 * Look at the slots once more: is each that was redirected still so, and none
 * left that was not?
 */
extern bool pgt_imports_verify(const PgtImport *imports, int count, char *why, size_t why_size);

/* A slot of a program, and what the program imports through it. */
typedef struct PgtImportSlot
{
	void	  **address;
	const char *name;			/* of the function */
	const char *version;		/* that the program was linked with, or NULL */
	bool		weak;			/* it may be missing: then the slot is NULL */
	bool		bound;			/* the dynamic linker has filled it */
	bool		jump_slot;		/* JUMP_SLOT, otherwise GLOB_DAT */
} PgtImportSlot;

/* Returns false to end the visit, with the reason in why. */
typedef bool (*PgtImportSlotVisitor) (const PgtImportSlot *slot, void *arg,
									  char *why, size_t why_size);

/*
 * Visit the slots of a program of the given machine (EM_...), which may be
 * another than this: its segments only have to be mapped.
 */
extern bool pgt_import_slots_visit(const struct dl_phdr_info *program, int machine,
								   PgtImportSlotVisitor visit, void *arg,
								   char *why, size_t why_size);

/*
 * Store a function's address, also where the page is read-only, which it is
 * again afterwards.  Returns false with errno.
 */
extern bool pgt_slot_store(void **slot, void *function);

/* Visit the writable segments of the main program: words from at to before end. */
extern void pgt_program_data(void (*visit) (void **at, void **end, void *arg), void *arg);

#endif							/* PG_TRACE_IMPORT_SLOTS_H */
