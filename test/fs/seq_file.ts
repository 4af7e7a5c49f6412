// seq_file: any read size, records of any length, errors, sleeping, and what show() can write.
import t from 'tap'
import type { Test } from 'tap'
import { EINVAL, ERESTARTSYS, ESPIPE } from '../../src/include/linux/errno.ts'
import { boot, build } from '../harness/machine.ts'

const O_RDWR = 2
const SEEK_CUR = 1
const SEEK_END = 2

async function machine(t: Test, name: string, body: string) {
  const source = `
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
import { DUMP_PREFIX_NONE, DUMP_PREFIX_OFFSET, pr_info } from '#linux/printk'
import { proc_create, proc_create_seq, proc_create_seq_private, proc_create_single, remove_proc_entry } from '#linux/proc_fs'
import * as seq from '#linux/seq_file'
import { ESCAPE_ANY_NP, ESCAPE_HEX } from '#linux/string_helpers'
import { wait_event_interruptible, wait_queue_head, wake_up } from '#linux/wait'
MODULE_LICENSE('GPL')
${body}
module_exit(async () => {
  await remove_proc_entry('${name}', null)
})`
  const image = await build(t, name, source)
  const booted = await boot(t)
  t.equal(await booted.insmod(image), 0)
  const { user } = booted
  return {
    ...booted,
    path: `/proc/${name}`,
    text: async (fd: number, count: number) => {
      const read = await user.read(fd, count)
      return typeof read === 'number' ? read : Buffer.from(read).toString()
    },
  }
}

/** Records of very different lengths, some left out. */
const LENGTHS = [1, 0, 4095, 4096, 17, 9000, 2, 4094, 1, 300, 100, 12345, 5]

for (const kind of ['at once', 'asleep in between']) {
  t.test(`the same text by reads and seeks of any size: ${kind}`, async t => {
    const pause = kind === 'at once' ? '' : 'await Promise.resolve()'
    const async = pause && 'async'
    const { user, path, text } = await machine(
      t,
      'sizes',
      `const lengths = ${JSON.stringify(LENGTHS)}
const ops: seq.seq_operations<number> = {
  ${async} start(_m, pos) { ${pause}; return lengths[pos.value] },
  ${async} next(_m, _v, pos) { ${pause}; return lengths[++pos.value] },
  ${async} stop() { ${pause} },
  ${async} show(m, v) {
    ${pause}
    seq.seq_puts(m, 'x'.repeat(v))
    if (v === 300) return seq.SEQ_SKIP
    if (v > 0) seq.seq_putc(m, '\\n')
    return 0
  },
}
module_init(() => (proc_create_seq('sizes', 0, null, ops) ? 0 : -1))`,
    )
    const whole = LENGTHS.filter(n => n > 0 && n !== 300)
      .map(n => `${'x'.repeat(n)}\n`)
      .join('')
    t.equal(await user.readFile(path), whole)
    for (const size of [1, 7, 4095, 4096, 4097, 65536]) {
      const fd = await user.open(path)
      let pieces = ''
      for (;;) {
        const piece = await text(fd, size)
        if (piece === '') break
        pieces += piece
      }
      t.equal(pieces, whole, `read(${size})`)
      await user.close(fd)
    }
    const fd = await user.open(path)
    for (const at of [0, 1, 2, 4097, 4098, 8200, 20000, 5, whole.length - 3]) {
      t.equal(await user.lseek(fd, at), at)
      // A read may end early, where the next record does not fit.
      const read = String(await text(fd, 3))
      t.ok(read.length > 0 && whole.startsWith(read, at), `at ${at}`)
    }
    t.equal(await user.lseek(fd, whole.length + 100), whole.length + 100)
    t.equal(await text(fd, 3), '')
    t.equal(await user.lseek(fd, -7, SEEK_CUR), whole.length + 93)
    t.equal(await user.lseek(fd, 0, SEEK_END), -EINVAL)
    t.equal(await user.lseek(fd, -1), -EINVAL)
    await user.close(fd)
  })
}

t.test('an error comes after the records before it, and again', async t => {
  const { user, path, text } = await machine(
    t,
    'fails',
    `module_init(() => (proc_create_seq('fails', 0o600, null, {
  start: (_m, pos) => pos.value < 3 ? pos.value : -5,
  next: (_m, _v, pos) => ++pos.value < 3 ? pos.value : -5,
  stop() {},
  show: (m, v) => { seq.seq_printf(m, '%d\\n', v); return 0 },
}) ? 0 : -1))`,
  )
  const fd = await user.open(path, O_RDWR)
  t.equal(await text(fd, 100), '0\n1\n2\n', '0 is a record like others')
  t.equal(await text(fd, 100), -5)
  t.equal(await text(fd, 100), -5)
  t.equal(await user.lseek(fd, 100), -5)
  t.equal(await user.lseek(fd, 2), 2)
  t.equal(await text(fd, 100), '1\n2\n')
  t.equal(await user.pwrite(fd, 'x', 0), -ESPIPE)
  await user.close(fd)
})

