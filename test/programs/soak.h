// What the programs of `npm run soak` share. A seed decides the calls, and the program knows what each has
// to answer: the first other answer is printed, and ends it with status 1. In the end it prints how
// many calls there were.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

static long calls;

static void __attribute__((noreturn, format(printf, 1, 2))) diverges(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("call %ld: ", calls);
	vprintf(format, args);
	printf("\n");
	exit(1);
}

/** What a call has answered: `ret`, or its error as a negative number. */
static long answer(long ret)
{
	calls++;
	return ret < 0 ? -errno : ret;
}

static void __attribute__((unused)) expect(const char *call, long answered, long expected)
{
	if (answered != expected)
		diverges("%s answers %ld, not %ld", call, answered, expected);
}

static int done(void)
{
	printf("%ld calls\n", calls);
	return 0;
}

static void interrupted(int signal)
{
	(void)signal;
}

/** SIGALRM, every millisecond or so, and SIGINT interrupt what sleeps, and do nothing else. */
static void __attribute__((unused)) be_interrupted(int often)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct itimerval every = { { 0, 700 + below(3000) }, { 0, 700 } };

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (often)
		setitimer(ITIMER_REAL, &every, NULL);
}

enum way { BLOCK, POLL, SELECT, LEVEL, EDGE, WAYS };

/** One way to wait for `fd`, which does not block then. `events`: POLLIN or POLLOUT. */
struct waiter {
	enum way way;
	int fd, epoll;
	short events;
};

/** Its epoll knows the file from now on. */
static struct waiter __attribute__((unused)) waiter(int fd, short events, enum way way)
{
	struct waiter w = { way, fd, -1, events };
	struct epoll_event event = { .events = events | (way == EDGE ? EPOLLET : 0) };

	if (way == BLOCK)
		return w;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (way != LEVEL && way != EDGE)
		return w;
	w.epoll = epoll_create1(EPOLL_CLOEXEC);
	expect("epoll_ctl", answer(epoll_ctl(w.epoll, EPOLL_CTL_ADD, fd, &event)), 0);
	return w;
}

/** Sleep until the file is ready; signals may come. */
static void __attribute__((unused)) wait_ready(struct waiter *w)
{
	struct pollfd polled = { w->fd, w->events, 0 };
	struct epoll_event event;
	fd_set set;
	long ready = 1;

	FD_ZERO(&set);
	FD_SET(w->fd, &set);
	switch (w->way) {
	case POLL: ready = answer(poll(&polled, 1, -1)); break;
	case SELECT:
		ready = answer(select(w->fd + 1, w->events == POLLIN ? &set : NULL,
				      w->events == POLLOUT ? &set : NULL, NULL, NULL));
		break;
	case LEVEL: case EDGE: ready = answer(epoll_wait(w->epoll, &event, 1, -1)); break;
	default: break;
	}
	if (ready != 1 && ready != -EINTR)
		diverges("waiting in way %d answers %ld", w->way, ready);
}

/** Interrupt `pid`, or stop it for a while. */
static void disturb(pid_t pid)
{
	struct timespec pause = { 0, below(8) * 500000 };

	kill(pid, below(3) ? SIGSTOP : SIGINT);
	nanosleep(&pause, NULL);
	kill(pid, SIGCONT);
	nanosleep(&pause, NULL);
}

/** Disturb `children` until all have ended. One that fails takes the others with it: then 1. */
static int __attribute__((unused)) await_disturbed(pid_t *children, int count)
{
	int left = count, failed = 0;

	while (left > 0) {
		int i = below(count), status;

		if (children[i] == 0)
			continue;
		if (!failed)
			disturb(children[i]);
		if (waitpid(children[i], &status, WNOHANG) != children[i])
			continue;
		children[i] = 0;
		left--;
		if (status == 0 || failed++)
			continue;
		for (i = 0; i < count; i++)
			if (children[i])
				kill(children[i], SIGKILL);
	}
	return failed != 0;
}
