/* Calls that a mount alone cannot carry: ioctls with arguments by value, with numbers that the host's file
   system layer takes for its own, with buffers of another size than the number says, with structs with
   pointers in them; epoll of a device that cannot be polled; and ioctls that sleep, with signals. "run_ioctl DEVICE [wait|restart|threads|wake]" */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct text {
  unsigned long length;
  char *address;
};

#define BY_VALUE _IOW('k', 1, unsigned long)
#define BY_VALUE_BACK _IOWR('k', 2, int)
#define LONG_TEXT _IOR('k', 3, char *)
#define POINTER_INSIDE _IOWR('k', 4, struct text)
#define WAIT _IOW('k', 5, int)
#define WAKE _IOW('k', 6, int)

static int fd;

static void say(const char *what, int ret) {
  if (ret < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %d\n", what, ret);
  fflush(stdout);
}

static void caught(int signal) { (void)signal; }

static void *in_thread(void *unused) {
  (void)unused;
  say("in a thread", ioctl(fd, BY_VALUE, 33UL));
  return NULL;
}

static void numbers(void) {
  int value = 0;
  say("by value", ioctl(fd, BY_VALUE, 5UL));
  say("by value, both ways", ioctl(fd, BY_VALUE_BACK, 6UL));
  say("number 1", ioctl(fd, 1, 0UL));
  say("number 2", ioctl(fd, 2, &value));
  printf("block size %d\n", value);
  say("FIONREAD", ioctl(fd, FIONREAD, &value));
  say("unknown", ioctl(fd, _IOW('k', 99, int), 0UL));
}

static void memory(void) {
  char text[100] = "", other[16] = "before";
  struct text inside = {sizeof(other), other};
  say("long text", ioctl(fd, LONG_TEXT, text));
  printf("%zu bytes\n", strlen(text));
  say("pointer inside", ioctl(fd, POINTER_INSIDE, &inside));
  printf("%lu %s\n", inside.length, other);
  inside.address = (char *)8;
  say("bad pointer inside", ioctl(fd, POINTER_INSIDE, &inside));
  say("bad pointer", ioctl(fd, POINTER_INSIDE, 8UL));
}

static void callers(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, in_thread, NULL);
  pthread_join(thread, NULL);
  if (fork() == 0) {
    say("in a child", ioctl(fd, BY_VALUE, 44UL));
    _exit(0);
  }
  wait(NULL);
  int copy = dup(fd);
  close(fd);
  say("by a copy", ioctl(copy, BY_VALUE, 55UL));
  say("closed", ioctl(fd, BY_VALUE, 5UL));
  say("no descriptor", ioctl(-1, BY_VALUE, 5UL));
}

static int watched(int epoll, int file) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event);
}

static void polling(void) {
  int epoll = epoll_create1(0), ends[2];
  say("epoll without poll", watched(epoll, fd));
  say("epoll of the log", watched(epoll, open("/dev/kmsg", O_RDONLY)));
  say("epoll of an attribute", watched(epoll, open("/sys/class/misc/runioctl/dev", O_RDONLY)));
  say("epoll of a pipe", watched(epoll, pipe(ends) ? -1 : ends[0]));
  say("epoll of a folder", watched(epoll, open("/", O_RDONLY)));
  say("epoll of nothing", watched(epoll, -1));
}

static void wait_for(int flags) {
  struct sigaction action = {.sa_handler = caught, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
  puts("waiting");
  fflush(stdout);
  say("waited", ioctl(fd, WAIT, 0UL));
}

static void *wait_in_thread(void *unused) {
  (void)unused;
  say("thread waited", ioctl(fd, WAIT, 0UL));
  return NULL;
}

static void wait_in_threads(void) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, wait_in_thread, NULL);
  wait_for(0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

int main(int argc, char **argv) {
  fd = open(argv[1], O_RDWR);
  if (fd < 0) {
    perror(argv[1]);
    return 1;
  }
  const char *what = argc > 2 ? argv[2] : "";
  if (!strcmp(what, "wait")) wait_for(0);
  else if (!strcmp(what, "restart")) wait_for(SA_RESTART);
  else if (!strcmp(what, "threads")) wait_in_threads();
  else if (!strcmp(what, "wake")) say("woke", ioctl(fd, WAKE, 0UL));
  else {
    numbers();
    memory();
    polling();
    callers();
  }
  return 0;
}
