// `modbox run`: the host's own programs with a machine as their kernel.
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { bootMounted, machineFolder, modbox, shell, start } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { nothingLeft, requireRun, runScript } from '../harness/run.ts'

const HELLO = join(packageRoot(), 'drivers/hello/hello.ko')
const NOBODY = 65534

const SESSION = `
insmod ${HELLO} whom=world && lsmod && dmesg | tail -1 | cut -d] -f2
rmmod hello && rmmod hello
modprobe scull && echo hi > /dev/scull0 && cat /dev/scull0 && stat -c %F /dev/scull0
rmmod scull && cat /proc/modules && ls /lib/modules/$(uname -r)/modules.dep
mknod /dev/foo c 240 0 && stat -c '%F %t' /dev/foo && rm /dev/foo
ls -d /sys/kernel/debug/dynamic_debug
id -u`

const SESSION_PRINTS = `Module                  Size  Used by
hello                  16384  0
 hello: Good morrow to thee, world; well be with thee
hi
character special file
/lib/modules/${release()}/modules.dep
character special file f0
/sys/kernel/debug/dynamic_debug
0
`

t.test('the host’s own kmod and dmesg work on the machine', async t => {
  if (!requireRun(t, 'insmod', 'dmesg')) return
  const dir = machineFolder(t)
  const { out, err } = runScript(dir, SESSION)
  t.equal(out, SESSION_PRINTS)
  t.equal(err, 'rmmod: ERROR: Module hello is not currently loaded\n')
  await nothingLeft(dir)
  t.pass('the machine that was booted for it leaves nothing')
})

/** Where only root may open /dev/fuse, show one that everybody may, as udev makes it. */
const AS_NOBODY = `
mknod -m 666 fuse c 10 229 && mount --bind fuse /dev/fuse
export HOME=/nonexistent
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups modbox run bash session.sh`

t.test('an ordinary user is root in a machine of his own', async t => {
  if (!requireRun(t, 'insmod', 'dmesg', 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'this test becomes another user')) return
  if (!requireTool(t, 'fusermount3')) return
  const dir = machineFolder(t)
  chownSync(join(dir, 'run'), NOBODY, NOBODY)
  chmodSync(dir, 0o755)
  writeFileSync(
    join(dir, 'session.sh'),
    `PATH=$PATH:/usr/sbin:/sbin\n${SESSION}\nsudo id -u`,
  )
  writeFileSync(join(dir, 'as_nobody.sh'), AS_NOBODY)
  const { out, err } = shell(dir, 'unshare -m bash as_nobody.sh')
  if (/unshare: .*failed/.test(err)) {
    requireThat(t, false, 'user namespaces are not permitted here')
    return
  }
  t.equal(out, `${SESSION_PRINTS}0\n`, err)
  await nothingLeft(dir)
})

t.test('in root’s machine an ordinary user may do what Linux lets him', async t => {
  if (!requireRun(t, 'insmod', 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'this test becomes another user')) return
  const { sh, mnt } = bootMounted(t)
  chmodSync(join(mnt, '..'), 0o755)
  const { out, err } = sh(
    `modbox run --machine mnt setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups \
      bash -c 'insmod ${HELLO}; rmmod hello; id -u; cat /proc/modules; mknod /dev/x c 240 0' 2>&1`,
  )
  t.match(out, /could not insert module .*: Operation not permitted\n/, err)
  t.match(out, /rmmod: ERROR: .*hello.*\n65534\nmknod: \/dev\/x: \w/)
})

