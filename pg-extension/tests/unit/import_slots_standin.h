/*-------------------------------------------------------------------------
 *
 * import_slots_standin.h
 *	  What the library of stand-ins offers to the program that loads it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IMPORT_SLOTS_STANDIN_H
#define IMPORT_SLOTS_STANDIN_H

#include "import_slots.h"

enum
{
	PREAD,						/* bound before it is redirected */
	LSEEK,						/* not called before */
	POLL,						/* its address is taken */
	MEMCHR,						/* chosen by the library at run time (IFUNC) */
	TIME,						/* chosen as well, from the kernel's own library */
	ANSWER,						/* in an older version */
	NOWHERE,					/* weak, and in no library */
	NOT_IMPORTED,
	IMPORTS
};

typedef struct Standins
{
	bool		(*install) (PgtImport *imports, int count, char *why, size_t why_size);
	bool		(*verify) (const PgtImport *imports, int count, char *why, size_t why_size);
	PgtImport  *imports;
	int		   *calls;			/* of each stand-in */
	int		   *mprotect_refused;	/* this call of mprotect() fails: 1 is the next */
} Standins;

#endif							/* IMPORT_SLOTS_STANDIN_H */
