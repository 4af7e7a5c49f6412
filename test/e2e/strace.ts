// Which system calls Debian's tools make on a device, and what they are answered: the sizes they ask
// for, where they seek, when they stop. strace(1) is the judge.

import t from 'tap'
import { bootMounted, type MountedMachine } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const CONTENTS = '0123456789abcdef'
const TRACED = 'openat,read,write,lseek,pread64,pwrite64,dup2,copy_file_range'

/** cp asks two files that both look regular whether the file system can copy by itself. */
const ONLY_FOR_REGULAR = /^copy_file_range\(/

/** What comes in at the tool's stdin, if it reads that. */
const WITHOUT_STDIN = ''

/** Command, its stdin, and its calls on the device: `call(arguments without the file) = result`. */
const TOOLS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'cat $D',
    WITHOUT_STDIN,
    ['openat(O_RDONLY) = 3', `read("${CONTENTS}", 131072) = 16`, 'read("", 131072) = 0'],
  ],
  [
    'dd if=$D bs=4 count=2',
    WITHOUT_STDIN,
    [
      'openat(O_RDONLY) = 3',
      'dup2(0) = 0',
      'lseek(0, SEEK_CUR) = 0',
      'read("0123", 4) = 4',
      'read("4567", 4) = 4',
    ],
  ],
  [
    'dd if=$D bs=1 skip=3 count=2',
    WITHOUT_STDIN,
    [
      'openat(O_RDONLY) = 3',
      'dup2(0) = 0',
      'lseek(0, SEEK_CUR) = 0',
      'lseek(3, SEEK_CUR) = 3',
      'read("3", 1) = 1',
      'read("4", 1) = 1',
    ],
  ],
  [
    'dd if=$D',
    WITHOUT_STDIN,
    [
      'openat(O_RDONLY) = 3',
      'dup2(0) = 0',
      'lseek(0, SEEK_CUR) = 0',
      `read("${CONTENTS}", 512) = 16`,
      'read("", 512) = 0',
    ],
  ],
  ['head -c 5 $D', WITHOUT_STDIN, ['openat(O_RDONLY) = 3', 'read("01234", 5) = 5']],
  [
    'head -n 1 $D',
    WITHOUT_STDIN,
    ['openat(O_RDONLY) = 3', `read("${CONTENTS}", 8192) = 16`, 'read("", 8192) = 0'],
  ],
  [
    'od -c $D',
    WITHOUT_STDIN,
    [
      'openat(O_RDONLY) = 3',
      `read("${CONTENTS}", 4096) = 16`,
      'read("", 4096) = 0',
      'lseek(0, SEEK_CUR) = 16',
    ],
  ],
  [
    'cp $D copy',
    WITHOUT_STDIN,
    ['openat(O_RDONLY) = 3', `read("${CONTENTS}", 131072) = 16`, 'read("", 131072) = 0'],
  ],
  [
    'tee $D',
    'abc',
    ['openat(O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', 'write("abc", 3) = 3'],
  ],
  [
    'tee -a $D',
    'abc',
    [
      'openat(O_WRONLY|O_CREAT|O_APPEND, 0666) = 3',
      'lseek(0, SEEK_END) = 0',
      'write("abc", 3) = 3',
    ],
  ],
  [
    'dd of=$D bs=2',
    'abc',
    [
      'openat(O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3',
      'dup2(1) = 1',
      'write("ab", 2) = 2',
      'write("c", 1) = 1',
    ],
  ],
  [
    'dd of=$D bs=2 seek=3 conv=notrunc',
    'abc',
    [
      'openat(O_RDWR|O_CREAT, 0666) = 3',
      'dup2(1) = 1',
      'lseek(6, SEEK_CUR) = 6',
      'write("ab", 2) = 2',
      'write("c", 1) = 1',
    ],
  ],
  ['cp input $D', WITHOUT_STDIN, ['openat(O_WRONLY|O_TRUNC) = 4', 'write("abc", 3) = 3']],
]

