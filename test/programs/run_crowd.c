/* Many processes of several threads that make the same forwarded ioctl as fast as they can, each with a value
   of its own, which has to come back. Half of the processes are killed in the middle of it.
   "run_crowd DEVICE PROCESSES THREADS CALLS" */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BY_VALUE _IOW('k', 1, unsigned long)

static int fd, calls, number;

static void *work(void *thread) {
  for (long i = 0; i < calls || number % 2; i++) {
    long value = 1 + number * 1000000L + (long)thread * 10000 + i % 10000;
    if (ioctl(fd, BY_VALUE, value) != value) exit(1);
  }
  return NULL;
}

static void process(int threads) {
  pthread_t ids[threads];
  for (long i = 0; i < threads; i++) pthread_create(&ids[i], NULL, work, (void *)i);
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  exit(0);
}

/* The odd ones go on until they are killed. */
int main(int argc, char **argv) {
  int processes = argc > 2 ? atoi(argv[2]) : 8, threads = argc > 3 ? atoi(argv[3]) : 4;
  pid_t pids[processes];
  int ended = 0, killed = 0, status;

  calls = argc > 4 ? atoi(argv[4]) : 100;
  fd = open(argv[1], O_RDWR);
  if (fd < 0) return perror(argv[1]), 1;
  for (number = 0; number < processes; number++)
    if ((pids[number] = fork()) == 0) process(threads);
  for (int i = 0; i < processes; i += 2) {
    waitpid(pids[i], &status, 0);
    ended += status == 0;
    if (i + 1 < processes) kill(pids[i + 1], SIGKILL);
  }
  for (int i = 1; i < processes; i += 2) {
    waitpid(pids[i], &status, 0);
    killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  printf("%d ended, %d killed, then %d\n", ended, killed, ioctl(fd, BY_VALUE, 7UL));
  return 0;
}
