// soak_sleepers MNT COUNT SEED: callers that sleep in the machine at MNT until it ends, each in one of
// several calls. Says when all are about to; then waits for every one of them to get an error. See soak.h.
#include "soak.h"

enum { READ, WRITE, WAIT, ANY_POLL, OPEN, LOG, DRAIN, KINDS };

static const char *mnt;

static int opened(const char *name, int mode)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", mnt, name);
	fd = answer(open(path, mode));
	if (fd < 0)
		diverges("open of %s answers %d", name, fd);
	return fd;
}

/** Until it fails: the error, negative. */
static long repeat_read(int fd)
{
	static char data[4096];
	long n;

	while ((n = answer(read(fd, data, sizeof(data)))) >= 0)
		continue;
	return n;
}

static long repeat_write(int fd)
{
	static char data[4096];
	long n;

	while ((n = answer(write(fd, data, sizeof(data)))) >= 0)
		continue;
	return n;
}

static long repeat_wait(int fd, enum way way)
{
	struct waiter w = waiter(fd, POLLIN, way);
	char data[64];
	long n;

	for (;;) {
		wait_ready(&w);
		n = answer(read(fd, data, sizeof(data)));
		if (n != -EAGAIN)
			return n;
	}
}

static void about_to(int ready)
{
	if (write(ready, "", 1) != 1)
		exit(1);
}

static long sleep_in(int kind, int ready)
{
	int fd;

	switch (kind) {
	case READ: fd = opened("dev/scullpipe0", O_RDONLY); about_to(ready); return repeat_read(fd);
	case WRITE: fd = opened("dev/scullpipe1", O_WRONLY); about_to(ready); return repeat_write(fd);
	case LOG: fd = opened("dev/kmsg", O_RDONLY); about_to(ready); return repeat_read(fd);
	case DRAIN: fd = opened("dev/zero", O_RDONLY); about_to(ready); return repeat_read(fd);
	case OPEN:
		about_to(ready);
		for (;;) {
			char path[4096];

			snprintf(path, sizeof(path), "%s/proc/doze", mnt);
			fd = answer(open(path, O_RDWR));
			if (fd < 0)
				return fd;
			usleep(100000);
			if (answer(close(fd)) < 0)
				return -errno;
		}
	default:
		fd = opened("dev/bell", O_RDONLY);
		about_to(ready);
		return repeat_wait(fd, POLL + below(WAYS - POLL));
	}
}

static int expected(long error)
{
	return error == -ENOTCONN || error == -ECONNABORTED || error == -ENODEV || error == -EIO ||
	       error == -ENOENT;
}

static int sleeper(int kind, int ready)
{
	long error = sleep_in(kind, ready);

	if (!expected(error))
		diverges("a sleeper of kind %d ends with %ld", kind, error);
	return 0;
}

int main(int argc, char **argv)
{
	int ready[2], count = argc == 4 ? atoi(argv[2]) : 0, failed = 0, status;
	char byte;

	if (count < 1 || pipe(ready) < 0)
		return 2;
	mnt = argv[1];
	random_state = strtoul(argv[3], NULL, 0);
	for (int i = 0; i < count; i++) {
		int kind = below(KINDS);

		any();
		if (fork() == 0)
			exit(sleeper(kind, ready[1]));
	}
	close(ready[1]);
	for (int i = 0; i < count; i++)
		if (read(ready[0], &byte, 1) != 1)
			return 1;
	printf("asleep\n");
	fflush(stdout);
	while (wait(&status) > 0)
		failed |= status != 0;
	calls = count;
	return failed || done();
}
