"""Tries on a mounted machine what a transport may or may not carry: probes.py MOUNTPOINT

The modules probe and pages are loaded. Prints one JSON object: what was tried, and what came of it.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import select
import signal
import stat
import struct
import sys
import threading
import time

MNT = sys.argv[1]
PROBE = f'{MNT}/dev/probe'
SLEEP = f'{MNT}/dev/probe_sleep'
# How long something may take that is expected to happen at once, in seconds.
PATIENCE = 5
# MAP_FAILED, as ctypes has it.
FAILED = 2 ** (8 * ctypes.sizeof(ctypes.c_void_p)) - 1
# No numbers of Linux's.
UNASSIGNED = (41, 58)


def attempt(call):
    """Yes, or the error's name."""
    try:
        return 'yes' if call() else 'no'
    except OSError as error:
        return errno.errorcode[error.errno]


def report(fd=None, size=4096):
    own = os.open(PROBE, os.O_RDWR) if fd is None else fd
    try:
        return json.loads(os.pread(own, size, 0))
    finally:
        if fd is None:
            os.close(own)


def opened(flags, path=PROBE):
    class Opened:
        def __enter__(self):
            self.fd = os.open(path, flags)
            return self.fd

        def __exit__(self, *_):
            os.close(self.fd)

    return Opened()


def child(work):
    """Start a process that does `work`; its pid."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            work()
        finally:
            os._exit(0)
    return pid


def ends(pid, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return True
        time.sleep(0.01)
    return False


def sleeper(path=SLEEP):
    """A process that sleeps in the driver's read()."""
    pid = child(lambda: os.read(os.open(path, os.O_RDWR), 1))
    wait_until_asleep(pid)
    return pid


def wait_until_asleep(pid):
    """Until it is in read(2) or write(2), for a little while."""
    for _ in range(200):
        time.sleep(0.01)
        with open(f'/proc/{pid}/syscall') as call:
            if call.read().split()[0] in ('0', '1', '63', '64'):
                time.sleep(0.1)
                return


def kill(*pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return all([ends(pid) for pid in pids])


def data():
    path = f'{MNT}/proc/sys/kernel/hostname'
    with open(path, 'w') as file:
        file.write('probed')
    with open(path) as file:
        return file.read() == 'probed\n'


def flags_of_open():
    with opened(os.O_RDWR | os.O_TRUNC | os.O_APPEND | os.O_NONBLOCK) as fd:
        wanted = os.O_TRUNC | os.O_APPEND | os.O_NONBLOCK
        return report(fd)['opened'] & wanted == wanted


def exclusive():
    with opened(os.O_RDWR | os.O_CREAT | os.O_NOCTTY) as fd:
        wanted = os.O_CREAT | os.O_NOCTTY
        return report(fd)['opened'] & wanted == wanted


def flags_of_fcntl():
    with opened(os.O_RDWR) as fd:
        fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK)
        return bool(report(fd)['flags'] & os.O_NONBLOCK)


def closing():
    before = report()
    with opened(os.O_RDWR) as fd:
        os.fsync(fd)
    after = report()
    return all(after[name] > before[name] for name in ('flush', 'fsync', 'release'))


def largest():
    with opened(os.O_RDWR) as fd, mmap.mmap(-1, 1 << 20) as pages:
        n = os.readv(fd, [pages])
        return str(json.loads(pages[:n])['count'])


def positioned():
    before = report()['seeks']
    with opened(os.O_RDWR) as fd:
        os.pread(fd, 4096, 7)
    return report()['seeks'] == before


def seek_to_end():
    with opened(os.O_RDWR) as fd:
        return os.lseek(fd, 0, os.SEEK_END) == 1000


def no_position():
    with opened(os.O_RDWR, SLEEP) as fd:
        return os.lseek(fd, 5, os.SEEK_SET) == 5


def error_of(number):
    with opened(os.O_RDWR) as fd:
        try:
            os.write(fd, str(number).encode())
            return 0
        except OSError as error:
            return error.errno


def errors():
    """EINTR has Python call again."""
    tried = [n for n in range(1, 134) if n not in (*UNASSIGNED, errno.EINTR)]
    wrong = [errno.errorcode[n] for n in tried if error_of(n) != n]
    return f'all but {", ".join(wrong)}' if wrong else 'all'


def ioctl():
    with opened(os.O_RDWR) as fd:
        return fcntl.ioctl(fd, 0x7001) == 7


def ioctl_memory():
    with opened(os.O_RDWR) as fd:
        answer = bytearray(4)
        fcntl.ioctl(fd, 0x80047002, answer)
        return struct.unpack('i', answer)[0] == 42


def poll():
    with opened(os.O_RDWR, SLEEP) as fd:
        waiting = select.poll()
        waiting.register(fd, select.POLLIN | select.POLLOUT)
        return 'always ready' if waiting.poll(50) else 'yes'


def map_memory():
    with opened(os.O_RDWR, f'{MNT}/dev/pages1') as fd:
        # Python's own would look at the file's size.
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        both = mmap.PROT_READ | mmap.PROT_WRITE
        address = libc.mmap(None, 4096, both, mmap.MAP_SHARED, fd, ctypes.c_long(0))
        if address == FAILED:
            raise OSError(ctypes.get_errno(), 'mmap')
        ctypes.memmove(address, b'probed', 6)
        return os.pread(fd, 6, 0) == b'probed'