t.test('the program’s end, its signals and its input are its own', async t => {
  if (!requireRun(t)) return
  const { sh } = bootMounted(t)
  t.equal(sh('modbox run -- sh -c "exit 7"').status, 7)
  t.equal(sh(`modbox run -- sh -c 'kill -TERM $$'`).signal, 'SIGTERM')
  t.equal(sh('modbox run nosuch').err, 'modbox: nosuch: no such file or directory\n')
  t.equal(sh('modbox run nosuch').status, 127)
  t.equal(sh('modbox run /').status, 126)
  t.equal(sh('echo in | modbox run cat -A -').out, 'in$\n')
  t.equal(sh('modbox run sh -c "echo err >&2"').err, 'err\n')
  t.equal(sh('modbox run sh -c "yes | head -1"').err, '', 'SIGPIPE is not ignored')
  t.equal(sh('modbox run').status, 1)
  const stopped = `modbox run sh -c 'kill -STOP $$; echo on' & p=$!
    until [[ $(ps -o stat= -p $p) == T* ]]; do sleep 0.1; done; kill -CONT $p; wait $p`
  t.equal(sh(stopped).out, 'on\n', 'it can be stopped')
})

t.test('what the machine has not is the host’s', async t => {
  if (!requireRun(t, 'ps')) return
  const { mnt } = bootMounted(t)
  const rows: [command: string, prints: RegExp][] = [
    ['cat <(echo substituted)', /^substituted\n$/],
    ['ps -o comm= -p $$', /^bash\n$/],
    ['sleep 60 & ps -o etimes= -p $!; kill $!', /^ *0\n$/],
    ['cat /proc/$$/comm /proc/self/comm', /^bash\ncat\n$/],
    ['cat /proc/sys/kernel/pid_max', /^\d+\n$/],
    ['head -1 /proc/meminfo', /^MemTotal: /],
    ['ls -d /dev/pts /dev/shm /dev/fd/0 /sys/fs /sys/block', /^(\/.*\n){5}$/],
    ['readlink /dev/tty /proc/self', /^.host\/tty\n.host\/self\n$/],
    ['ls -U /proc | grep "^[0-9]" | sort -nc && echo in order', /^in order\n$/],
    ['ls /sys/module | grep -c .', /^\d\n$/],
    ['ls /usr/lib | grep -cx "modules\\|os-release"', /^2\n$/],
    ['echo x > /dev/shm/modbox-test && rm /dev/shm/modbox-test', /^$/],
    [`${process.execPath} -p 'os.cpus().length > 0'`, /^true\n$/],
  ]
  const script = rows.map(([command]) => `${command}; printf '\\0'`).join('\n')
  const { out, err } = runScript(join(mnt, '..'), script)
  const printed = out.split('\0')
  for (const [i, [command, prints]] of rows.entries()) {
    t.match(printed[i], prints, `${command} ${err}`)
  }
})

t.test('the machine’s own entries win, and new ones are there at once', async t => {
  if (!requireRun(t, 'insmod')) return
  const { sh } = bootMounted(t, '--load-samples')
  const { out, err } = sh(`modbox run bash -c '
    cat /proc/modules | cut -d" " -f1; stat -c %T /dev/null /dev/scull0; ls /dev | grep -c "^scull0$"
    modbox rmmod scull; ls /dev/scull0; mkdir /sys/kernel/x; rm /dev/tty' 2>&1`)
  t.match(
    out,
    /^scull\n3\n0\n1\nls: cannot access .*No such file.*\nmkdir: .*\nrm: .*\n$/,
    err,
  )
})

t.test('several run at the same time on one machine, and one within another', async t => {
  if (!requireRun(t, 'insmod')) return
  const machine = bootMounted(t)
  const first = start(t, machine, 'modbox run cat')
  t.ok(first.pid)
  t.equal(
    machine.out(
      `modbox run bash -c 'PATH=$PATH:/usr/sbin; insmod ${HELLO}; lsmod | wc -l'`,
    ),
    '2\n',
  )
  t.equal(machine.out('modbox run modbox run modbox lsmod | wc -l'), '2\n')
  t.equal(
    machine.out('modbox run modbox status | head -1').trim().split(/\s+/)[0],
    'mount',
  )
  t.equal(machine.out('modbox run modbox run --machine mnt modbox lsmod | wc -l'), '2\n')
  t.match(
    modbox(join(machine.mnt, '..'), 'lsmod').out,
    /hello/,
    'outside it is there, too',
  )
})
