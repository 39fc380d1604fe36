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

typedef struct PgtImport
{
	const char *name;			/* of the imported function */
	void	   *replacement;
	void	  **original;		/* out: what the server called before */
	int			slots;			/* out: how many slots were redirected */
} PgtImport;

/*
 * Redirect the main program's slots of the imports.  One that the program does
 * not import has slots = 0, which is not an error.  Returns false, with the
 * reason in why, where nothing could be done at all.
 */
extern bool pgt_imports_install(PgtImport *imports, int count, char *why, size_t why_size);

/*
 * Look at the slots once more: is each that was redirected still so, and none
 * left that was not?
 */
extern bool pgt_imports_verify(const PgtImport *imports, int count, char *why, size_t why_size);

#endif							/* PG_TRACE_IMPORT_SLOTS_H */
