/* Times one operation on an open file: bench-client FILE read|write|ioctl|set|wake-read|wake-poll SIZE COUNT
 *
 * Prints nanoseconds as JSON; "user" and "system" are the CPU time of one operation. Another tenth of COUNT runs before, unmeasured. For the last two, a
 * child writes to FILE when the parent has fallen asleep there; the time is that from before its write(2) until
 * the parent is back. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define BENCH_IOCGPAGE _IOR('b', 1, char[PAGE])
#define BENCH_IOCSBYTE _IOW('b', 2, int)

/* How long it takes at most to fall asleep in a device, in nanoseconds. */
#define FALLING_ASLEEP 500000

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long nanoseconds(struct timeval t)
{
	return t.tv_sec * 1000000000L + t.tv_usec * 1000L;
}

static int by_value(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* Who writes when told so. */
struct waker {
	pid_t pid;
	int go;
	/* When it began its last write(2). */
	volatile long *began;
};

static void wake_when_told(const char *file, int told, volatile long *began)
{
	struct timespec pause = { .tv_nsec = FALLING_ASLEEP };
	int fd = open(file, O_WRONLY);
	char c;

	while (read(told, &c, 1) == 1) {
		nanosleep(&pause, NULL);
		*began = now();
		if (write(fd, "w", 1) != 1)
			exit(1);
	}
	exit(0);
}

static struct waker start_waker(const char *file)
{
	int fds[2];
	struct waker waker = {
		.began = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	};

	if (waker.began == MAP_FAILED || pipe(fds) || (waker.pid = fork()) < 0)
		exit(1);
	if (!waker.pid) {
		close(fds[1]);
		wake_when_told(file, fds[0], waker.began);
	}
	close(fds[0]);
	waker.go = fds[1];
	return waker;
}

static void end_waker(struct waker *waker)
{
	close(waker->go);
	waitpid(waker->pid, NULL, 0);
}

/* From the waker's write(2) until this process has been woken by it, or -1. */
static long time_waking(struct waker *waker, int fd, int polls)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	long took;

	if (write(waker->go, "g", 1) != 1)
		return -1;
	if (polls ? poll(&p, 1, -1) != 1 : read(fd, &byte, 1) != 1)
		return -1;
	took = now() - *waker->began;
	return polls && read(fd, &byte, 1) != 1 ? -1 : took;
}

static int operate(const char *op, int fd, char *buf, size_t size)
{
	if (!strcmp(op, "read"))
		return read(fd, buf, size) == (ssize_t)size;
	if (!strcmp(op, "write"))
		return write(fd, buf, size) == (ssize_t)size;
	if (!strcmp(op, "set"))
		return ioctl(fd, BENCH_IOCSBYTE, buf) == 0;
	return ioctl(fd, BENCH_IOCGPAGE, buf) == 0;
}

static long time_operation(const char *op, int fd, char *buf, size_t size)
{
	long start = now();

	return operate(op, fd, buf, size) ? now() - start : -1;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return fprintf(stderr, "usage: %s FILE OPERATION SIZE COUNT\n", argv[0]), 2;

	const char *op = argv[2];
	size_t size = strtoul(argv[3], NULL, 10);
	long count = atol(argv[4]), total = 0;
	char *buf = malloc(size > PAGE ? size : PAGE);
	long *took = malloc(count * sizeof(*took));
	int wakes = !strncmp(op, "wake-", 5), polls = !strcmp(op, "wake-poll");
	struct waker waker = { 0 };
	struct rusage before, after;
	int fd = open(argv[1], O_RDWR);

	if (fd < 0)
		return perror(argv[1]), 1;
	if (wakes)
		waker = start_waker(argv[1]);
	memset(buf, 'b', size);
	for (long i = -count / 10; i < count; i++) {
		if (i == 0)
			getrusage(RUSAGE_SELF, &before);

		long t = wakes ? time_waking(&waker, fd, polls) : time_operation(op, fd, buf, size);

		if (t < 0)
			return perror(op), 1;
		if (i >= 0)
			total += took[i] = t;
	}
	getrusage(RUSAGE_SELF, &after);
	if (wakes)
		end_waker(&waker);
	qsort(took, count, sizeof(*took), by_value);
	printf("{\"p50\": %ld, \"p99\": %ld, \"ops\": %.0f, \"user\": %ld, \"system\": %ld}\n",
	       took[count / 2], took[count * 99 / 100], count * 1e9 / total,
	       (nanoseconds(after.ru_utime) - nanoseconds(before.ru_utime)) / count,
	       (nanoseconds(after.ru_stime) - nanoseconds(before.ru_stime)) / count);
	return 0;
}
