/* pulse DEVICE: waits for characters, with read and with poll, and looks whether one follows the other. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST 0x20
#define LAST 0x7e

static int follows(char after, char c)
{
	return c == (after < LAST ? after + 1 : FIRST);
}

int main(int argc, char **argv)
{
	char bytes[20], last = 0, other;
	struct pollfd one = { -1, POLLIN, 0 };
	int fd, second, wrong = 0;

	if (argc != 2)
		return 2;
	fd = one.fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		return perror(argv[1]), 1;
	printf("poll: %d\n", poll(&one, 1, 10000));
	for (int got = 0; got < 100;) {
		ssize_t n = read(fd, bytes, sizeof bytes);

		if (n <= 0)
			return perror("read"), 1;
		for (ssize_t i = 0; i < n; i++) {
			wrong += last && !follows(last, bytes[i]);
			last = bytes[i];
		}
		got += n;
	}
	printf("out of turn: %d\n", wrong);

	second = open(argv[1], O_RDONLY | O_NONBLOCK);
	while (read(second, bytes, sizeof bytes) > 0)
		;
	printf("nothing yet: %s\n", strerror(errno));
	printf("waited: %zd\n", read(fd, &other, 1));
	return 0;
}
