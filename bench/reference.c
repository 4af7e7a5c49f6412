/* What modbox is measured against: the device of drivers/bench in C, on libfuse 3's low-level API.
 *
 * One thread, no frills. The mount has two files: "bench" answers read(2) straight out of its
 * memory, which a server in C can do and a driver with copy_to_user() cannot; "bench-copy" makes
 * the copy that a driver makes. A third, "bench-wait", has readers who wait until somebody has
 * written; each byte is for the one who has waited longest. Its size is how many wait. */
#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#define PAGE 4096
#define SIZE (1 << 20)
#define BENCH_IOCGPAGE _IOR('b', 1, char[PAGE])

enum { BENCH = 2, BENCH_COPY = 3, BENCH_WAIT = 4 };

static char memory[SIZE], copy[SIZE];

/* Of bench-wait: what nobody has read yet, who waits for it, from number `first` on, and who polls. */
#define READERS_MAX 8192
static size_t waiting_bytes;
static fuse_req_t readers[READERS_MAX];
static unsigned int first, reader_count;
static struct fuse_pollhandle *poller;

static struct stat attributes(fuse_ino_t ino)
{
	return (struct stat){
		.st_ino = ino,
		.st_nlink = 1,
		.st_mode = ino == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666,
		.st_size = ino == BENCH_WAIT ? reader_count : 0,
	};
}

/* Seconds. */
static double valid_for(fuse_ino_t ino)
{
	return ino == BENCH_WAIT ? 0 : 1;
}

static void init(void *userdata, struct fuse_conn_info *conn)
{
	conn->max_write = SIZE;
	/* Pipes do not pay for buffers of this size. */
	conn->want &= ~(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
}

static void lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .entry_timeout = 1 };

	if (!strcmp(name, "bench"))
		entry.ino = BENCH;
	else if (!strcmp(name, "bench-copy"))
		entry.ino = BENCH_COPY;
	else if (!strcmp(name, "bench-wait"))
		entry.ino = BENCH_WAIT;
	else
		return (void)fuse_reply_err(req, ENOENT);
	entry.attr = attributes(entry.ino);
	entry.attr_timeout = valid_for(entry.ino);
	fuse_reply_entry(req, &entry);
}

static void getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st = attributes(ino);

	fuse_reply_attr(req, &st, valid_for(ino));
}

static void open_(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fi->direct_io = 1;
	fi->nonseekable = ino == BENCH_WAIT;
	fuse_reply_open(req, fi);
}

static void give_byte(fuse_req_t req)
{
	waiting_bytes--;
	fuse_reply_buf(req, "w", 1);
}

static void wait_for_byte(fuse_req_t req)
{
	if (waiting_bytes)
		give_byte(req);
	else if (reader_count == READERS_MAX)
		fuse_reply_err(req, EBUSY);
	else
		readers[(first + reader_count++) % READERS_MAX] = req;
}

static void wake(void)
{
	for (; waiting_bytes && reader_count; reader_count--)
		give_byte(readers[first++ % READERS_MAX]);
	if (!poller)
		return;
	fuse_lowlevel_notify_poll(poller);
	fuse_pollhandle_destroy(poller);
	poller = NULL;
}

static void poll_(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *ph)
{
	if (ph) {
		if (poller)
			fuse_pollhandle_destroy(poller);
		poller = ph;
	}
	fuse_reply_poll(req, waiting_bytes || ino != BENCH_WAIT ? POLLIN | POLLOUT : POLLOUT);
}

static void read_(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	if (ino == BENCH_WAIT)
		return wait_for_byte(req);
	if (ino == BENCH)
		return (void)fuse_reply_buf(req, memory, size);
	memcpy(copy, memory, size);
	fuse_reply_buf(req, copy, size);
}

static void write_(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
		   struct fuse_file_info *fi)
{
	if (ino == BENCH_WAIT) {
		waiting_bytes += size;
		fuse_reply_write(req, size);
		return wake();
	}
	memcpy(memory, buf, size);
	fuse_reply_write(req, size);
}

static void ioctl_(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
		   struct fuse_file_info *fi, unsigned int flags, const void *in, size_t in_size,
		   size_t out_size)
{
	if (cmd != BENCH_IOCGPAGE || out_size < PAGE)
		return (void)fuse_reply_err(req, ENOTTY);
	fuse_reply_ioctl(req, 0, memory, PAGE);
}

static const struct fuse_lowlevel_ops operations = {
	.init = init,
	.lookup = lookup,
	.getattr = getattr,
	.open = open_,
	.read = read_,
	.write = write_,
	.ioctl = ioctl_,
	.poll = poll_,
};

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	struct fuse_cmdline_opts opts;

	memset(memory, 'a', SIZE);
	if (fuse_parse_cmdline(&args, &opts) || !opts.mountpoint)
		return 2;

	struct fuse_session *session = fuse_session_new(&args, &operations, sizeof(operations), NULL);

	if (!session || fuse_set_signal_handlers(session) || fuse_session_mount(session, opts.mountpoint))
		return 1;
	fuse_session_loop(session);
	fuse_session_unmount(session);
	return 0;
}
