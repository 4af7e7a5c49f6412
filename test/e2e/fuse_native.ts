// A machine on the transport fuse-native: how it is chosen, and above all how waiting in it ends.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hasFuse } from '../harness/tiny_mount.ts'
import { packageRoot } from '../../src/package.ts'
import {
  bootMounted,
  isMounted,
  machineFolder,
  type MountedMachine,
  shell,
  start,
} from '../harness/mounted.ts'
import { commandAsNobody, requireNobody } from '../harness/nobody.ts'
import { modboxWithout } from '../harness/package_without.ts'
import { findTool, requireThat, requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'

const SCULLPIPE = join(packageRoot(), 'drivers/scull/scullpipe.ko')

/** What root needs for a machine on fuse-native. */
function requireFuseNative(t: Test): boolean {
  const isRoot = process.getuid?.() === 0
  if (!requireThat(t, isRoot && hasFuse(), 'mounting needs root and /dev/fuse'))
    return false
  return requireThat(t, findTool('fusermount') !== undefined, 'libfuse2 is not installed')
}

function boot(t: Test): MountedMachine {
  return bootMounted(t, '--transport', 'fuse-native', '--load-samples')
}

function asleep({ out }: MountedMachine): number {
  return Number(/^asleep +(\d+)/m.exec(out('modbox status'))?.[1])
}

/** `count` programs that sleep in read(2) of a pipe. */
async function sleepers(t: Test, machine: MountedMachine, count: number) {
  const programs = Array.from({ length: count }, () =>
    start(t, machine, 'cat mnt/dev/scullpipe0'),
  )
  await until(() => asleep(machine) === count)
  return programs
}

t.test('the same trees, through libfuse', async t => {
  if (!requireFuseNative(t)) return
  const { out, sh } = boot(t)
  t.match(out('modbox status'), /^transport +fuse-native$/m)
  t.match(
    out('modbox dmesg -t | grep mounted'),
    / by libfuse 2, transport fuse-native \(as asked for\)$/m,
  )
  t.equal(out('echo hello > mnt/dev/scull0 && cat mnt/dev/scull0'), 'hello\n')
  t.equal(out("stat -c '%F %a' mnt/dev/null"), 'regular empty file 666\n')
  t.match(sh('cat mnt/dev/nosuch').err, /No such file or directory/)
  t.match(sh('echo > mnt/sys/nosuch').err, /Permission denied/)
  t.equal(
    out('mknod mnt/dev/mine c 254 1 && echo mine > mnt/dev/mine && cat mnt/dev/scull1'),
    'mine\n',
  )
  out('modbox rmmod scull')
  t.equal(out('modbox lsmod'), 'Module                  Size  Used by\n')
})

t.test('a signal ends the wait of the one that gets it', async t => {
  if (!requireFuseNative(t)) return
  const machine = boot(t)
  machine.out(`modbox insmod ${SCULLPIPE}`)
  const programs = await sleepers(t, machine, 3)
  for (const [i, signal] of (['SIGINT', 'SIGKILL'] as const).entries()) {
    programs[i]?.kill(signal)
    await until(() => programs[i]?.signalCode === signal)
  }
  const last = programs[2]
  t.equal(last?.exitCode, null, 'the last one goes on')
  const said: string[] = []
  last?.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
  machine.out('echo hello > mnt/dev/scullpipe0')
  await until(() => said.join('') === 'hello\n')
  last?.kill()
  await until(() => last?.signalCode === 'SIGTERM')
  await until(() => asleep(machine) === 0)
  machine.out('modbox rmmod scullpipe')
})

t.test('a signal reaches who has the file by another mount', async t => {
  if (!requireFuseNative(t) || !requireTool(t, 'unshare')) return
  const machine = boot(t)
  machine.out(`modbox insmod ${SCULLPIPE}`)
  const reader = start(
    t,
    machine,
    "unshare -m bash -c 'touch file; mount --bind mnt/dev/scullpipe0 file; exec cat file'",
  )
  await until(() => asleep(machine) === 1)
  reader.kill('SIGKILL')
  await until(() => reader.signalCode === 'SIGKILL')
  t.pass('it is gone')
})

const ENDS = {
  'the machine halts': ({ out }) => out('modbox halt'),
  'somebody unmounts': ({ out }) => out('umount -l mnt'),
  'the daemon gets SIGTERM': ({ pid }) => process.kill(pid, 'SIGTERM'),
  'the daemon is killed': ({ pid }) => process.kill(pid, 'SIGKILL'),
} satisfies Record<string, (machine: MountedMachine) => unknown>

for (const [what, end] of Object.entries(ENDS)) {
  t.test(`when ${what} nobody hangs, and no mount stays`, async t => {
    if (!requireFuseNative(t)) return
    const machine = boot(t)
    machine.out(`modbox insmod ${SCULLPIPE}`)
    const readers = await sleepers(t, machine, 4)
    end(machine)
    await until(() => readers.every(({ exitCode }) => exitCode === 1))
    await until(() => !isMounted(machine.mnt))
    t.equal(machine.sh('modbox boot').status, 0, 'and the next machine boots')
  })
}

t.test('an ordinary user has one through fusermount', async t => {
  if (!requireFuseNative(t) || !requireNobody(t)) return
  const dir = machineFolder(t)
  const session = `modbox boot --transport fuse-native --load-samples mnt > /dev/null
    echo hello > mnt/dev/scull0 && cat mnt/dev/scull0
    modbox rmmod scull; modbox lsmod; modbox halt`
  const { out, err } = shell(dir, quote(commandAsNobody(dir, 'bash', '-c', session)))
  t.equal(out, 'hello\nModule                  Size  Used by\n', err)
  t.notOk(isMounted(join(dir, 'mnt')))
})

t.test('auto takes it where devfuse cannot mount', async t => {
  if (!requireFuseNative(t) || !requireNobody(t)) return
  const dir = machineFolder(t)
  const session = `${modboxWithout(t, /koffi|koromix/)}
    modbox boot --transport auto mnt > /dev/null
    modbox dmesg -t | grep mounted; modbox halt`
  const { out, err } = shell(dir, quote(commandAsNobody(dir, 'bash', '-c', session)))
  t.match(
    out,
    / by libfuse 2, transport fuse-native \(not devfuse: Cannot mount: only root can .+\)\n/,
    err,
  )
  t.notOk(isMounted(join(dir, 'mnt')))
})

t.test('what is missing is said in one sentence', async t => {
  if (!requireFuseNative(t) || !requireTool(t, 'unshare')) return
  const dir = machineFolder(t)
  const native = 'boot --transport fuse-native mnt'
  const without = `${modboxWithout(t, /^fuse-native$/)}; modbox ${native}`
  t.equal(
    shell(dir, without).err,
    'modbox: the package fuse-native is not installed (npm install fuse-native)\n',
  )
  const hidden = `for lib in $(ldconfig -p | grep -o '/.*libfuse.so.2$'); do mount --bind /dev/null $lib; done`
  t.equal(
    shell(dir, `unshare -m bash -c "${hidden.replaceAll('$', '\\$')}; modbox ${native}"`)
      .err,
    'modbox: fuse-native needs libfuse 2 (Debian: apt install libfuse2)\n',
  )
})

t.test('modbox run says that it needs the other one', async t => {
  if (!requireFuseNative(t)) return
  const { sh, mnt } = boot(t)
  const { status, err } = sh('modbox run -- true')
  t.equal(status, 1)
  t.equal(
    err,
    `modbox: the machine at ${mnt} is served by fuse-native, which cannot carry the calls of programs: boot it with --transport devfuse\n`,
  )
})

function quote(words: readonly string[]): string {
  return words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}