t.test('tools make the calls on a device that they make on a real one', async t => {
  if (!requireTool(t, 'strace')) return
  const machine = bootWithScull(t)

  for (const [command, stdin, expected] of TOOLS) {
    machine.out(`printf ${CONTENTS} > mnt/dev/scull0`)
    const calls = trace(machine, command, `printf '%s' '${stdin}' |`)
    const onDevice = calls.filter(call => !ONLY_FOR_REGULAR.test(call))
    t.strictSame(onDevice, expected, command)
  }
})

t.test('tail -f reads on when the driver has more', async t => {
  if (!requireTransport(t, 'device nodes')) return
  if (!requireTool(t, 'strace')) return
  const machine = bootWithScull(t)
  machine.out(`printf ${CONTENTS} > mnt/dev/scull0`)

  // tail ends with the process that it is given, and strace with tail.
  const { out } = machine.sh(
    `sleep 60 & watched=$!
     strace -q -y -o trace -e trace=${TRACED} tail --pid=$watched -s 0.1 -f -c +1 mnt/dev/scull0 > seen &
     until grep -q f seen; do sleep 0.05; done
     printf ghi | dd of=mnt/dev/scull0 bs=16 seek=1 conv=notrunc status=none
     until grep -q i seen; do sleep 0.05; done
     kill $watched; wait; cat seen`,
  )
  t.equal(out, `${CONTENTS}ghi`)
  const reads = onTheDevice(machine.out('cat trace')).filter(call =>
    call.startsWith('read('),
  )
  t.equal(reads[0], `read("${CONTENTS}", 8192) = 16`)
  t.ok(reads.includes('read("", 8192) = 0'), 'the end')
  t.ok(reads.includes('read("ghi", 8192) = 3'), 'what came later')
})

t.test('dd does not complain of skipping past the end of a device', async t => {
  const machine = bootMounted(t, '--load-samples')
  machine.out(`printf ${CONTENTS} > mnt/dev/scull0`)
  const { out, err } = machine.sh('dd if=mnt/dev/scull0 bs=1 skip=3 count=2 status=none')
  t.equal(out, '34')
  t.equal(err, '')
})

t.test('a tool that a driver refuses says what it says on Linux', async t => {
  if (!requireTool(t, 'strace')) return
  const machine = bootWithScull(t)
  const full = 'head -c 4100 /dev/zero'

  const [cat, dd, tee] = [
    'cat > mnt/dev/scull0',
    'dd of=mnt/dev/scull0 bs=4100',
    'tee mnt/dev/scull0 > tee.out',
  ].map(writer => machine.sh(`${full} | ${writer}`).err.split('\n')[0])
  t.equal(cat, 'cat: write error: No space left on device')
  t.equal(dd, "dd: error writing 'mnt/dev/scull0': No space left on device")
  t.equal(tee, 'tee: mnt/dev/scull0: No space left on device')
  t.strictSame(
    trace(machine, 'tee $D', `${full} |`).map(call => call.replace(/".*"\.*/, 'DATA')),
    [
      'openat(O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3',
      'write(DATA, 4100) = 4096',
      'write(DATA, 4) = -1 ENOSPC (No space left on device)',
    ],
    'a short write is repeated with the rest',
  )
})

function bootWithScull(t: Parameters<typeof bootMounted>[0]): MountedMachine {
  const machine = bootMounted(t, '--load-samples')
  machine.out('printf abc > input')
  return machine
}

/** The calls on the device that a command makes. */
function trace(machine: MountedMachine, command: string, feed: string): string[] {
  const traced = command.replace('$D', 'mnt/dev/scull0')
  machine.sh(
    `${feed} strace -q -y -o trace -e trace=${TRACED} ${traced} > output; rm -f copy`,
  )
  return onTheDevice(machine.out('cat trace'))
}

/** Of strace's lines those about the device, without naming it. */
function onTheDevice(lines: string): string[] {
  return lines
    .split('\n')
    .filter(line => /<[^>]*\/scull0>/.test(line))
    .map(line =>
      line
        .replace(/AT_FDCWD\S*, "[^"]*", /, '')
        .replace(/\d+<[^>]*\/scull0>(?:\(deleted\))?, ?/, '')
        .replace(/(?<= = \d+)<.*>$/, '')
        .replace(/(?<=dup2\(\d+)<[^>]*>/, '')
        .replace(/\) += /, ') = '),
    )
}
