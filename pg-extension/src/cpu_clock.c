/*-------------------------------------------------------------------------
 *
 * cpu_clock.c
 *	  CPU time of this process, by the kernel's accounting, mostly without a
 *	  system call.
 *
 * clock_gettime(CLOCK_THREAD_CPUTIME_ID) is a system call of 200-600 ns, and a
 * short statement has half a dozen call boundaries.  But while the kernel does
 * not take the thread off its CPU, CPU time passes exactly as the monotonic
 * clock does.  Restartable sequences (rseq, Linux 4.18; the C library registers
 * an area for each thread since glibc 2.35) tell when it did: the kernel
 * clears the area's rseq_cs pointer whenever it returns to a thread that was
 * switched out, migrated or signalled outside of the sequence that rseq_cs
 * names.  So: store the address of a sequence that never runs, read the CPU
 * clock once, and for as long as the pointer stands, CPU = base + monotonic
 * time passed.
 *
 * The base is renewed after RESYNC_NS all the same, so that time which the
 * kernel accounts elsewhere without a switch (a hypervisor's steal time; with
 * some kernels that of interrupts) is not counted for longer than that.  Where
 * there is no rseq, or some other library of the process uses it at that
 * moment, the system call is made each time.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "cpu_clock.h"
#include "ticks.h"

#define RESYNC_NS	INT64_C(200000)

/* Both clocks are read again where it took longer, so many times. */
#define READ_NS		INT64_C(3000)
#define READ_TRIES	3

static int64_t base_cpu_ns;
static int64_t base_mono_ns;
static int64_t last_ns;
static int64_t ahead_ns;		/* of the kernel's clock */

/*
 * What was measured may be behind what was said before: a hypervisor took the
 * CPU away without a switch.  That time has been counted, and stays so, or the
 * next calls would show none of theirs.
 */
static inline int64_t
measured(int64_t cpu_ns)
{
	if (cpu_ns + ahead_ns < last_ns)
		ahead_ns = last_ns - cpu_ns;
	last_ns = cpu_ns + ahead_ns;
	return last_ns;
}

static int64_t
read_cpu_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

#if defined(__x86_64__) || defined(__aarch64__)

/*
 * The kernel's struct rseq and rseq_cs (linux/rseq.h), by the fields that are
 * used here: their offsets are part of the kernel's ABI.
 */
#define RSEQ_CS_OFFSET	8

struct sequence
{
	uint32_t	version;
	uint32_t	flags;
	uint64_t	start_ip;
	uint64_t	post_commit_offset;
	uint64_t	abort_ip;
};

/* Exported by glibc 2.35 and later; size 0: not registered. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/*
 * A sequence of one instruction that nothing ever runs, and its abort handler,
 * which the kernel wants preceded by the signature that glibc registered.
 */
extern const char pgt_rseq_start[] __attribute__((visibility("hidden")));
extern const char pgt_rseq_end[] __attribute__((visibility("hidden")));
extern const char pgt_rseq_abort[] __attribute__((visibility("hidden")));

#if defined(__x86_64__)
#define SIGNATURE	".byte 0x0f, 0xb9, 0x3d\n.long 0x53053053\n"
#define NEVER		"ud2\n"
#else
#define SIGNATURE	".inst 0xd428bc00\n"
#define NEVER		"brk #1\n"
#endif

__asm__(".pushsection .text.pgt_rseq, \"ax\", %progbits\n"
		".globl pgt_rseq_start\n.hidden pgt_rseq_start\n"
		".globl pgt_rseq_end\n.hidden pgt_rseq_end\n"
		".globl pgt_rseq_abort\n.hidden pgt_rseq_abort\n"
		"pgt_rseq_start:\n"
		"nop\n"
		"pgt_rseq_end:\n"
		SIGNATURE
		"pgt_rseq_abort:\n"
		NEVER
		".popsection\n");

static struct sequence marker __attribute__((aligned(32)));

/* Where the marker's address goes, or NULL where rseq cannot be had. */
static volatile uint64_t *rseq_cs;
static int	rseq_state;			/* 0 not looked for, 1 there, -1 not there */

static void
find_rseq(void)
{
	rseq_state = -1;
	if (&__rseq_size == NULL || &__rseq_offset == NULL || __rseq_size == 0)
		return;
	marker.start_ip = (uint64_t) (uintptr_t) pgt_rseq_start;
	marker.post_commit_offset = (uint64_t) (pgt_rseq_end - pgt_rseq_start);
	marker.abort_ip = (uint64_t) (uintptr_t) pgt_rseq_abort;
	rseq_cs = (volatile uint64_t *)
		((char *) __builtin_thread_pointer() + __rseq_offset + RSEQ_CS_OFFSET);
	rseq_state = 1;
}

/*
 * Read both clocks so close together that they are of one moment; what came
 * between them (an interrupt, a switch) would be counted on one side alone.
 */
static void
read_both(void)
{
	for (int try = 0; try < READ_TRIES; try++)
	{
		int64_t		after;

		base_mono_ns = pgt_now_ns();
		base_cpu_ns = read_cpu_clock();
		after = pgt_now_ns();
		if (after - base_mono_ns < READ_NS)
			return;
	}
}

int64_t
pgt_cpu_ns(int64_t *now_ns)
{
	uint64_t	ours = (uint64_t) (uintptr_t) &marker;
	int64_t		now = pgt_now_ns();
	int			save_errno;

	if (rseq_state > 0 && *rseq_cs == ours && now - base_mono_ns < RESYNC_NS)
	{
		int64_t		cpu_ns = base_cpu_ns + (now - base_mono_ns) + ahead_ns;

		*now_ns = now;
		if (cpu_ns > last_ns)
			last_ns = cpu_ns;
		return last_ns;
	}

	save_errno = errno;
	if (rseq_state == 0)
		find_rseq();
	/* Marker first: a switch between here and the clocks clears it again. */
	if (rseq_state > 0 && (*rseq_cs == 0 || *rseq_cs == ours))
		*rseq_cs = ours;
	read_both();
	errno = save_errno;
	*now_ns = base_mono_ns;
	return measured(base_cpu_ns);
}

#else							/* another architecture */

int64_t
pgt_cpu_ns(int64_t *now_ns)
{
	int			save_errno = errno;
	int64_t		cpu;

	*now_ns = pgt_now_ns();
	cpu = read_cpu_clock();
	errno = save_errno;
	return measured(cpu);
}

#endif
