/* Times one operation on an open file: bench-client FILE read|write|ioctl|set SIZE COUNT
 *
 * Prints nanoseconds as JSON. Another tenth of COUNT runs before, unmeasured. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define BENCH_IOCGPAGE _IOR('b', 1, char[PAGE])
#define BENCH_IOCSBYTE _IOW('b', 2, int)

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
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

int main(int argc, char **argv)
{
	if (argc != 5)
		return fprintf(stderr, "usage: %s FILE read|write|ioctl|set SIZE COUNT\n", argv[0]), 2;

	const char *op = argv[2];
	size_t size = strtoul(argv[3], NULL, 10);
	long count = atol(argv[4]), total = 0;
	char *buf = malloc(size > PAGE ? size : PAGE);
	long *took = malloc(count * sizeof(*took));
	int fd = open(argv[1], O_RDWR);

	if (fd < 0)
		return perror(argv[1]), 1;
	memset(buf, 'b', size);
	for (long i = -count / 10; i < count; i++) {
		long start = now();

		if (!operate(op, fd, buf, size))
			return perror(op), 1;
		if (i >= 0)
			total += took[i] = now() - start;
	}
	qsort(took, count, sizeof(*took), by_value);
	printf("{\"p50\": %ld, \"p99\": %ld, \"ops\": %.0f}\n", took[count / 2],
	       took[count * 99 / 100], count * 1e9 / total);
	return 0;
}
