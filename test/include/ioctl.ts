// Numbers of ioctls, as the C compiler makes them.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  IOC_IN,
  IOC_OUT,
  IOC_INOUT,
  IOCSIZE_MASK,
  IOCSIZE_SHIFT,
  _IOC_NRBITS,
  _IOC_TYPEBITS,
  _IOC_SIZEBITS,
  _IOC_DIRBITS,
  _IOC_NRMASK,
  _IOC_TYPEMASK,
  _IOC_SIZEMASK,
  _IOC_DIRMASK,
  _IOC_NRSHIFT,
  _IOC_TYPESHIFT,
  _IOC_SIZESHIFT,
  _IOC_DIRSHIFT,
  _IOC_NONE,
  _IOC_WRITE,
  _IOC_READ,
  _IO,
  _IOC_DIR,
  _IOC_NR,
  _IOC_SIZE,
  _IOC_TYPE,
  _IOR,
  _IOR_BAD,
  _IOW,
  _IOW_BAD,
  _IOWR,
  _IOWR_BAD,
} from '../../src/include/linux/ioctl.ts'
import { struct } from '../../src/include/linux/struct.ts'
import { requireTool } from '../harness/require.ts'

const message = struct({ len: 'int', text: 'char *', tag: 'char[20]' })

const CONSTANTS = {
  IOC_IN,
  IOC_OUT,
  IOC_INOUT,
  IOCSIZE_MASK,
  IOCSIZE_SHIFT,
  _IOC_NRBITS,
  _IOC_TYPEBITS,
  _IOC_SIZEBITS,
  _IOC_DIRBITS,
  _IOC_NRMASK,
  _IOC_TYPEMASK,
  _IOC_SIZEMASK,
  _IOC_DIRMASK,
  _IOC_NRSHIFT,
  _IOC_TYPESHIFT,
  _IOC_SIZESHIFT,
  _IOC_DIRSHIFT,
  _IOC_NONE,
  _IOC_WRITE,
  _IOC_READ,
}

const SOURCE = `#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <asm/ioctl.h>
struct message { int len; char *text; char tag[20]; };
#define SHOW(x) printf("%u\\n", (unsigned)(x))
int main(void)
{
  SHOW(_IO('k', 0)); SHOW(_IO(0xff, 255));
  SHOW(_IOR('k', 1, int)); SHOW(_IOW('M', 2, char[100])); SHOW(_IOWR(7, 3, struct message));
  SHOW(_IOR('k', 4, unsigned long)); SHOW(_IOR('k', 5, char *)); SHOW(_IOW('k', 6, size_t));
  SHOW(_IOC(_IOC_READ, 'k', 7, 16383)); SHOW(_IOW('k', 8, short[3][2]));
  ${Object.keys(CONSTANTS)
    .map(name => `SHOW(${name});`)
    .join(' ')}
  return 0;
}
`

t.test('numbers are those of <asm/ioctl.h>', async t => {
  if (!requireTool(t, 'gcc')) return
  const dir = t.testdir({ 'numbers.c': '' })
  writeFileSync(join(dir, 'numbers.c'), SOURCE)
  execFileSync('gcc', ['-o', join(dir, 'numbers'), join(dir, 'numbers.c')])
  const theirs = execFileSync(join(dir, 'numbers'), { encoding: 'utf8' })
  const ours = [
    _IO('k', 0),
    _IO(0xff, 255),
    _IOR('k', 1, 'int'),
    _IOW('M', 2, 'char[100]'),
    _IOWR(7, 3, message),
    _IOR('k', 4, 'unsigned long'),
    _IOR('k', 5, 'char *'),
    _IOW('k', 6, 'size_t'),
    _IOR('k', 7, 16383),
    _IOW('k', 8, 'short[3][2]'),
    ...Object.values(CONSTANTS),
  ]
  t.same(theirs.trimEnd().split('\n').map(Number), ours)
})

t.test('a number comes apart again', async t => {
  const cmd = _IOWR('k', 9, message)
  t.equal(_IOC_DIR(cmd), _IOC_READ | _IOC_WRITE)
  t.equal(_IOC_TYPE(cmd), 0x6b)
  t.equal(_IOC_NR(cmd), 9)
  t.equal(_IOC_SIZE(cmd), 40)
})

t.test(
  'sizes: what is too large does not build, and sizeof of a sizeof is 8',
  async t => {
    t.throws(() => _IOR('k', 1, 'char[16384]'), RangeError)
    t.equal(_IOC_SIZE(_IOR_BAD('k', 1, 'int')), 8)
    t.equal(_IOW_BAD('k', 1, 'int'), _IOW('k', 1, 8))
    t.equal(_IOWR_BAD('k', 1, 'int'), _IOWR('k', 1, 8))
  },
)
