// Sleeps in a read(2) of the device named, in different company; prints what it saw.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void on_alarm(int signal)
{
	(void)signal;
	signals++;
}

static void print_read(int fd)
{
	char text[16];
	ssize_t n = read(fd, text, sizeof(text));

	if (n < 0)
		printf("read: %s, %d signals\n", strerror(errno), (int)signals);
	else
		printf("read: %.*s, %d signals\n", (int)n, text, (int)signals);
	fflush(stdout);
}

// A signal that a handler of ours takes, a tenth of a second from now.
static int with_handler(const char *path, int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval soon = { .it_value = { .tv_usec = 100000 } };

	sigaction(SIGALRM, &action, NULL);
	int fd = open(path, O_RDWR);
	setitimer(ITIMER_REAL, &soon, NULL);
	print_read(fd);
	return close(fd);
}

static void *reader(void *fd)
{
	print_read(*(int *)fd);
	return NULL;
}

// One thread closes the descriptor that another reads from.
static int close_while_read(const char *path)
{
	pthread_t thread;
	int fd = open(path, O_RDWR);
	int other = open(path, O_RDWR);

	pthread_create(&thread, NULL, reader, &fd);
	usleep(200000);
	printf("close: %d\n", close(fd));
	fflush(stdout);
	if (write(other, "late", 4) != 4)
		perror("write");
	pthread_join(thread, NULL);
	return close(other);
}

// One open file, with three descriptors in two processes.
static int copies(const char *path)
{
	int fd = open(path, O_RDWR);
	int copy = dup(fd);

	if (fork() == 0)
		_exit(0);
	wait(NULL);
	printf("the child has ended\n");
	close(fd);
	printf("one of two is closed\n");
	fflush(stdout);
	if (write(copy, "mark", 4) != 4)
		perror("write");
	return close(copy);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "handler"))
		return with_handler(argv[2], 0);
	if (!strcmp(argv[1], "restart"))
		return with_handler(argv[2], SA_RESTART);
	if (!strcmp(argv[1], "close"))
		return close_while_read(argv[2]);
	if (!strcmp(argv[1], "copies"))
		return copies(argv[2]);
	return 2;
}