t.test('a next() that leaves the position alone is reported and helped on', async t => {
  const { user, path, dmesg } = await machine(
    t,
    'stuck',
    `module_init(() => (proc_create_seq('stuck', 0, null, {
  start: (_m, pos) => pos.value < 2 ? 'record' : null,
  next: function stuck_next() { return null },
  stop() {},
  show: (m, v) => { seq.seq_puts(m, v); return 0 },
}) ? 0 : -1))`,
  )
  dmesg()
  t.equal(await user.readFile(path), 'recordrecord')
  t.match(
    dmesg()[0],
    /^<6>seq_file: buggy \.next function stuck_next \[stuck\] did not update position index/,
  )
})

t.test(
  'start() may sleep; a signal ends that, and a second reader waits its turn',
  async t => {
    const { user, process, path } = await machine(
      t,
      'sleeper',
      `const wq = new wait_queue_head()
let ready = false
module_init(() => (proc_create('sleeper', 0o600, null, {
  proc_open: (_inode, filp) => seq.single_open(filp, async m => {
    if (await wait_event_interruptible(wq, () => ready)) return -512
    seq.seq_puts(m, 'awake')
    return 0
  }, null),
  proc_read: seq.seq_read,
  proc_release: seq.single_release,
  proc_write(_filp, _buf, count) {
    ready = true
    wake_up(wq)
    return count
  },
}) ? 0 : -1))`,
    )
    const fd = await user.open(path)
    const interrupted = user.read(fd, 10)
    user.signal()
    t.equal(await interrupted, -ERESTARTSYS)
    const both = [user.pread(fd, 10, 0), user.pread(fd, 10, 0)]
    const other = process({ pid: 2 })
    await other.writeFile(path, 'x')
    for (const read of await Promise.all(both))
      t.equal(Buffer.from(read as Uint8Array).toString(), 'awake')
    await user.close(fd)
  },
)

t.test('each open file has its own private; data is for all', async t => {
  const { user, path, text } = await machine(
    t,
    'own',
    `module_init(() => (proc_create_seq_private('own', 0, null, {
  start: (_m, pos) => pos.value < 2 ? pos.value : null,
  next: (_m, _v, pos) => ++pos.value < 2 ? pos.value : null,
  stop() {},
  show(m: seq.seq_file<{ shown: number }>) {
    seq.seq_printf(m, '%d', ++m.private.shown)
    return 0
  },
}, () => ({ shown: 0 }), null) ? 0 : -1))`,
  )
  const fd = await user.open(path)
  t.equal(await text(fd, 9), '12')
  t.equal(await user.lseek(fd, 0), 0)
  t.equal(await text(fd, 9), '34')
  t.equal(await user.readFile(path), '12')
  await user.close(fd)
})

t.test('what show() writes', async t => {
  const { user, path } = await machine(
    t,
    'writes',
    `const list = ['a', 'b']
module_init(() => (proc_create_single('writes', 0, null, m => {
  seq.seq_printf(m, '%5d|%-5s|%x\\n', 42, 'ab', 255)
  seq.seq_vprintf(m, '%s\\n', ['v'])
  seq.seq_setwidth(m, 8)
  seq.seq_puts(m, 'pad')
  seq.seq_pad(m, '|')
  seq.seq_pad(m, 10)
  seq.seq_put_decimal_ull(m, 'n=', 18446744073709551615n)
  seq.seq_put_decimal_ll(m, ' ', -7)
  seq.seq_putc(m, '\\n')
  seq.seq_escape(m, 'a b\\\\ü\\n', ' \\\\\\n')
  seq.seq_escape_mem(m, 'x\\t\\x01y', 4, ESCAPE_ANY_NP, null)
  seq.seq_escape_mem(m, 'xyz', 3, ESCAPE_HEX, 'y')
  seq.seq_putc(m, '\\n')
  seq.seq_hex_dump(m, 'p ', DUMP_PREFIX_OFFSET, 16, 1, 'ABCDEFGHIJKLMNOPQ', 17, true)
  seq.seq_hex_dump(m, '', DUMP_PREFIX_NONE, 16, 4, new Uint8Array([1, 2, 3, 4]), 4, false)
  seq.seq_write(m, new Uint8Array([0x7a, 0xff, 10]), 2)
  pr_info('%d\\n', seq.seq_has_overflowed(m))
  pr_info('%s\\n', [0, 1, 2].map(pos => seq.seq_list_start(list, pos)).join())
  pr_info('%s\\n', [0, 1, 2, 3].map(pos => seq.seq_list_start_head(list, pos) === list ? 'head' : seq.seq_list_start_head(list, pos)).join())
  return 0
}) ? 0 : -1))`,
  )
  const fd = await user.open(path)
  const read = await user.read(fd, 4096)
  t.equal(
    Buffer.from(read as Uint8Array).toString('latin1'),
    Buffer.from(
      `   42|ab   |ff
v
pad     |
n=18446744073709551615 -7
a\\040b\\134ü\\012x\\t\\001yx\\x79z
p 00000000: 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP
p 00000010: 51                                               Q
04030201
z`,
    ).toString('latin1') + '\xff',
  )
  await user.close(fd)
})
