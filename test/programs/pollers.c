// pollers DEVICE poll|select|level|edge EVENTS paced|free: waits for events of a device that counts them,
// and looks whether it learns of all.
//
// A child makes EVENTS events, one write(2) each: "paced", when the one before has been seen, so that
// each has to wake the parent; "free", as fast as it can. Another child polls the same open file for
// what never comes, over and over. The parent waits as it is told and reads how many events there
// were.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

/** Who is not woken for so long, in milliseconds, has missed something. */
#define PATIENCE 10000

static int epoll = -1;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int wait_for(const char *how, int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  struct timeval time = {.tv_sec = PATIENCE / 1000};
  struct epoll_event event;
  fd_set set;

  if (!strcmp(how, "poll"))
    return poll(&p, 1, PATIENCE);
  if (epoll >= 0)
    return epoll_wait(epoll, &event, 1, PATIENCE);
  FD_ZERO(&set);
  FD_SET(fd, &set);
  return select(fd + 1, &set, NULL, NULL, &time);
}

static void make_events(const char *device, long events, int go) {
  int fd = open(device, O_WRONLY);
  char c;

  if (fd < 0)
    die(device);
  for (long i = 0; i < events; i++) {
    if (go >= 0 && read(go, &c, 1) != 1)
      die("read");
    if (write(fd, "x", 1) != 1)
      die("write");
  }
  exit(0);
}

static void disturb(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLPRI};
  while (poll(&p, 1, 1) >= 0)
    ;
  exit(1);
}

int main(int argc, char **argv) {
  const char *device = argv[1], *how = argv[2];
  long events = atol(argv[3]), seen = 0, waits = 0;
  int paced = !strcmp(argv[4], "paced"), pipes[2];
  int fd = open(device, O_RDONLY | O_NONBLOCK);
  pid_t other;

  if (argc != 5 || fd < 0 || pipe(pipes))
    die(device);
  if (!fork())
    make_events(device, events, paced ? pipes[0] : -1);
  other = fork();
  if (!other)
    disturb(fd);
  if (!strcmp(how, "level") || !strcmp(how, "edge")) {
    struct epoll_event event = {.events = EPOLLIN};

    if (!strcmp(how, "edge"))
      event.events |= EPOLLET;
    epoll = epoll_create1(0);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
      die("epoll_ctl");
  }
  while (seen < events) {
    uint64_t n = 0;

    if (paced && write(pipes[1], "", 1) != 1)
      die("pipe");
    while (!n) {
      if (wait_for(how, fd) != 1) {
        printf("%s: lost after %ld\n", how, seen);
        return 1;
      }
      waits++;
      if (read(fd, &n, sizeof(n)) < 0)
        n = 0;
    }
    seen += n;
  }
  kill(other, SIGKILL);
  while (wait(NULL) > 0)
    ;
  printf("%s: %ld events%s\n", how, seen, waits ? "" : ", no wait");
  return 0;
}
