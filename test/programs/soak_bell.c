// soak_bell DEVICE RING SEED TIMES: listeners at the bell, in all ways to wait, while signals stop, continue and
// interrupt them: each hears all that is rung. See soak.h.
#include "soak.h"

#define LISTENERS 6

static const char *device;
static long total;

/** Tells through `ready` that it listens from now on. */
static int listen_to_all(int ready, enum way way)
{
	long heard = 0;
	int fd = answer(open(device, O_RDONLY));
	struct waiter w = waiter(fd, POLLIN, way);
	char text[16];

	if (fd < 0)
		diverges("open answers %d", fd);
	if (write(ready, "", 1) != 1)
		return 1;
	be_interrupted(below(2));
	while (heard < total) {
		long n = answer(read(fd, text, sizeof(text) - 1));

		if (n == -EINTR)
			continue;
		if (n == -EAGAIN && way != BLOCK) {
			wait_ready(&w);
			continue;
		}
		if (n <= 0)
			diverges("read in way %d answers %ld", way, n);
		text[n] = 0;
		heard += atol(text);
	}
	if (heard != total)
		diverges("%ld rings in way %d, not %ld", heard, way, total);
	expect("close", answer(close(fd)), 0);
	return 0;
}

static int ring_all(const char *file)
{
	struct timespec pause = { 0, 0 };
	char text[16];

	for (long left = total, times; left > 0; left -= times) {
		int fd = answer(open(file, O_WRONLY));

		times = 1 + below(left < 5 ? left : 5);
		snprintf(text, sizeof(text), "%ld", times);
		expect("ring", answer(write(fd, text, strlen(text))), strlen(text));
		expect("close", answer(close(fd)), 0);
		pause.tv_nsec = below(3) * 300000;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	pid_t children[LISTENERS + 1];
	int ready[2];
	char byte;

	if (argc != 5)
		return 2;
	device = argv[1];
	random_state = strtoul(argv[3], NULL, 0);
	total = atol(argv[4]);
	be_interrupted(0);
	if (pipe(ready) < 0)
		return 2;
	for (int i = 0; i < LISTENERS; i++)
		if ((children[i] = fork()) == 0)
			exit(listen_to_all(ready[1], i % WAYS) || done());
	for (int i = 0; i < LISTENERS; i++)
		if (read(ready[0], &byte, 1) != 1)
			return 1;
	if ((children[LISTENERS] = fork()) == 0)
		exit(ring_all(argv[2]) || done());
	if (await_disturbed(children, LISTENERS + 1))
		return 1;
	return done();
}
