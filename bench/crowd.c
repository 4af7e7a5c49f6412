/* crowd QUEUE FILE [PAIR]: very many readers that wait in QUEUE, very many open FILEs, two readers that wait in
 * PAIR, and work to be timed. They are devices of drivers/bench/crowd.ts, or QUEUE is bench-wait of
 * reference.c.
 *
 * Does what the lines of its standard input say, and answers each with a line when it is done:
 *
 *   readers N   have N threads that wait in a read(2) of QUEUE, each of a descriptor of its own
 *   files N     have FILE open N times
 *   wake N      wake a reader of PAIR, N times: of two one always sleeps
 *   turn N      wake a reader of QUEUE, N times: the one who has slept longest
 *   read N      read a byte of FILE that is there, N times
 *   open N      open and close FILE, N times
 *   stat N      stat(2) of FILE, N times */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 100000
/* Of the device, at once. */
#define TOKENS_MAX 4096
#define READERS_OF_PAIR 2
#define STACK (64 << 10)

static const char *queue_path, *path;
static int queue, file, pair;
static int files[FILES_MAX];
static long file_count, reader_count;
static atomic_long leaving; /* readers that are to end when they are woken */
static sem_t woken, gone;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_device(const char *name)
{
	int fd = open(name, O_RDWR);

	if (fd < 0)
		die(name);
	return fd;
}

static void give_tokens(int fd, long count)
{
	static char bytes[TOKENS_MAX];

	for (long n; count > 0; count -= n) {
		n = write(fd, bytes, count < TOKENS_MAX ? count : TOKENS_MAX);
		if (n <= 0)
			die("write");
	}
}

static void take_token(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		die("read");
}

static void have_files(long count)
{
	while (file_count < count)
		files[file_count++] = open_device(path);
	while (file_count > count)
		if (close(files[--file_count]))
			die("close");
}

static void *reader(void *descriptor)
{
	int fd = (intptr_t)descriptor;

	for (;;) {
		take_token(fd);
		if (atomic_fetch_sub(&leaving, 1) > 0)
			break;
		atomic_fetch_add(&leaving, 1);
		sem_post(&woken);
	}
	close(fd);
	sem_post(&gone);
	return NULL;
}

static void start_reader(const char *name)
{
	intptr_t fd = open_device(name);
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, reader, (void *)fd))
		die("pthread_create");
	pthread_attr_destroy(&attributes);
}

static void have_readers(long count)
{
	long less = reader_count - count;

	for (; reader_count < count; reader_count++)
		start_reader(queue_path);
	if (less <= 0)
		return;
	leaving = less;
	give_tokens(queue, less);
	for (; reader_count > count; reader_count--)
		sem_wait(&gone);
	leaving = 0;
}

static void read_bytes(long count)
{
	for (long n = 0; count > 0; count -= n) {
		n = count < TOKENS_MAX ? count : TOKENS_MAX;
		give_tokens(file, n);
		for (long i = 0; i < n; i++)
			take_token(file);
	}
}

static void open_and_close(long count)
{
	while (count-- > 0)
		if (close(open_device(path)))
			die("close");
}

static void stat_file(long count)
{
	struct stat st;

	while (count-- > 0)
		if (stat(path, &st))
			die(path);
}

static void wake_readers(int fd, long count)
{
	while (count-- > 0) {
		give_tokens(fd, 1);
		sem_wait(&woken);
	}
}

static void wake_pair(long count)
{
	wake_readers(pair, count);
}

static void wake_in_turn(long count)
{
	wake_readers(queue, count);
}

static void have_pair(const char *name)
{
	pair = open_device(name);
	for (int i = 0; i < READERS_OF_PAIR; i++)
		start_reader(name);
}

static const struct {
	const char *name;
	void (*work)(long count);
} works[] = {
	{ "files", have_files },     { "readers", have_readers }, { "read", read_bytes },
	{ "open", open_and_close },  { "stat", stat_file },       { "wake", wake_pair },
	{ "turn", wake_in_turn },
};

static void do_work(const char *name, long count)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		if (!strcmp(works[i].name, name))
			return works[i].work(count);
	exit(2);
}

/* As many open files as this process may have. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

int main(int argc, char **argv)
{
	char name[16];
	long count;

	if (argc != 3 && argc != 4)
		return fprintf(stderr, "usage: %s QUEUE FILE [PAIR]\n", argv[0]), 2;
	queue_path = argv[1];
	path = argv[2];
	sem_init(&woken, 0, 0);
	sem_init(&gone, 0, 0);
	raise_limit();
	queue = open_device(queue_path);
	file = open_device(path);
	if (argc == 4)
		have_pair(argv[3]);
	while (scanf("%15s %ld", name, &count) == 2) {
		do_work(name, count);
		puts("done");
		fflush(stdout);
	}
	return 0;
}
