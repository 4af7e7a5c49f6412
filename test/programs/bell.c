/* bell DEVICE RING: waits at the bell with each of the calls that wait for several files at once, while a child rings
 * through the file RING. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *ring;

/* Ring `times` at once, when the parent has had time to begin to wait. */
static void ring_later(const char *times)
{
	if (fork() == 0) {
		int fd = open(ring, O_WRONLY);

		usleep(100000);
		_exit(write(fd, times, strlen(times)) < 0);
	}
}

/* What it returned; what one file and then the other one has heard. */
static void heard(const char *call, int ret, int one, int two)
{
	char first[16] = "-", second[16] = "-";

	wait(NULL);
	if (read(one, first, sizeof first) > 0)
		*strchr(first, '\n') = 0;
	if (read(two, second, sizeof second) > 0)
		*strchr(second, '\n') = 0;
	printf("%s: %d ready; heard %s and %s\n", call, ret, first, second);
}

int main(int argc, char **argv)
{
	int fds[2], epoll = epoll_create1(0);
	struct pollfd polled[2];
	struct epoll_event events[2];
	fd_set set;

	if (argc != 3)
		return 2;
	ring = argv[2];
	FD_ZERO(&set);
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = { EPOLLIN | (i ? EPOLLET : 0), { .fd = i } };

		fds[i] = open(argv[1], O_RDONLY | O_NONBLOCK);
		if (fds[i] < 0)
			return perror(argv[1]), 1;
		polled[i] = (struct pollfd){ fds[i], POLLIN, 0 };
		FD_SET(fds[i], &set);
		epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
	}
	printf("nothing yet: %d\n", poll(polled, 2, 20));

	ring_later("1");
	heard("poll", poll(polled, 2, 10000), fds[0], fds[1]);

	ring_later("2");
	heard("select", select(fds[1] + 1, &set, NULL, NULL, NULL), fds[0], fds[1]);

	ring_later("3");
	/* Both are ready, but they may be told of one after the other. */
	int seen = 0, n;
	while (seen != 3 && (n = epoll_wait(epoll, events, 2, 10000)) > 0)
		while (n-- > 0)
			seen |= 1 << events[n].data.fd;
	heard("epoll", __builtin_popcount(seen), fds[0], fds[1]);

	fcntl(fds[0], F_SETFL, 0);
	ring_later("4");
	printf("blocked read: %s", read(fds[0], events, sizeof events) == 2 ? (char *)events : "?");
	wait(NULL);

	/* Nobody has read on the second file: by edge that is told once. */
	epoll_wait(epoll, events, 2, 1000);
	printf("no new edge: %d\n", epoll_wait(epoll, events, 2, 50));
	return 0;
}
