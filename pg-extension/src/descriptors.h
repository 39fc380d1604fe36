/*-------------------------------------------------------------------------
 *
 * descriptors.h
 *	  Which file is behind a descriptor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_DESCRIPTORS_H
#define PG_TRACE_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>

#define PGT_FILE_PATH_MAX	96

typedef struct PgtFile
{
	bool		known;			/* the rest is filled */
	bool		is_relation;
	uint32_t	tablespace;		/* 0: not known */
	uint32_t	database;
	uint32_t	file;			/* relfilenode */
	uint32_t	fork;			/* the server's ForkNumber */
	uint32_t	segment;		/* of the relation's file, from 0 */
	uint32_t	number;			/* of the PgtFileName, 0: not yet sent */
	uint32_t	sent;			/* generation in which it was sent */
	char		path[PGT_FILE_PATH_MAX];	/* cut at its beginning */
} PgtFile;

/* What a path of a data directory says; fills all but number and sent. */
extern void pgt_file_parse(PgtFile *file, const char *path, const char *data_directory);

/*
 * The file behind a descriptor: asked of the kernel (one readlink) when it is
 * first seen, and kept until pgt_descriptor_closed.  NULL where it cannot be
 * had.
 */
extern PgtFile *pgt_descriptor_file(int fd, const char *data_directory);
extern void pgt_descriptor_closed(int fd);

#endif							/* PG_TRACE_DESCRIPTORS_H */
