// soak_memory DEVICE SEED CALLS: uses a device of the driver scull that nobody else uses, through several
// descriptors, and knows what is in it. See soak.h.
#include "soak.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

#define SCULL_IOCRESET _IO('k', 0)
#define SCULL_IOCGCAPACITY _IOR('k', 1, int)
#define SCULL_IOCSCAPACITY _IOW('k', 2, int)
#define SCULL_IOCGSIZE _IOR('k', 3, int)

#define MOST 300000
#define OPEN 4

/** What the device holds. Bytes behind the size stay, and come back when a write leaves a gap. */
static char model[MOST];
static long capacity, size;

static struct { int fd, mode; long pos; } files[OPEN];
static const char *device;
static char data[2 * MOST];

static long least(long a, long b)
{
	return a < b ? a : b;
}

static void open_one(int i)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR };
	int mode = modes[below(4)];

	if (files[i].fd >= 0)
		expect("close", answer(close(files[i].fd)), 0);
	files[i].fd = answer(open(device, mode | O_CLOEXEC));
	if (files[i].fd < 0)
		diverges("open in mode %d answers %d", mode, files[i].fd);
	files[i].mode = mode;
	files[i].pos = 0;
	if (mode == O_WRONLY)
		size = 0;
}

static void set_capacity(int fd, int bytes)
{
	expect("SCULL_IOCSCAPACITY", answer(ioctl(fd, SCULL_IOCSCAPACITY, &bytes)), bytes < 1 ? -EINVAL : 0);
	if (bytes < 1)
		return;
	capacity = bytes;
	size = 0;
	memset(model, 0, sizeof(model));
}

static long some_bytes(void)
{
	return 1 + (below(4) ? below(5000) : below(2 * MOST));
}

static long some_offset(void)
{
	return below(3) ? below(capacity + 1) : below(3 * MOST);
}

static long readable(int mode, long count, long pos)
{
	if (mode == O_WRONLY)
		return -EBADF;
	return pos >= size ? 0 : least(count, size - pos);
}

static void compare(const char *call, long n, long count, int mode, long pos)
{
	expect(call, n, readable(mode, count, pos));
	if (n > 0 && memcmp(data, model + pos, n))
		diverges("%s of %ld bytes at %ld: other bytes", call, n, pos);
}

static void read_some(int i)
{
	long count = some_bytes(), half = count / 2, n;
	struct iovec parts[] = { { data, half }, { data + half, count - half } };
	int how = below(3);
	long pos = how == 0 ? some_offset() : files[i].pos;

	if (how == 0)
		n = answer(pread(files[i].fd, data, count, pos));
	else if (how == 1)
		n = answer(readv(files[i].fd, parts, 2));
	else
		n = answer(read(files[i].fd, data, count));
	compare("read", n, count, files[i].mode, pos);
	if (how && n > 0)
		files[i].pos += n;
}

static long writable(int mode, long count, long pos)
{
	if (mode == O_RDONLY)
		return -EBADF;
	return pos >= capacity ? -ENOSPC : least(count, capacity - pos);
}

static void write_some(int i)
{
	long count = some_bytes(), half = count / 2, n;
	struct iovec parts[] = { { data, half }, { data + half, count - half } };
	int how = below(3);
	long pos = how == 0 ? some_offset() : files[i].pos;

	for (long at = 0; at < count; at++)
		data[at] = at % 64 ? data[at - 1] + 1 : (int)any();
	if (how == 0)
		n = answer(pwrite(files[i].fd, data, count, pos));
	else if (how == 1)
		n = answer(writev(files[i].fd, parts, 2));
	else
		n = answer(write(files[i].fd, data, count));
	expect("write", n, writable(files[i].mode, count, pos));
	if (n <= 0)
		return;
	memcpy(model + pos, data, n);
	size = pos + n > size ? pos + n : size;
	if (how)
		files[i].pos += n;
}

static void seek(int i)
{
	static const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END };
	int whence = below(3);
	long offset = below(2) ? some_offset() : -some_offset();
	long base = whence == 0 ? 0 : whence == 1 ? files[i].pos : size;
	long to = base + offset < 0 ? -EINVAL : base + offset;

	expect("lseek", answer(lseek(files[i].fd, offset, whences[whence])), to);
	if (to >= 0)
		files[i].pos = to;
}

static void control(int i)
{
	int fd = files[i].fd, value = -1;

	switch (below(6)) {
	case 0:
		expect("SCULL_IOCGCAPACITY", answer(ioctl(fd, SCULL_IOCGCAPACITY, &value)), 0);
		expect("the capacity", value, capacity);
		break;
	case 1:
		expect("SCULL_IOCRESET", answer(ioctl(fd, SCULL_IOCRESET)), 0);
		size = 0;
		break;
	case 2: set_capacity(fd, below(4) ? 1 + below(MOST) : 0); break;
	case 3: expect("no ioctl of its", answer(ioctl(fd, _IO('k', 99))), -ENOTTY); break;
	case 4: expect("a wrong pointer", answer(ioctl(fd, SCULL_IOCGSIZE, 16)), -EFAULT); break;
	default:
		expect("SCULL_IOCGSIZE", answer(ioctl(fd, SCULL_IOCGSIZE, &value)), 0);
		expect("the size", value, size);
	}
}

static void describe(int i)
{
	int fd = files[i].fd, flags = fcntl(fd, F_GETFL), copy;
	struct pollfd polled = { fd, POLLIN | POLLOUT, 0 };
	struct timeval now = { 0, 0 };
	fd_set set;

	expect("F_GETFL", answer(flags) & O_ACCMODE, files[i].mode);
	expect("F_SETFL", answer(fcntl(fd, F_SETFL, flags ^ O_NONBLOCK)), 0);
	expect("F_GETFL then", answer(fcntl(fd, F_GETFL)) & O_NONBLOCK, (flags ^ O_NONBLOCK) & O_NONBLOCK);
	expect("poll", answer(poll(&polled, 1, 0)), 1);
	expect("what is ready", polled.revents, POLLIN | POLLOUT);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	expect("select", answer(select(fd + 1, &set, NULL, NULL, &now)), 1);
	expect("fsync", answer(fsync(fd)), -EINVAL);
	copy = answer(dup(fd));
	expect("the position of a copy", answer(lseek(copy, 0, SEEK_CUR)), files[i].pos);
	expect("close of a copy", answer(close(copy)), 0);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	device = argv[1];
	random_state = strtoul(argv[2], NULL, 0);
	be_interrupted(below(2));
	for (int i = 0; i < OPEN; i++)
		files[i].fd = -1;
	for (int i = 0; i < OPEN; i++)
		open_one(i);
	set_capacity(files[0].fd, 1 + below(MOST));
	for (long most = atol(argv[3]); calls < most;) {
		int i = below(OPEN);

		switch (below(12)) {
		case 0: open_one(i); break;
		case 1: control(i); break;
		case 2: describe(i); break;
		case 3: case 4: seek(i); break;
		case 5: case 6: case 7: write_some(i); break;
		default: read_some(i);
		}
	}
	return done();
}
