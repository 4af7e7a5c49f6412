/* Talks to the message driver as any program would: strings, structs, pointers in structs, and each way in
 * which a pointer can be wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct message_part {
	uint32_t offset;
	uint32_t size;
	char *text;
};

struct message_info {
	uint32_t length;
	unsigned upper : 1;
	unsigned times : 31;
	char who[16];
};

struct message_options {
	uint32_t upper;
};

struct later_options {
	uint32_t upper;
	uint32_t unheard_of;
};

#define MESSAGE_IOCSET _IOW('m', 0, char *)
#define MESSAGE_IOCGET _IOR('m', 1, char *)
#define MESSAGE_IOCNTH _IO('m', 2)
#define MESSAGE_IOCGPART _IOWR('m', 3, struct message_part)
#define MESSAGE_IOCGINFO _IOR('m', 4, struct message_info)
#define MESSAGE_IOCSOPTIONS _IOW('m', 5, struct message_options)
#define LATER_IOCSOPTIONS _IOW('m', 5, struct later_options)

#define PAGE 4096

static void say(const char *what, int ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %d\n", what, ret);
}

/* Three pages: to write, to read only, not there. */
static char *pages(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 'x', 3 * PAGE);
	mprotect(p + PAGE, PAGE, PROT_READ);
	mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
	munmap(p + 3 * PAGE, PAGE);
	return p;
}

static void structs(int fd)
{
	char text[16] = "................";
	struct message_part part = { .offset = 6, .size = 4, .text = text };
	struct message_info info;
	struct message_options options = { .upper = 1 };
	struct later_options later = { .upper = 0 };

	say("part", ioctl(fd, MESSAGE_IOCGPART, &part));
	printf("size %u text %.6s\n", part.size, text);
	say("options", ioctl(fd, MESSAGE_IOCSOPTIONS, &options));
	say("info", ioctl(fd, MESSAGE_IOCGINFO, &info));
	printf("length %u upper %u times %u who %s\n", info.length, info.upper, info.times, info.who);
	say("first byte", ioctl(fd, MESSAGE_IOCNTH, 0));
	say("later options", ioctl(fd, LATER_IOCSOPTIONS, &later));
	later.unheard_of = 1;
	say("unknown options", ioctl(fd, LATER_IOCSOPTIONS, &later));
	part.text = NULL;
	say("part at NULL", ioctl(fd, MESSAGE_IOCGPART, &part));
	part.text = (char *)0xffffffff81000000;
	say("part in the kernel", ioctl(fd, MESSAGE_IOCGPART, &part));
}

static void edges(int fd)
{
	char *p = pages();
	struct message_part *part = (void *)p;

	say("set from PROT_NONE", ioctl(fd, MESSAGE_IOCSET, p + 2 * PAGE));
	say("set too much", ioctl(fd, MESSAGE_IOCSET, p + PAGE));
	say("set over the edge", ioctl(fd, MESSAGE_IOCSET, p + 2 * PAGE - 8));
	strcpy(p, "hello world");
	say("set", ioctl(fd, MESSAGE_IOCSET, p));
	say("get to a read-only page", ioctl(fd, MESSAGE_IOCGET, p + PAGE));
	say("get to PROT_NONE", ioctl(fd, MESSAGE_IOCGET, p + 2 * PAGE));
	say("get across", ioctl(fd, MESSAGE_IOCGET, p + PAGE - 5));
	printf("%.5s|%.3s\n", p + PAGE - 5, p + PAGE);
	part->offset = 0;
	part->size = 12;
	part->text = p + PAGE - 12;
	say("part up to the edge", ioctl(fd, MESSAGE_IOCGPART, part));
	part->text++;
	part->size = 12;
	say("part over the edge", ioctl(fd, MESSAGE_IOCGPART, part));
	printf("%.12s\n", p + PAGE - 12);
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDWR);
	char text[80];

	if (fd < 0) {
		perror(argv[argc - 1]);
		return 1;
	}
	say("set", ioctl(fd, MESSAGE_IOCSET, "hello world"));
	say("get", ioctl(fd, MESSAGE_IOCGET, text));
	printf("%s\n", text);
	say("nth", ioctl(fd, MESSAGE_IOCNTH, 4));
	say("nth of many", ioctl(fd, MESSAGE_IOCNTH, 400));
	say("nth below 0", ioctl(fd, MESSAGE_IOCNTH, -1));
	structs(fd);
	edges(fd);
	say("unknown", ioctl(fd, _IO('m', 99)));
	return 0;
}
