// Maps a device of the driver "pages": one command a word, in order; see usage().
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES_IOCCOUNT _IOR('P', 1, int)
#define PAGES_IOCFAULTS _IOR('P', 2, int)
#define PAGES_IOCUPPER _IO('P', 3)
#define PAGE 4096

static int fd = -1;
static char *map;
static size_t length;
static sigjmp_buf back;

static void usage(void)
{
	fputs("pages DEVICE [open|ro|map:PAGES[:OFFSET[:private|:ro]]|unmap[:FROM:PAGES]|\n"
	      "  get:AT|put:AT:TEXT|read:AT|write:AT:TEXT|upper|count|faults|count-in:AT|end|\n"
	      "  size|sync|close|fork|wait|protect|pid|pause:MS|await:AT:TEXT]...\n", stderr);
	exit(2);
}

static void fault(int sig)
{
	siglongjmp(back, sig);
}

static const char *result(long n)
{
	static char text[64];

	if (n < 0)
		snprintf(text, sizeof(text), "%s", strerrorname_np(errno));
	else
		snprintf(text, sizeof(text), "%ld", n);
	return text;
}

static void do_map(char *args)
{
	int shared = MAP_SHARED, prot = PROT_READ | PROT_WRITE;
	size_t pages = strtoul(args, &args, 0), offset = 0;
	void *p;

	if (*args == ':')
		offset = strtoul(args + 1, &args, 0);
	if (!strcmp(args, ":private"))
		shared = MAP_PRIVATE;
	if (!strcmp(args, ":ro"))
		prot = PROT_READ;
	p = mmap(NULL, pages * PAGE, prot, shared, fd, offset * PAGE);
	if (p == MAP_FAILED) {
		printf("map %s\n", strerrorname_np(errno));
		return;
	}
	map = p;
	length = pages * PAGE;
	printf("map ok\n");
}

static void do_ioctl(const char *name, unsigned long cmd)
{
	int n = 0;
	int err = ioctl(fd, cmd, &n);

	if (err)
		printf("%s %s\n", name, result(err));
	else
		printf("%s %d\n", name, n);
}

static void do_unmap(char *args)
{
	size_t from = 0, pages = length / PAGE;

	if (*args == ':')
		from = strtoul(args + 1, &args, 0);
	if (*args == ':')
		pages = strtoul(args + 1, &args, 0);
	printf("unmap %s\n", result(munmap(map + from * PAGE, pages * PAGE)));
}

static void command(char *word)
{
	char *args = strchrnul(word, ':'), *text;
	size_t at = *args ? strtoul(args + 1, &text, 0) : 0;
	char buf[32] = "";
	long n;

#define IS(name) (!strncmp(word, name, strlen(name)) && (args - word) == (long)strlen(name))
	if (IS("map"))
		do_map(args + 1);
	else if (IS("unmap"))
		do_unmap(args);
	else if (IS("get")) {
		strncpy(buf, map + at, 24);
		printf("get %s\n", buf);
	} else if (IS("put"))
		strcpy(map + at, text + 1);
	else if (IS("read")) {
		n = pread(fd, buf, 24, at);
		printf("read %s\n", n < 0 ? result(n) : buf);
	} else if (IS("write"))
		printf("write %s\n", result(pwrite(fd, text + 1, strlen(text + 1) + 1, at)));
	else if (IS("upper"))
		printf("upper %s\n", result(ioctl(fd, PAGES_IOCUPPER)));
	else if (IS("count"))
		do_ioctl("count", PAGES_IOCCOUNT);
	else if (IS("faults"))
		do_ioctl("faults", PAGES_IOCFAULTS);
	else if (IS("count-in")) {
		n = ioctl(fd, PAGES_IOCCOUNT, map + at);
		printf("count-in %s\n", n < 0 ? result(n) : (snprintf(buf, 32, "%d", *(int *)(map + at)), buf));
	} else if (IS("end"))
		printf("end %s\n", result(lseek(fd, 0, SEEK_END)));
	else if (IS("size")) {
		struct stat st;

		n = fstat(fd, &st);
		printf("size %s\n", result(n < 0 ? n : st.st_size));
	} else if (IS("sync"))
		printf("sync %s\n", result(msync(map, length, MS_SYNC)));
	else if (IS("protect"))
		printf("protect %s\n", result(mprotect(map, length, PROT_READ | PROT_WRITE)));
	else if (IS("close"))
		printf("close %s\n", result(close(fd)));
	else if (IS("pause"))
		usleep(at * 1000);
	else if (IS("pid"))
		printf("pid %d\n", getpid());
	else if (IS("await")) {
		for (n = 0; n < 10000 && strcmp(map + at, text + 1); n++)
			usleep(1000);
		printf("await %s\n", n < 10000 ? "ok" : "in vain");
	} else if (IS("wait"))
		pause();
	else
		usage();
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = fault };
	volatile int i = 2;
	int flags = O_RDWR;

	if (argc < 2)
		usage();
	if (argc > 2 && !strcmp(argv[2], "ro")) {
		flags = O_RDONLY;
		i++;
	}
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	fd = open(argv[1], flags);
	if (fd < 0) {
		printf("open %s\n", result(fd));
		return 1;
	}
	for (; i < argc; i++) {
		int sig = sigsetjmp(back, 1);

		if (sig)
			printf("SIG%s\n", sigabbrev_np(sig));
		else if (!strcmp(argv[i], "fork")) {
			if (fork()) {
				int status;

				wait(&status);
				return WEXITSTATUS(status);
			}
		} else
			command(argv[i]);
	}
	return 0;
}
