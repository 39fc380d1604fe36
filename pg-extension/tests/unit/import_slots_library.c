/*-------------------------------------------------------------------------
 *
 * import_slots_library.c
 *	  A library with a function in two versions, as libc has some; programs
 *	  that were linked long ago call the first.  Another library has the same,
 *	  with another ANSWER, and is searched later.
 *
 *-------------------------------------------------------------------------
 */
extern int	answer_first(void);
extern int	answer_second(void);

__asm__(".symver answer_first, answer@FIRST");
__asm__(".symver answer_second, answer@@SECOND");

int
answer_first(void)
{
	return ANSWER;
}

int
answer_second(void)
{
	return ANSWER + 1;
}
