/* Uses a scullpipe as any program uses a pipe: waits in read, write, poll, select and epoll. The device holds 15 bytes
 * (buffer=16). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM 15

static const char *device;
static void *volatile nowhere = (void *)8;

static void say(const char *what, ssize_t ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %zd\n", what, ret);
	fflush(stdout);
}

static int ready(int fd)
{
	struct pollfd one = { fd, POLLIN | POLLOUT, 0 };

	poll(&one, 1, 0);
	return one.revents;
}

/* A child that writes `text` a little later, so that its parent has begun to wait. */
static void write_later(const char *text)
{
	if (fork() == 0) {
		int fd = open(device, O_WRONLY);

		usleep(100000);
		_exit(write(fd, text, strlen(text)) != (ssize_t)strlen(text));
	}
}

/* And one that reads. */
static void read_later(size_t count)
{
	if (fork() == 0) {
		char bytes[ROOM];
		int fd = open(device, O_RDONLY);

		usleep(100000);
		_exit(read(fd, bytes, count) <= 0);
	}
}

static void reap(const char *what)
{
	int status;

	wait(&status);
	say(what, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void without_waiting(int fd)
{
	char bytes[2 * ROOM] = "";

	fcntl(fd, F_SETFL, O_NONBLOCK);
	say("read of nothing", read(fd, bytes, 1));
	printf("ready: %#x\n", ready(fd));
	say("write too much", write(fd, bytes, sizeof bytes));
	printf("ready: %#x\n", ready(fd));
	say("write on", write(fd, bytes, 1));
	say("read all", read(fd, bytes, sizeof bytes));
	say("seek", lseek(fd, 0, SEEK_SET));
	say("bad pointer", write(fd, nowhere, 1));
	fcntl(fd, F_SETFL, 0);
}

static void waiting(int fd)
{
	char bytes[ROOM] = "";

	write_later("x");
	say("blocked read", read(fd, bytes, sizeof bytes));
	reap("writer");

	while (ready(fd) & POLLOUT)
		if (write(fd, bytes, 1) != 1)
			break;
	read_later(3);
	say("blocked write", write(fd, bytes, 3));
	reap("reader");

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, bytes, sizeof bytes) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static void multiplexed(int fd)
{
	char bytes[ROOM];
	struct pollfd one = { fd, POLLIN, 0 };
	struct epoll_event event = { EPOLLIN | EPOLLET, { 0 } };
	int epoll = epoll_create1(0);
	fd_set set;

	say("poll in vain", poll(&one, 1, 50));
	write_later("a");
	say("poll", poll(&one, 1, 10000));
	reap("writer");
	read(fd, bytes, 1);

	FD_ZERO(&set);
	FD_SET(fd, &set);
	write_later("b");
	say("select", select(fd + 1, &set, NULL, NULL, NULL));
	reap("writer");
	read(fd, bytes, 1);

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	for (int i = 0; i < 2; i++) {
		write_later("c");
		say("epoll, by edge", epoll_wait(epoll, &event, 1, 10000));
		reap("writer");
	}
	say("no edge", epoll_wait(epoll, &event, 1, 50));
	say("read both", read(fd, bytes, sizeof bytes));
	close(epoll);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		return 2;
	device = argv[1];
	fd = open(device, O_RDWR);
	if (fd < 0)
		return perror(device), 1;
	without_waiting(fd);
	waiting(fd);
	multiplexed(fd);
	return 0;
}
