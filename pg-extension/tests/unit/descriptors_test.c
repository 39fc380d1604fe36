/*-------------------------------------------------------------------------
 *
 * descriptors_test.c
 *	  What paths of a data directory say, and which file is behind a descriptor.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"

static int	passed;
static int	failed;

static void
check(bool holds, const char *what)
{
	passed += holds;
	failed += !holds;
	if (!holds)
		fprintf(stderr, "failed: %s\n", what);
}

/* A relation's file: tablespace, database, file, fork, segment. */
static void
relation(const char *path, uint32_t tablespace, uint32_t database, uint32_t file,
		 uint32_t fork, uint32_t segment)
{
	PgtFile		f = {0};

	pgt_file_parse(&f, path, "/srv/data");
	check(f.known && f.is_relation && f.tablespace == tablespace && f.database == database &&
		  f.file == file && f.fork == fork && f.segment == segment, path);
}

static void
other(const char *path, const char *shown)
{
	PgtFile		f = {0};

	pgt_file_parse(&f, path, "/srv/data");
	check(f.known && !f.is_relation && strcmp(f.path, shown) == 0, path);
}

static void
test_paths(void)
{
	char		longest[300];

	relation("/srv/data/base/5/16384", 1663, 5, 16384, 0, 0);
	relation("/srv/data/base/5/16384.3", 1663, 5, 16384, 0, 3);
	relation("/srv/data/base/5/16384_fsm", 1663, 5, 16384, 1, 0);
	relation("/srv/data/base/5/16384_vm.1", 1663, 5, 16384, 2, 1);
	relation("/srv/data/base/5/16384_init", 1663, 5, 16384, 3, 0);
	relation("/srv/data/base/5/t7_16400", 1663, 5, 16400, 0, 0);
	relation("/srv/data/global/1260", 1664, 0, 1260, 0, 0);
	relation("/mnt/fast/PG_15_202209061/5/16390.2", 0, 5, 16390, 0, 2);
	relation("/srv/data/pg_tblspc/16500/PG_18_202506291/5/16390", 0, 5, 16390, 0, 0);
	relation("/srv/data/base/4294967295/4294967295", 1663, 4294967295u, 4294967295u, 0, 0);

	other("/srv/data/pg_wal/000000010000000000000001", "pg_wal/000000010000000000000001");
	other("/srv/data/base/pgsql_tmp/pgsql_tmp4711.0", "base/pgsql_tmp/pgsql_tmp4711.0");
	other("/srv/data/global/pg_control", "global/pg_control");
	other("/srv/data/global/pg_filenode.map", "global/pg_filenode.map");
	other("/srv/data/base/5/pg_filenode.map", "base/5/pg_filenode.map");
	other("/srv/data/base/5/16384x", "base/5/16384x");
	other("/srv/data/base/5/", "base/5/");
	other("/srv/data/base/5/t_1", "base/5/t_1");
	other("/srv/data/base/5/4294967296", "base/5/4294967296");
	other("/srv/database/base/5/1", "/srv/database/base/5/1");
	other("socket:[4711]", "socket:[4711]");
	other("", "");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	other(longest, longest + sizeof(longest) - PGT_FILE_PATH_MAX);
}

static void
test_descriptors(void)
{
	char		folder[] = "/tmp/descriptors_test.XXXXXX";
	char		path[PATH_MAX];
	const PgtFile *file;
	int			fd;
	int			again;

	if (mkdtemp(folder) == NULL)
	{
		check(false, "a folder can be made");
		return;
	}
	snprintf(path, sizeof(path), "%s/one", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	file = pgt_descriptor_file(fd, folder);
	check(file != NULL && strcmp(file->path, "one") == 0, "the kernel names the file");
	unlink(path);
	check(pgt_descriptor_file(fd, folder) == file && strcmp(file->path, "one") == 0,
		  "it is kept while the descriptor is open");

	pgt_descriptor_closed(fd);
	file = pgt_descriptor_file(fd, folder);
	check(file != NULL && strcmp(file->path, "one") == 0, "a file that was removed keeps its name");
	pgt_descriptor_closed(fd);
	close(fd);
	check(pgt_descriptor_file(fd, folder) == NULL, "a descriptor that is closed has none");

	snprintf(path, sizeof(path), "%s/two", folder);
	again = open(path, O_RDWR | O_CREAT, 0600);
	file = pgt_descriptor_file(again, folder);
	check(again == fd && file != NULL && strcmp(file->path, "two") == 0,
		  "the number used again is another file");
	check(pgt_descriptor_file(-1, folder) == NULL, "no file is behind -1");
	close(again);
	unlink(path);
	rmdir(folder);
	pgt_descriptor_closed(-1);
	pgt_descriptor_closed(1 << 30);
}

int
main(void)
{
	test_paths();
	test_descriptors();
	printf("descriptors_test: %d passed, %d failed\n", passed, failed);
	return failed != 0;
}
