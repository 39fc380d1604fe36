/*-------------------------------------------------------------------------
 *
 * check.h
 *	  The frame of the ring's tests: a failed CHECK fails its test, which goes
 *	  on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_CHECK_H
#define PG_TRACE_CHECK_H

#include <stdio.h>

static int	tests_passed;
static int	tests_failed;
static int	test_failures;

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, __func__, #condition); \
			test_failures++; \
		} \
	} while (0)

#define CHECK_EQUAL(actual, expected) \
	do { \
		long long	actual_ = (long long) (actual); \
		long long	expected_ = (long long) (expected); \
		if (actual_ != expected_) \
		{ \
			fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", __FILE__, __LINE__, \
					__func__, #actual, actual_, expected_); \
			test_failures++; \
		} \
	} while (0)

#endif							/* PG_TRACE_CHECK_H */
