// soak_pipe DEVICE SEED BYTES: a writer and a reader at one device of the driver scullpipe, while signals
// stop, continue and interrupt them: every byte comes out once, in order. See soak.h.
#include "soak.h"

#define PIECE 9000

/** How many calls are made in one way, before the next. */
#define IN_ONE_WAY 40

static const char *device;
static long total;
static uint32_t seed;

/** The byte at `at` of all that goes through. */
static unsigned char byte(long at)
{
	return (seed + at * 2654435761u) >> 24;
}

/** One call of either side: what has been moved, 0 if that was nothing. */
static long move(struct waiter *w, unsigned char *data, long done, long left)
{
	long count = 1 + below(PIECE), n;

	if (w->events == POLLIN) {
		n = answer(read(w->fd, data, count));
	} else {
		count = count < left ? count : left;
		for (long i = 0; i < count; i++)
			data[i] = byte(done + i);
		n = answer(write(w->fd, data, count));
	}
	if (n == -EINTR)
		return 0;
	if (n == -EAGAIN && w->way != BLOCK) {
		wait_ready(w);
		return 0;
	}
	if (n <= 0 || n > count)
		diverges("%s of %ld bytes in way %d answers %ld", w->events == POLLIN ? "read" : "write",
			 count, w->way, n);
	return n;
}

static void check(const unsigned char *data, long at, long n)
{
	if (at + n > total)
		diverges("%ld bytes come out, of %ld", at + n, total);
	for (long i = 0; i < n; i++)
		if (data[i] != byte(at + i))
			diverges("byte %ld is %02x, not %02x", at + i, data[i], byte(at + i));
}

static int side(short events)
{
	static unsigned char data[PIECE];
	long moved = 0;

	random_state = seed + events;
	be_interrupted(below(2));
	while (moved < total) {
		int fd = answer(open(device, events == POLLIN ? O_RDONLY : O_WRONLY));
		struct waiter w = waiter(fd, events, below(WAYS));

		if (fd < 0)
			diverges("open answers %d", fd);
		for (int i = 0; i < IN_ONE_WAY && moved < total; i++) {
			long n = move(&w, data, moved, total - moved);

			if (events == POLLIN)
				check(data, moved, n);
			moved += n;
		}
		expect("close", answer(close(fd)), 0);
		close(w.epoll);
	}
	return done();
}

static pid_t started(short events)
{
	pid_t pid = fork();

	if (pid == 0)
		exit(side(events));
	return pid;
}

/** Nothing is left, and nothing comes to those who ask again. */
static void expect_empty(void)
{
	char rest[16];
	int fd = answer(open(device, O_RDWR | O_NONBLOCK));

	expect("read of the empty pipe", answer(read(fd, rest, sizeof(rest))), -EAGAIN);
	expect("lseek", answer(lseek(fd, 1, SEEK_SET)), -ESPIPE);
	expect("close", answer(close(fd)), 0);
}

int main(int argc, char **argv)
{
	pid_t sides[2];

	if (argc != 4)
		return 2;
	device = argv[1];
	seed = strtoul(argv[2], NULL, 0);
	random_state = ~seed;
	total = atol(argv[3]);
	be_interrupted(0);
	sides[0] = started(POLLIN);
	sides[1] = started(POLLOUT);
	if (await_disturbed(sides, 2))
		return 1;
	expect_empty();
	return done();
}
