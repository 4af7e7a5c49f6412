// A module that gcc built for a real kernel: our loader refuses it as Linux would, or says why.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ENOEXEC } from '../../src/include/linux/errno.ts'
import { boot } from '../harness/machine.ts'
import { findTool, requireTool } from '../harness/require.ts'

/** What the sections of a real module hold, without the kernel's headers. */
const source = (vermagic: string, versions: string): string => `
#define INFO(n, text) static const char info##n[] \\
  __attribute__((section(".modinfo"), used, aligned(1))) = text;
INFO(1, "license=GPL")
INFO(2, "depends=")
INFO(3, "retpoline=Y")
INFO(4, "name=real")
INFO(5, "vermagic=${vermagic}")
${versions}
struct module { int state; void *list[2]; char name[56]; char rest[944]; } __this_module
  __attribute__((section(".gnu.linkonce.this_module"))) = { .name = "real" };
extern int _printk(const char *, ...);
int init_module(void) { return _printk("hello from C\\n"); }
void cleanup_module(void) {}
`

/** With symbol versions, of which ours differ for sure. */
const VERSIONS = `static const struct { unsigned long crc; char name[56]; } versions[]
  __attribute__((section("__versions"), used)) = {{ 0x12345678, "module_layout" }};`

function compiled(t: Test, vermagic: string, versions = ''): Uint8Array {
  const dir = t.testdir({ 'real.c': source(vermagic, versions) })
  const object = join(dir, 'real.ko')
  const { status, stderr } = spawnSync(
    findTool('gcc') ?? 'gcc',
    ['-c', '-O2', '-o', object, join(dir, 'real.c')],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return readFileSync(object)
}

const THEIRS = '5.10.0-9-amd64 SMP mod_unload modversions '

t.test('a module of another kernel was built for other structures', async t => {
  if (!requireTool(t, 'gcc')) return
  const { insmod, dmesg } = await boot(t)
  t.equal(await insmod(compiled(t, THEIRS, VERSIONS)), -ENOEXEC)
  t.strictSame(dmesg(), ['<4>real: disagrees about version of symbol module_layout'])
})

t.test('without symbol versions its version magic is wrong', async t => {
  if (!requireTool(t, 'gcc')) return
  const { insmod, dmesg, kernel } = await boot(t)
  t.equal(await insmod(compiled(t, THEIRS)), -ENOEXEC)
  t.strictSame(dmesg(), [
    '<4>real: module_layout: kernel tainted.',
    '<4>Disabling lock debugging due to kernel taint',
    `<3>real: version magic '${THEIRS}' should be '${kernel.uts.release} SMP preempt mod_unload modversions '`,
  ])
})

t.test('one of the same version has machine code where the script should be', async t => {
  if (!requireTool(t, 'gcc')) return
  const { insmod, dmesg, kernel, user } = await boot(t)
  const ours = `${kernel.uts.release} SMP preempt mod_unload modversions `
  t.equal(await insmod(compiled(t, ours)), -ENOEXEC)
  t.match(
    dmesg().at(-1),
    '<3>real: no .script section: a module of another kind of kernel',
  )
  t.equal(await user.readFile('/proc/modules'), '', 'nothing of it stays')
})
