/* Talks to scull through its ioctls, as any program would: pointers to its own memory, errors by errno. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SCULL_IOCRESET _IO('k', 0)
#define SCULL_IOCGCAPACITY _IOR('k', 1, int)
#define SCULL_IOCSCAPACITY _IOW('k', 2, int)
#define SCULL_IOCGSIZE _IOR('k', 3, int)

static void say(const char *what, int ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %d\n", what, ret);
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDWR);
	int n = -1;

	if (fd < 0) {
		perror(argv[argc - 1]);
		return 1;
	}
	say("reset", ioctl(fd, SCULL_IOCRESET));
	say("get", ioctl(fd, SCULL_IOCGCAPACITY, &n));
	printf("capacity %d\n", n);

	n = 8;
	say("set", ioctl(fd, SCULL_IOCSCAPACITY, &n));
	say("write", write(fd, "a longer text", 13));
	say("write on", write(fd, "x", 1));
	say("get size", ioctl(fd, SCULL_IOCGSIZE, &n));
	printf("size %d\n", n);

	n = 0;
	say("set 0", ioctl(fd, SCULL_IOCSCAPACITY, &n));
	say("bad pointer", ioctl(fd, SCULL_IOCGCAPACITY, (void *)8));
	say("read-only page", ioctl(fd, SCULL_IOCGCAPACITY, (void *)"constant"));
	say("unknown", ioctl(fd, _IO('k', 99)));
	say("not a terminal", isatty(fd) - 1);
	return 0;
}
