// Forwards calls to a machine as `modbox run` does, but as somebody whom it may not act for.
//
//   forged memory MODBOX DEVICE [hidden]   an ioctl of DEVICE that writes into a child's memory;
//                                          a hidden child may not be traced
//   forged connection MODBOX NUMBER        a call in another's name
//   forged remove MODBOX PID ADDRESS       delete_module(2) as PID, of the name at ADDRESS there
//   forged bait NAME                       prints the address of NAME, and waits
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORWARD 0x002a6d62
#define CONNECT "{\"call\":\"supervise\"}\n"

enum { DELETE_MODULE = 3, IOCTL = 5, SIGNAL = 7 };
enum { FAILED = 2 };

struct record {
	uint64_t id;
	uint32_t pid, call, connection, unused;
	uint64_t args[6];
	uint64_t outcome;
	int64_t error;
};

static char memory[128];

static int connect_to(const char *modbox, uint32_t *connection)
{
	char reply[64] = "";
	int fd = open(modbox, O_RDWR);

	if (fd < 0 || write(fd, CONNECT, strlen(CONNECT)) < 0 ||
	    read(fd, reply, sizeof(reply) - 1) < 0)
		return -1;
	return sscanf(reply, "{\"ret\":%u", connection) == 1 ? fd : -1;
}

/* What the call answers, or the negative error number. */
static long forward(int fd, struct record *record)
{
	long ret = ioctl(fd, FORWARD, record);

	if (ret < 0)
		return -(long)errno;
	return record->outcome == FAILED ? record->error : ret;
}

static void child(int hidden, int ready, int go)
{
	char c;

	if (hidden)
		prctl(PR_SET_DUMPABLE, 0);
	if (write(ready, "r", 1) != 1 || read(go, &c, 1) < 0)
		exit(1);
	printf("%s\n", memory[0] ? "written" : "untouched");
	exit(0);
}

static int to_child(const char *modbox, const char *device, int hidden)
{
	struct record record = { .call = IOCTL };
	int ready[2], go[2];
	char c;

	if (pipe(ready) || pipe(go))
		return 1;
	record.pid = fork();
	if (record.pid == 0)
		child(hidden, ready[1], go[0]);
	if (read(ready[0], &c, 1) != 1 || connect_to(modbox, &record.connection) < 0)
		return 1;
	int fd = open(device, O_RDWR);

	record.args[0] = fd;
	record.args[1] = _IOR('k', 3, char *);
	record.args[2] = (uintptr_t)memory;
	printf("%ld ", forward(fd, &record));
	fflush(stdout);
	if (write(go[1], "g", 1) != 1)
		return 1;
	wait(NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct record record = { .call = SIGNAL };
	int fd;

	if (argc == 3 && !strcmp(argv[1], "bait")) {
		printf("%lu\n", (unsigned long)(uintptr_t)argv[2]);
		fflush(stdout);
		pause();
	}
	if (argc >= 4 && !strcmp(argv[1], "memory"))
		return to_child(argv[2], argv[3], argc > 4);
	if (argc < 4 || (fd = connect_to(argv[2], &record.connection)) < 0)
		return 1;
	if (!strcmp(argv[1], "connection"))
		record.connection = atoi(argv[3]);
	if (argc == 5 && !strcmp(argv[1], "remove")) {
		record.call = DELETE_MODULE;
		record.pid = atoi(argv[3]);
		record.args[0] = strtoul(argv[4], NULL, 0);
	}
	printf("%ld\n", forward(fd, &record));
	return 0;
}
