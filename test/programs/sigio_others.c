/* Signal-driven input for others: two children, in a group of their own, wait for the signals of a
   device that this process has opened. "sigio_others DEVICE" */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t set;
static int answers[2];

static void say(const char *what, int ret) {
  printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "0");
  fflush(stdout);
}

/* Tells each signal that comes. */
static pid_t child(char name, pid_t group) {
  pid_t pid = fork();
  if (pid) {
    setpgid(pid, group ? group : pid);
    return pid;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    int got = sigwaitinfo(&set, NULL);
    char text[2] = {name, got == SIGIO ? 'i' : got == SIGRTMIN + 1 ? 'r' : '?'};
    if (write(answers[1], text, 2) != 2) _exit(1);
  }
}

/* Another process writes: who tells of a signal. */
static void input(const char *device, int fd, int count) {
  char text[5] = "", byte;
  if (fork() == 0) _exit(write(open(device, O_WRONLY), "x", 1) != 1);
  wait(NULL);
  for (int i = 0; i < count; i++)
    if (read(answers[0], text + 2 * i, 2) != 2) perror("read");
  if (count == 2 && text[0] > text[2]) memcpy(text, (char[]){text[2], text[3], text[0], text[1]}, 4);
  printf("%s\n", text);
  if (read(fd, &byte, 1) != 1) perror("read");
}

int main(int argc, char **argv) {
  struct f_owner_ex owner;
  int fd = argc < 2 ? -1 : open(argv[1], O_RDONLY | O_NONBLOCK);
  sigemptyset(&set);
  sigaddset(&set, SIGIO);
  sigaddset(&set, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  if (fd < 0 || pipe(answers)) return 1;
  alarm(15);
  pid_t first = child('a', 0), second = child('b', first);

  say("O_ASYNC", fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC));
  say("F_SETOWN a child", fcntl(fd, F_SETOWN, second));
  input(argv[1], fd, 1);
  say("F_SETOWN their group", fcntl(fd, F_SETOWN, -first));
  input(argv[1], fd, 2);
  say("F_SETSIG", fcntl(fd, F_SETSIG, SIGRTMIN + 1));
  input(argv[1], fd, 2);
  owner.type = F_OWNER_PID, owner.pid = first;
  say("F_SETOWN_EX", fcntl(fd, F_SETOWN_EX, &owner));
  input(argv[1], fd, 1);
  owner.type = F_OWNER_TID, owner.pid = second;
  say("of a thread", fcntl(fd, F_SETOWN_EX, &owner));
  input(argv[1], fd, 1);
  kill(second, SIGKILL);
  waitpid(second, NULL, 0);
  say("of nobody", fcntl(fd, F_SETOWN, second));
  kill(first, SIGKILL);
  return 0;
}
