/* Makes ioctls as a program of 32 bits does: through the host's 32-bit system calls, with memory below
 * 4 GiB. Exit status 77: the host has none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define IOCTL_32 54
#define GETPID_32 20
struct message_info {
	unsigned length;
	unsigned upper : 1;
	unsigned times : 31;
	char who[16];
};

#define MESSAGE_IOCNTH _IO('m', 2)
#define MESSAGE_IOCGINFO _IOR('m', 4, struct message_info)

static long call32(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static void none(int sig)
{
	(void)sig;
	_exit(77);
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDWR);
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	signal(SIGSEGV, none);
	if (call32(GETPID_32, 0, 0, 0) != getpid())
		return 77;
	printf("nth %ld\n", call32(IOCTL_32, fd, MESSAGE_IOCNTH, 1));
	printf("info %ld\n", call32(IOCTL_32, fd, MESSAGE_IOCGINFO, (long)low));
	printf("length %u\n", ((struct message_info *)low)->length);
	printf("bad pointer %ld\n", call32(IOCTL_32, fd, MESSAGE_IOCGINFO, 8));
	return 0;
}