def same_descriptor():
    fd = os.open(SLEEP, os.O_RDWR)

    def both():
        threading.Thread(target=lambda: os.read(fd, 1), daemon=True).start()
        time.sleep(0.3)
        os.write(fd, b'x')

    return goes_on(both)


def other_writer():
    pid = child(lambda: os.write(os.open(SLEEP, os.O_RDWR), b'sleep'))
    wait_until_asleep(pid)
    answer = goes_on(lambda: os.write(os.open(SLEEP, os.O_RDWR), b'x'))
    kill(pid)
    return answer


def unlink_in_use():
    path = f'{MNT}/dev/in_use'
    with open(f'{MNT}/sys/class/misc/probe_sleep/dev') as number:
        major, minor = map(int, number.read().split(':'))
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
    pid = sleeper(path)
    answer = goes_on(lambda: os.unlink(path))
    kill(pid)
    return answer


def goes_on(work):
    pid = child(work)
    ended = ends(pid, 2)
    if not ended:
        kill(pid)
    return ended


def interrupt():
    before = report()['interrupted']
    pid = sleeper()
    os.kill(pid, signal.SIGINT)
    return ends(pid) and report()['interrupted'] == before + 1


def killed():
    return kill(sleeper())


def only_the_one():
    before = report()['interrupted']
    pids = [sleeper(), sleeper(), sleeper()]
    os.kill(pids[2], signal.SIGINT)
    alone = ends(pids[2]) and report()['interrupted'] == before + 1
    kill(*pids[:2])
    return alone


def pid():
    return report()['pid'] == os.getpid()


def uid():
    return report()['uid'] == os.geteuid()


def name():
    with open('/proc/self/comm') as comm:
        return report()['comm'] == comm.read().strip()


def other_users():
    reading, writing = os.pipe()

    def look():
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        os.write(writing, attempt(lambda: open(f'{MNT}/proc/version').close() is None).encode())

    ends(child(look))
    return os.read(reading, 20).decode()


def node_type():
    status = os.stat(PROBE)
    if stat.S_ISCHR(status.st_mode):
        return f'character device {os.major(status.st_rdev)}:*'
    return 'regular file' if stat.S_ISREG(status.st_mode) else 'something else'


def make_node():
    path = f'{MNT}/dev/made'
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    try:
        with open(path, 'rb') as file:
            return file.read(3) == b'\0\0\0'
    finally:
        os.unlink(path)


def names():
    folder = f'{MNT}/dev/folder'
    os.mkdir(folder)
    os.symlink('target', f'{folder}/link')
    os.rename(f'{folder}/link', f'{folder}/other')
    good = os.listdir(folder) == ['other'] and os.readlink(f'{folder}/other') == 'target'
    os.unlink(f'{folder}/other')
    os.rmdir(folder)
    return good


def modes():
    os.chmod(PROBE, 0o600)
    os.chown(PROBE, os.geteuid(), -1)
    good = os.stat(PROBE).st_mode & 0o7777 == 0o600
    os.chmod(PROBE, 0o666)
    return good


def one_time():
    before = os.stat(PROBE).st_atime_ns
    os.system(f"touch -m -d @1000 '{PROBE}'")
    after = os.stat(PROBE)
    return after.st_mtime == 1000 and after.st_atime_ns == before


PROBES = {
    'open, read, write, close': data,
    'mkdir, symlink, rename, unlink, rmdir, readdir': names,
    'chmod, chown': modes,
    'touch -m: one time alone': one_time,
    'what a device node looks like': node_type,
    'mknod of a device, and opening it': make_node,
    'flags of open(2) in the driver': flags_of_open,
    'O_CREAT, O_NOCTTY there': exclusive,
    'flags of fcntl(F_SETFL) there': flags_of_fcntl,
    'flush(), fsync(), release() of the driver': closing,
    'bytes in one call of the driver': largest,
    'pread(2) without llseek()': positioned,
    'lseek(2) from the end asks llseek()': seek_to_end,
    'lseek(2) of a device without a position': no_position,
    'errors of the driver': errors,
    'ioctl': ioctl,
    'ioctl with memory of the caller': ioctl_memory,
    'poll waits until the driver is ready': poll,
    'mmap of memory of the driver': map_memory,
    'write while a read of the descriptor sleeps': same_descriptor,
    'write while another write sleeps': other_writer,
    'unlink while a call on the file sleeps': unlink_in_use,
    'SIGINT ends a sleeping call': interrupt,
    'SIGKILL ends a sleeping call': killed,
    'a signal ends no call but its own': only_the_one,
    "the caller's pid": pid,
    "the caller's uid": uid,
    "the caller's name": name,
    "other users than the machine's": other_users,
}


def outcome(probe):
    answers = []
    verdict = attempt(lambda: answers.append(probe()) or True)
    if verdict != 'yes':
        return verdict
    return answers[0] if isinstance(answers[0], str) else 'yes' if answers[0] else 'no'


print(json.dumps({what: outcome(probe) for what, probe in PROBES.items()}))
