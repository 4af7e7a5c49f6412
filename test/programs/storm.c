// Makes random system calls on the files of a mount, as a seed decides, and holds the answers against
// what the modes of the files allow. Prints what was wrong; exit status 1 if anything was.
//
//   storm SEED CALLS < TABLE     TABLE: lines of "TYPE MODE UID GID PATH", as find(1) prints them,
//                                a folder before what is in it
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "random.h"

#define MOST 20000
#define PATIENCE_US 5000

enum { R = 4, W = 2, X = 1 };

struct node {
	char type;
	unsigned int mode, uid, gid;
	char *path;
	struct node *parent;
};

static struct node nodes[MOST];
static int count, wrong;
static long call;
static char data[8192];

static off_t offset(void)
{
	static const off_t edges[] = { 0, 1, 4095, 4096, 1L << 31, 1L << 40, INT64_MAX, -1 };

	return edges[below(8)];
}

static void complain(const char *what, struct node *n, long ret, const char *why)
{
	printf("call %ld: %s %s %c%o %u:%u: %s, %s\n", call, what, n->path, n->type, n->mode,
	       n->uid, n->gid, ret < 0 ? strerrorname_np(errno) : "works", why);
	wrong = 1;
}

static struct node *folder_of(const char *path)
{
	size_t length = strrchr(path, '/') - path;

	for (int i = count - 1; i >= 0; i--)
		if (strlen(nodes[i].path) == length && !strncmp(nodes[i].path, path, length))
			return &nodes[i];
	return NULL;
}

static void read_table(void)
{
	char line[4096];

	while (count < MOST && fgets(line, sizeof(line), stdin)) {
		struct node *n = &nodes[count];
		int at;

		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%c %o %u %u %n", &n->type, &n->mode, &n->uid, &n->gid, &at) != 4)
			continue;
		n->path = strdup(line + at);
		n->parent = folder_of(n->path);
		count++;
	}
}

static int allows(struct node *n, int want)
{
	int bits = n->uid == geteuid() ? n->mode >> 6 : n->gid == getegid() ? n->mode >> 3 : n->mode;

	return (bits & want) == want;
}

static int reachable(struct node *n)
{
	for (n = n->parent; n; n = n->parent)
		if (!allows(n, X))
			return 0;
	return 1;
}

/* EACCES if the modes say so, and only then. */
static void judge(const char *what, struct node *n, int want, long ret)
{
	int may = reachable(n) && allows(n, want);
	int refused = ret < 0 && errno == EACCES;

	if (geteuid() == 0)
		return;
	if (may && refused)
		complain(what, n, ret, "although it may");
	if (!may && !refused)
		complain(what, n, ret, "although it may not");
}

/* Nothing of this is ever his. */
static void never(const char *what, struct node *n, long ret)
{
	if (geteuid() != 0 && n->uid != geteuid() && ret >= 0)
		complain(what, n, ret, "although it is not his");
}

static void use(int fd, struct node *n)
{
	size_t size = below(4) ? below(64) : below(sizeof(data));
	struct pollfd polled = { fd, any(), 0 };
	int null;
	void *map;

	for (size_t i = 0; i < size; i++)
		data[i] = below(2) ? '0' + below(10) : any();
	switch (below(12)) {
	case 0: if (read(fd, data, size)) {} break;
	case 1: if (pread(fd, data, size, offset())) {} break;
	case 2: if (pwrite(fd, data, size, offset())) {} break;
	case 3: lseek(fd, offset(), below(5)); break;
	case 4: ioctl(fd, any(), below(2) ? (long)data : (long)any()); break;
	case 5: ioctl(fd, _IOC(below(4), below(256), below(16), below(128)), data); break;
	case 6: poll(&polled, 1, 0); break;
	case 7: fcntl(fd, F_SETFL, any() & (O_APPEND | O_NONBLOCK)); break;
	case 8: fsync(fd); break;
	case 9: if (ftruncate(fd, offset())) {} break;
	case 10:
		null = open("/dev/null", O_WRONLY);
		sendfile(null, fd, NULL, size);
		close(null);
		break;
	default:
		if (!strstr(n->path, "sysrq") && write(fd, data, size)) {}
	}
	if (below(8) == 0) {
		map = mmap(NULL, 4096, any() & 3, below(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED)
			munmap(map, 4096);
	}
}

static void open_and_use(struct node *n)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	static const int needs[] = { R, W, R | W };
	int how = below(3);
	int more = (below(4) ? O_NONBLOCK : 0) | (below(8) ? 0 : O_APPEND);
	int fd;

	if (n->type == 'l' || (n->type == 'd' && how))
		return;
	fd = open(n->path, modes[how] | more | O_NOFOLLOW | O_NOCTTY);
	judge("open", n, needs[how], fd);
	for (int i = below(6); fd >= 0 && i > 0; i--)
		use(fd, n);
	close(fd);
}

static void change_names(struct node *n)
{
	char inside[4200], beside[4200];
	long ret;

	snprintf(inside, sizeof(inside), "%s/new", n->path);
	snprintf(beside, sizeof(beside), "%s.new", n->path);
	switch (below(8)) {
	case 0: ret = mkdir(inside, 0777); break;
	case 1: ret = mknod(inside, S_IFCHR | 0666, makedev(1, 3)); break;
	case 2: ret = symlink("x", inside); break;
	case 3: ret = open(inside, O_CREAT | O_WRONLY, 0666); break;
	case 4: ret = unlink(n->path); break;
	case 5: ret = rmdir(n->path); break;
	case 6: ret = rename(n->path, beside); break;
	default: ret = link(n->path, beside);
	}
	never("names", n, ret);
}

static void change_attributes(struct node *n)
{
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	long ret;

	if (n->type == 'l')
		return;
	switch (below(5)) {
	case 0: ret = chmod(n->path, 0777); break;
	case 1: ret = chown(n->path, geteuid(), -1); break;
	case 2: ret = chown(n->path, -1, getegid()); break;
	case 3: ret = utimensat(AT_FDCWD, n->path, times, 0); break;
	default: ret = setxattr(n->path, "user.x", "y", 1, 0);
	}
	never("attributes", n, ret);
}

static void look(struct node *n)
{
	int want = below(8);
	struct stat st;

	if (n->type == 'l')
		return;
	if (below(2))
		judge("access", n, want, access(n->path, want));
	else
		judge("stat", n, 0, stat(n->path, &st));
}

static void one(struct node *n)
{
	switch (below(8)) {
	case 0: return look(n);
	case 1:
		if (n->type == '-')
			judge("truncate", n, W, truncate(n->path, below(3)));
		return;
	/* Root could do it, and nothing would be left to use. */
	case 2: return geteuid() ? change_names(n) : look(n);
	case 3: return geteuid() ? change_attributes(n) : look(n);
	default: return open_and_use(n);
	}
}

static void interrupted(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	struct itimerval often = { { 0, PATIENCE_US }, { 0, PATIENCE_US } };
	struct sigaction action = { .sa_handler = interrupted };
	long calls = argc == 3 ? atol(argv[2]) : 0;

	if (argc != 3)
		return 2;
	random_state = strtoul(argv[1], NULL, 0);
	read_table();
	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	setitimer(ITIMER_REAL, &often, NULL);
	for (call = 0; call < calls && count; call++)
		one(&nodes[below(count)]);
	return wrong;
}
