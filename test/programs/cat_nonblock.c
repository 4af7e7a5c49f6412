// cat_nonblock FILE: as cat, but it does not wait: "Open would block" and status 2 for a file that cannot be
// opened at once.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 1;
  int fd = open(argv[1], O_RDONLY | O_NONBLOCK);
  if (fd < 0 && errno == EAGAIN) return puts("Open would block"), 2;
  if (fd < 0) return printf("%s: %s\n", argv[1], strerror(errno)), 1;
  char bytes[256];
  ssize_t n;
  while ((n = read(fd, bytes, sizeof bytes)) > 0) fwrite(bytes, 1, n, stdout);
  return n < 0;
}
