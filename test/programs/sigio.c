/* Signal-driven input: who owns a device gets a signal when another process has written to it.
   "sigio DEVICE" */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd;

static void say(const char *what, int ret) {
  if (ret < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %d\n", what, ret);
  fflush(stdout);
}

/* Another process writes; the signal that comes, or nothing. */
static void write_and_wait(const char *device, const sigset_t *set) {
  struct timespec patience = {10, 0}, none = {0, 0};
  char byte;
  if (fork() == 0) _exit(write(open(device, O_WRONLY), "x", 1) != 1);
  int status;
  wait(&status);
  int armed = fcntl(fd, F_GETOWN) != 0;
  int got = sigtimedwait(set, NULL, armed ? &patience : &none);
  printf("%s\n", got < 0 ? "no signal" : strsignal(got));
  if (read(fd, &byte, 1) != 1) perror("read");
}

int main(int argc, char **argv) {
  sigset_t set;
  int on = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGIO);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (argc < 2 || (fd = open(argv[1], O_RDONLY | O_NONBLOCK)) < 0) return 1;

  write_and_wait(argv[1], &set);
  say("F_SETOWN", fcntl(fd, F_SETOWN, getpid()));
  say("owner is me", fcntl(fd, F_GETOWN) == getpid());
  say("F_SETFL", fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC));
  write_and_wait(argv[1], &set);
  say("F_SETSIG", fcntl(fd, F_SETSIG, SIGUSR1));
  write_and_wait(argv[1], &set);
  say("bad signal", fcntl(fd, F_SETSIG, 99));
  say("FIOASYNC", ioctl(fd, FIOASYNC, &on));
  say("F_SETOWN nobody", fcntl(fd, F_SETOWN, 0));
  write_and_wait(argv[1], &set);
  return 0;
}
