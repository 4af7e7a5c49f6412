// Makes the system calls that it reads from stdin, a line each, and prints what the kernel answered:
// the result, or the negative error number, and in hex what was read.
//
//   open FLAGS MODE PATH    read FD COUNT    pread FD COUNT OFFSET    readv FD COUNT...
//   write FD HEX            pwrite FD OFFSET HEX                      writev FD HEX...
//   lseek FD OFFSET WHENCE  ioctl FD CMD ARG poll FD EVENTS           fcntl FD CMD ARG
//   close FD   dup FD   dup2 FD TO   fsync FD   fdatasync FD   ftruncate FD SIZE
//
// HEX is "-" for no bytes; the results of poll are the events.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 65536
#define PIECES 16

static char buffer[MOST];

static size_t bytes_of(const char *hex, char *to)
{
	size_t n = 0;
	unsigned int byte;

	if (!strcmp(hex, "-"))
		return 0;
	for (; n < MOST && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		to[n] = byte;
	return n;
}

static void answer(long result, long shown)
{
	printf("%ld ", result < 0 ? -(long)errno : result);
	for (long i = 0; i < shown; i++)
		printf("%02x", buffer[i] & 0xff);
	printf("\n");
	fflush(stdout);
}

static void vectored(char *name, int fd, char **words, int count)
{
	struct iovec pieces[PIECES];
	size_t used = 0;
	long n;

	for (int i = 0; i < count; i++) {
		size_t length = *name == 'r' ? strtoul(words[i], NULL, 0)
					     : bytes_of(words[i], buffer + used);

		pieces[i] = (struct iovec){ buffer + used, length };
		used += length;
	}
	n = *name == 'r' ? readv(fd, pieces, count) : writev(fd, pieces, count);
	answer(n, *name == 'r' ? n : 0);
}

static void call(char **words, int count)
{
	char *name = words[0];
	long first = strtol(words[1], NULL, 0);
	long second = count > 2 ? strtol(words[2], NULL, 0) : 0;
	long third = count > 3 ? strtol(words[3], NULL, 0) : 0;
	long n;

	if (!strcmp(name, "open")) {
		answer(open(words[3], first, second), 0);
	} else if (!strcmp(name, "read")) {
		n = read(first, buffer, second);
		answer(n, n);
	} else if (!strcmp(name, "pread")) {
		n = pread(first, buffer, second, third);
		answer(n, n);
	} else if (!strcmp(name, "write")) {
		size_t length = bytes_of(words[2], buffer);

		answer(write(first, buffer, length), 0);
	} else if (!strcmp(name, "pwrite")) {
		size_t length = bytes_of(words[3], buffer);

		answer(pwrite(first, buffer, length, second), 0);
	} else if (!strcmp(name, "readv") || !strcmp(name, "writev")) {
		vectored(name, first, words + 2, count - 2);
	} else if (!strcmp(name, "lseek")) {
		answer(lseek(first, second, third), 0);
	} else if (!strcmp(name, "ioctl")) {
		answer(ioctl(first, second, third), 0);
	} else if (!strcmp(name, "fcntl")) {
		answer(fcntl(first, second, third), 0);
	} else if (!strcmp(name, "poll")) {
		struct pollfd polled = { .fd = first, .events = second };

		n = poll(&polled, 1, 0);
		answer(n < 0 ? n : polled.revents, 0);
	} else if (!strcmp(name, "close")) {
		answer(close(first), 0);
	} else if (!strcmp(name, "dup")) {
		answer(dup(first), 0);
	} else if (!strcmp(name, "dup2")) {
		answer(dup2(first, second), 0);
	} else if (!strcmp(name, "fsync")) {
		answer(fsync(first), 0);
	} else if (!strcmp(name, "fdatasync")) {
		answer(fdatasync(first), 0);
	} else if (!strcmp(name, "ftruncate")) {
		answer(ftruncate(first, second), 0);
	} else {
		errno = ENOSYS;
		answer(-1, 0);
	}
}

int main(void)
{
	static char line[3 * MOST];

	while (fgets(line, sizeof(line), stdin)) {
		char *words[PIECES + 2];
		int count = 0;

		for (char *word = strtok(line, " \n"); word && count < PIECES + 2;
		     word = strtok(NULL, " \n"))
			words[count++] = word;
		if (count > 1)
			call(words, count);
	}
	return 0;
}
