// readers FILE COUNT: COUNT processes read from FILE, and wait there until they get a byte.
//
// Prints how many got one, and how many ended in any other way.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/** Nobody waits longer, in seconds: a wake-up that never comes ends the test, not the day. */
#define PATIENCE 100
/** What cat asks for at once. */
#define ROOM 131072

static int read_one_byte(const char *file) {
  static char bytes[ROOM];
  alarm(PATIENCE);
  int fd = open(file, O_RDONLY);
  return fd >= 0 && read(fd, bytes, sizeof bytes) == 1 && close(fd) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int count = atoi(argv[2]);
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) return perror("fork"), 1;
    if (child == 0) _exit(read_one_byte(argv[1]));
  }
  int woken = 0;
  for (int i = 0, status; i < count; i++) {
    wait(&status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) woken++;
  }
  printf("%d woken, %d not\n", woken, count - woken);
  return 0;
}
