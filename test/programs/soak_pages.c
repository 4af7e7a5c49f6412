// soak_pages DEVICE SEED CALLS PAGES: maps a device of the driver pages, uses the memory through the maps and
// through the file, and knows what is in it. See soak.h.
#include "soak.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGES_IOCUPPER _IO('P', 3)
#define PAGE 4096
#define MOST 64
#define MAPS 3

static char model[MOST * PAGE], data[MOST * PAGE];
static struct { char *at; long from, size; } maps[MAPS];
static int fd;
static long size;

/** A stretch of the memory: where it begins; `n` gets its length, at least 1. */
static long stretch(long length, long *n)
{
	long from = below(length);

	*n = 1 + below(below(3) ? 100 : length);
	if (*n > length - from)
		*n = length - from;
	return from;
}

static void unmap(int i)
{
	if (maps[i].at)
		expect("munmap", answer(munmap(maps[i].at, maps[i].size)), 0);
	maps[i].at = NULL;
}

static void map(int i)
{
	long first = below(size / PAGE), count = 1 + below(size / PAGE - first);
	void *at;

	unmap(i);
	calls++;
	at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, first * PAGE);
	if (at == MAP_FAILED)
		diverges("mmap of %ld pages from %ld: %s", count, first, strerror(errno));
	maps[i].at = at;
	maps[i].from = first * PAGE;
	maps[i].size = count * PAGE;
}

static void fill(char *to, long n)
{
	for (long i = 0; i < n; i++)
		to[i] = 'a' + below(26);
}

static void store(int i)
{
	long n, at = stretch(maps[i].size, &n);

	fill(maps[i].at + at, n);
	memcpy(model + maps[i].from + at, maps[i].at + at, n);
	if (below(8) == 0)
		expect("msync without fsync()", answer(msync(maps[i].at, maps[i].size, MS_SYNC)), -EINVAL);
}

static void load(int i)
{
	long n, at = stretch(maps[i].size, &n);

	if (memcmp(maps[i].at + at, model + maps[i].from + at, n))
		diverges("%ld mapped bytes at %ld: others", n, maps[i].from + at);
}

static void read_some(void)
{
	long n, at = stretch(size, &n);

	expect("pread", answer(pread(fd, data, n, at)), n);
	if (memcmp(data, model + at, n))
		diverges("pread of %ld bytes at %ld: other bytes", n, at);
}

static void write_some(void)
{
	long n, at = stretch(size, &n);

	fill(data, n);
	memcpy(model + at, data, n);
	expect("pwrite", answer(pwrite(fd, data, n, at)), n);
}

static void upper(void)
{
	expect("PAGES_IOCUPPER", answer(ioctl(fd, PAGES_IOCUPPER)), 0);
	for (long i = 0; i < size && model[i]; i++)
		if (model[i] >= 'a' && model[i] <= 'z')
			model[i] -= 'a' - 'A';
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	random_state = strtoul(argv[2], NULL, 0);
	size = atol(argv[4]) * PAGE;
	if (size < PAGE || size > (long)sizeof(model))
		return 2;
	be_interrupted(below(2));
	fd = answer(open(argv[1], O_RDWR));
	if (fd < 0)
		diverges("open answers %d", fd);
	fill(model, size);
	expect("pwrite", answer(pwrite(fd, model, size, 0)), size);
	for (long most = atol(argv[3]); calls < most;) {
		int i = below(MAPS), what = below(8);

		if (what == 0)
			map(i);
		else if (what == 1)
			unmap(i);
		else if (what == 2)
			upper();
		else if (what == 3)
			write_some();
		else if (what == 4)
			read_some();
		else if (maps[i].at)
			what < 7 ? store(i) : load(i);
	}
	for (int i = 0; i < MAPS; i++)
		unmap(i);
	expect("close", answer(close(fd)), 0);
	return done();
}
