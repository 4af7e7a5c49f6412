/* uevmon SECONDS: print the machine's uevents for so long, one block an event, in the form in
 * which the recorded sessions have them. It reads /sys/kernel/uevent_stream, where this
 * kernel puts what Linux sends over netlink. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void print_event(const char *event, const char *end)
{
	const char *line;

	for (line = event; line < end; line += strlen(line) + 1)
		printf("%s%s\n", line == event ? "UEVENT " : "    ", line);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char event[65537];
	double end = now() + (argc > 1 ? atof(argv[1]) : 5);
	struct pollfd p = { .events = POLLIN };
	double left;

	p.fd = open("/sys/kernel/uevent_stream", O_RDONLY | O_NONBLOCK);
	if (p.fd < 0) {
		perror("/sys/kernel/uevent_stream");
		return 1;
	}
	while ((left = end - now()) > 0 && poll(&p, 1, left * 1000) > 0) {
		ssize_t n = read(p.fd, event, sizeof(event) - 1);

		if (n > 0)
			print_event(event, event + n);
	}
	return 0;
}
