/*-------------------------------------------------------------------------
 *
 * descriptors.c
 *	  Which file is behind a descriptor.
 *
 * The server's own table of virtual descriptors is private to it, so the
 * kernel is asked, once for each file that is opened.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"

#define DESCRIPTORS		1024	/* as many as the server opens by default */

static PgtFile table[DESCRIPTORS];
static PgtFile beyond;			/* a descriptor that the table has no place for */

/* A decimal number; *text moves behind it. */
static bool
number(const char **text, uint32_t *value)
{
	const char *c = *text;
	uint64_t	n = 0;

	while (*c >= '0' && *c <= '9' && n <= UINT32_MAX)
		n = n * 10 + (uint64_t) (*c++ - '0');
	if (c == *text || n > UINT32_MAX)
		return false;
	*text = c;
	*value = (uint32_t) n;
	return true;
}

/* [t<backend>_]<relfilenode>[_fsm|_vm|_init][.<segment>] */
static bool
relation_file(PgtFile *file, const char *name)
{
	static const struct
	{
		const char *suffix;
		uint32_t	fork;
	}			forks[] = {{"_fsm", 1}, {"_vm", 2}, {"_init", 3}};
	uint32_t	backend;

	file->fork = 0;
	file->segment = 0;
	if (*name == 't')
	{
		name++;
		if (!number(&name, &backend) || *name++ != '_')
			return false;
	}
	if (!number(&name, &file->file))
		return false;
	for (size_t i = 0; i < sizeof(forks) / sizeof(forks[0]); i++)
	{
		size_t		length = strlen(forks[i].suffix);

		if (strncmp(name, forks[i].suffix, length) == 0)
		{
			file->fork = forks[i].fork;
			name += length;
			break;
		}
	}
	if (*name == '.')
	{
		name++;
		if (!number(&name, &file->segment))
			return false;
	}
	return *name == '\0';
}

/* The server's OIDs of the two tablespaces that are always there. */
#define DEFAULT_TABLESPACE	1663
#define GLOBAL_TABLESPACE	1664

void
pgt_file_parse(PgtFile *file, const char *path, const char *data_directory)
{
	size_t		prefix = strlen(data_directory);
	size_t		length;
	const char *name;
	const char *rest;

	if (strncmp(path, data_directory, prefix) == 0 && path[prefix] == '/')
		path += prefix + 1;
	length = strlen(path);
	file->is_relation = false;
	file->tablespace = file->database = file->file = file->fork = file->segment = 0;
	name = strrchr(path, '/');
	name = name == NULL ? path : name + 1;
	if (strncmp(path, "base/", 5) == 0)
	{
		rest = path + 5;
		file->tablespace = DEFAULT_TABLESPACE;
		file->is_relation = number(&rest, &file->database) && rest + 1 == name &&
			relation_file(file, name);
	}
	else if (strncmp(path, "global/", 7) == 0)
	{
		file->tablespace = GLOBAL_TABLESPACE;
		file->is_relation = path + 7 == name && relation_file(file, name);
	}
	else if ((rest = strstr(path, "/PG_")) != NULL && (rest = strchr(rest + 1, '/')) != NULL)
	{
		/* The kernel has followed the link whose name was the tablespace. */
		rest++;
		file->is_relation = number(&rest, &file->database) && rest + 1 == name &&
			relation_file(file, name);
	}
	if (length >= sizeof(file->path))
		path += length - (sizeof(file->path) - 1);
	strcpy(file->path, path);
	file->known = true;
}

PgtFile *
pgt_descriptor_file(int fd, const char *data_directory)
{
	PgtFile    *file = fd >= 0 && fd < DESCRIPTORS ? &table[fd] : &beyond;
	char		link[32];
	char		path[1024];
	char	   *deleted;
	ssize_t		length;

	if (file->known && file != &beyond)
		return file;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return NULL;
	path[length] = '\0';
	deleted = strstr(path, " (deleted)");
	if (deleted != NULL)
		*deleted = '\0';
	file->number = 0;
	file->sent = 0;
	pgt_file_parse(file, path, data_directory);
	return file;
}

void
pgt_descriptor_closed(int fd)
{
	/* Looked at first: a page of zeros stays shared where nothing is traced. */
	if (fd >= 0 && fd < DESCRIPTORS && table[fd].known)
		table[fd].known = false;
}
