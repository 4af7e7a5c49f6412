/* Descriptors that a driver makes: "given DEVICE" asks for one in each way and uses it, "given DEVICE once"
   says whether there is one at all, "given DEVICE late" sleeps until somebody writes to the device. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIVE _IO('g', 1)
#define GIVE_AT _IOR('g', 2, int)
#define GIVE_LATE _IO('g', 3)
#define LETTER _IO('g', 9)
#define CROWD 8

static int device;

static void say(const char *what, long ret) {
  if (ret < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, ret);
  fflush(stdout);
}

static int lowest_free(void) {
  int fd = open("/dev/null", O_RDONLY);
  close(fd);
  return fd;
}

static void use(int fd) {
  char letter = '-', path[64], target[256] = "";
  say("read", read(fd, &letter, 1));
  printf("letter %c\n", letter);
  say("write", write(fd, "b", 1));
  say("ioctl", ioctl(fd, LETTER));
  say("lseek", lseek(fd, 0, SEEK_SET));
  say("pread", pread(fd, &letter, 1, 0));
  struct pollfd watched = {.fd = fd, .events = POLLIN};
  say("poll", poll(&watched, 1, 0));
  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  if (readlink(path, target, sizeof(target) - 1) > 0) puts(strrchr(target, '/') + 1);
  say("open again", open(path, O_RDWR));
  if (fork() == 0) {
    say("in a child", ioctl(fd, LETTER));
    _exit(0);
  }
  wait(NULL);
}

static void as_the_answer(void) {
  int free = lowest_free(), fd = ioctl(device, GIVE);
  printf("the lowest free: %d\n", fd == free);
  printf("flags 0%o, close on exec %d\n", fcntl(fd, F_GETFL) & O_ACCMODE, fcntl(fd, F_GETFD));
  use(fd);
  say("close", close(fd));
}

static void at_an_address(void) {
  int free = lowest_free(), fd = -1;
  say("at an address", ioctl(device, GIVE_AT, &fd));
  printf("the lowest free: %d\n", fd == free);
  printf("nonblocking %d, close on exec %d\n", !!(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD));
  say("write", write(fd, "b", 1));
  close(fd);
  say("at a bad address", ioctl(device, GIVE_AT, 8L));
  printf("still free: %d\n", lowest_free() == free);
}

static void too_many(void) {
  int free = lowest_free();
  struct rlimit few = {free, 4096};
  setrlimit(RLIMIT_NOFILE, &few);
  say("too many", ioctl(device, GIVE));
  few.rlim_cur = 4096;
  setrlimit(RLIMIT_NOFILE, &few);
}

static void *take(void *unused) {
  (void)unused;
  char letter = '-';
  int fd = ioctl(device, GIVE);
  if (fd < 0 || read(fd, &letter, 1) != 1 || letter != 'a') perror("thread");
  return NULL;
}

static void in_threads(void) {
  pthread_t threads[CROWD];
  int first = lowest_free();
  for (int i = 0; i < CROWD; i++) pthread_create(&threads[i], NULL, take, NULL);
  for (int i = 0; i < CROWD; i++) pthread_join(threads[i], NULL);
  printf("in %d threads: %d\n", CROWD, lowest_free() - first);
}

static void late(void) {
  char letter = '-';
  puts("late");
  fflush(stdout);
  int fd = ioctl(device, GIVE_LATE);
  if (fd < 0) say("late", fd);
  else say("late read", read(fd, &letter, 1));
}

int main(int argc, char **argv) {
  device = open(argv[1], O_RDWR);
  if (device < 0) {
    perror(argv[1]);
    return 1;
  }
  const char *what = argc > 2 ? argv[2] : "";
  if (!strcmp(what, "once")) {
    int fd = ioctl(device, GIVE);
    say("given", fd < 0 ? fd : 0);
  } else if (!strcmp(what, "late")) {
    late();
  } else {
    as_the_answer();
    at_an_address();
    too_many();
    in_threads();
    if (fork() == 0) {
      usleep(50000);
      _exit(write(device, "", 1) != 1);
    }
    late();
  }
  return 0;
}
