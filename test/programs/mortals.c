// mortals FILE PROCESSES SECONDS SEED: processes that use FILE in all ways, and are killed at it.
//
// There are always PROCESSES of them; each does one thing after another until SIGKILL comes, a random
// time after its birth. After SECONDS no new ones are born. Prints how many died, and fails when one
// does not die of it.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** The longest life, in milliseconds. */
#define LIFE 400
/** How long a killed process may take to die, in milliseconds. */
#define PATIENCE 30000

static void pause_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void use(int fd, int how) {
  char bytes[64] = "";
  struct pollfd ready = {fd, how % 2 ? POLLIN : POLLOUT, 0};
  switch (how % 8) {
  case 0: case 1: if (read(fd, bytes, 1 + how % 60) < 0 && errno != EINTR) _exit(1); break;
  case 2: case 3: if (write(fd, bytes, 1 + how % 60) < 0 && errno != EINTR) _exit(1); break;
  case 4: case 5: poll(&ready, 1, how % 100); break;
  case 6: ioctl(fd, 0x4d00, bytes); break;
  case 7: close(dup(fd)); break;
  }
}

static void live(const char *file) {
  for (;;) {
    int fd = open(file, O_RDWR);
    if (fd < 0) _exit(1);
    if (rand() % 8 == 0 && fork() == 0) pause_ms(rand() % 50), _exit(0);
    for (int i = rand() % 8; i >= 0; i--) use(fd, rand());
    close(fd);
    while (waitpid(-1, NULL, WNOHANG) > 0);
  }
}

static pid_t born(const char *file, int seed) {
  pid_t child = fork();
  if (child != 0) return child;
  srand(seed);
  live(file);
  _exit(0);
}

/** 1 when it has died of SIGKILL in time. */
static int die(pid_t pid) {
  int status;
  kill(pid, SIGKILL);
  for (double start = now_ms(); now_ms() - start < PATIENCE; pause_ms(1)) {
    if (waitpid(pid, &status, WNOHANG) == pid)
      return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int count = atoi(argv[2]), seed = atoi(argv[4]);
  pid_t *pids = calloc(count, sizeof *pids);
  double *deaths = calloc(count, sizeof *deaths), end = now_ms() + atof(argv[3]) * 1000;
  long killed = 0, failed = 0;

  srand(seed);
  for (int alive = 1; alive;) {
    alive = 0;
    for (int i = 0; i < count; i++) {
      if (pids[i] && now_ms() >= deaths[i]) {
        die(pids[i]) ? killed++ : failed++;
        pids[i] = 0;
      }
      if (!pids[i] && now_ms() < end) {
        pids[i] = born(argv[1], ++seed);
        deaths[i] = now_ms() + rand() % LIFE;
      }
      if (pids[i]) alive = 1;
    }
    pause_ms(1);
  }
  printf("%ld killed, %ld not\n", killed, failed);
  return failed || !killed;
}
