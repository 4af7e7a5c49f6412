/*
 * syscall(2) for programs that make module system calls themselves: init_module, finit_module and
 * delete_module go to the machine's /dev/modbox, all others to the kernel. Linked into sc.
 * The protocol is described in src/syscall/protocol.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -errno as a system call's result. */
static long result(long ret)
{
	if (ret >= 0 || ret < -4095)
		return ret;
	errno = -ret;
	return -1;
}

/* A request line, its payload; the value of "ret" in the answer. */
static long call_machine(const char *line, const void *payload, size_t length)
{
	char answer[4096];
	int fd = open("/dev/modbox", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -ENODEV;
	size_t head = strlen(line);
	char *request = malloc(head + length);
	memcpy(request, line, head);
	memcpy(request + head, payload, length);
	ssize_t sent = 0;
	for (size_t at = 0; at < head + length; at += sent) {
		sent = write(fd, request + at, head + length - at);
		if (sent <= 0) {
			free(request);
			close(fd);
			return -EIO;
		}
	}
	free(request);
	ssize_t n = read(fd, answer, sizeof answer - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	answer[n] = 0;
	const char *ret = strstr(answer, "\"ret\":");
	return ret ? strtol(ret + strlen("\"ret\":"), NULL, 10) : -EIO;
}

/* JSON's escapes for what a test may pass as text. */
static void quote(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text && n + 8 < size; text++) {
		unsigned char c = *text;
		if (c == '"' || c == '\\' || c < 32)
			n += sprintf(out + n, "\\u%04x", c);
		else
			out[n++] = c;
	}
	out[n] = 0;
}

static long load(const char *call, const void *image, size_t length, const char *params,
		 int flags)
{
	char quoted[8192], line[9000];

	quote(params, quoted, sizeof quoted);
	snprintf(line, sizeof line,
		 "{\"call\":\"%s\",\"payload\":%zu,\"params\":\"%s\",\"flags\":%d}\n",
		 call, length, quoted, flags);
	return call_machine(line, image, length);
}

/* The machine takes images, not descriptors: read the file here, as finit_module(2) would. */
static long finit_module(int fd, const char *params, int flags)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -EINVAL;
	char *image = malloc(st.st_size);
	long length = pread(fd, image, st.st_size, 0);
	long ret = length < 0 ? -errno : load("finit_module", image, length, params, flags);
	free(image);
	return ret;
}

static long delete_module(const char *name, int flags)
{
	char quoted[512], line[1024];

	quote(name, quoted, sizeof quoted);
	snprintf(line, sizeof line,
		 "{\"call\":\"delete_module\",\"name\":\"%s\",\"flags\":%d}\n", quoted, flags);
	return call_machine(line, "", 0);
}

long syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	switch (number) {
	case SYS_init_module:
		return result(load("init_module", (void *)a[0], a[1], (char *)a[2], 0));
	case SYS_finit_module:
		return result(finit_module(a[0], (char *)a[1], a[2]));
	case SYS_delete_module:
		return result(delete_module((char *)a[0], a[1]));
	}
	long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
