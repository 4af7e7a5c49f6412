// insmod of files that are good, bad, or not for this kernel.
import t from 'tap'
import { ENOENT, ENOEXEC, EINVAL, EPERM } from '../../../src/include/linux/errno.ts'
import { boot, build } from '../../harness/machine.ts'

const HELLO = `
  import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
  import { pr_info } from '#linux/printk'
  MODULE_LICENSE('GPL')
  module_init(() => { pr_info('hello\\n'); return 0 })
  module_exit(() => { pr_info('bye\\n') })
`
const IGNORE_MODVERSIONS = 1
const IGNORE_VERMAGIC = 2

/** A copy with some bytes exchanged, everywhere. */
function patched(image: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(image).toString('latin1')
  if (!text.includes(from) || from.length !== to.length) throw new Error(from)
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

function poked(image: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(image)
  new DataView(copy.buffer).setUint16(at, value, true)
  return copy
}

t.test('files that are no modules of this machine', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, dmesg, user } = await boot(t)
  const refused = async (file: Uint8Array, message: string) => {
    t.equal(await insmod(file), -ENOEXEC, message)
    t.strictSame(dmesg(), [`<3>${message}`])
  }
  await refused(Buffer.from('just a line of text!\n'), 'Invalid ELF header len 21')
  await refused(image.subarray(0, 63), 'Invalid ELF header len 63')
  await refused(poked(image, 0, 0x8b1f), 'Invalid ELF header magic: != \x7fELF')
  await refused(
    image.subarray(0, image.length - 100),
    'Invalid ELF section header overflow',
  )
  await refused(poked(image, 18, 40), 'Invalid architecture in ELF header: 40')
  await refused(poked(image, 16, 2), 'Invalid ELF header type: 2 != 1')
  t.equal(
    await insmod(
      patched(image, '.gnu.linkonce.this_module', '.gnu.linkonce.that_module'),
    ),
    -ENOEXEC,
  )
  t.strictSame(dmesg(), ['<4>hello: No module found in object'])
  t.equal(await insmod(new Uint8Array()), -EINVAL)
  t.strictSame(dmesg(), [], 'an empty file is no module, and not worth a message')
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '0\n', 'none of them taints')
})

t.test('every shortened file is refused, and none crashes the loader', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod } = await boot(t)
  for (let i = 1; i <= 60; i++) {
    const length = Math.floor((image.length * i) / 61)
    t.equal(await insmod(image.subarray(0, length)), -ENOEXEC, `${length} bytes`)
  }
})

t.test('a module with the wrong vermagic', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, rmmod, dmesg, user, kernel } = await boot(t)
  const wrong = patched(image, ' SMP preempt ', ' SMP preempX ')
  t.equal(await insmod(wrong), -ENOEXEC)
  const { release } = kernel.uts
  t.strictSame(dmesg(), [
    `<3>hello: version magic '${release} SMP preempX mod_unload modversions ' should be '${release} SMP preempt mod_unload modversions '`,
  ])
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '0\n')

  const other = patched(
    image,
    `vermagic=${release}`,
    `vermagic=${release.replaceAll(/\d/g, '9')}`,
  )
  t.equal(await insmod(other), 0, 'with symbol versions the release does not count')
  await rmmod('hello')
  const unversioned = patched(other, '\0__versions\0', '\0__versionz\0')
  t.equal(await insmod(unversioned), -ENOEXEC, 'without them it does')
})

t.test('insmod -f overlooks it, and taints', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, dmesg, user, kernel, process } = await boot(t)
  const wrong = patched(image, ' SMP preempt ', ' SMP preempX ')
  const force = IGNORE_VERMAGIC | IGNORE_MODVERSIONS
  const err = await process({ comm: 'insmod' }).syscall(() =>
    kernel.modules.finit_module(wrong, '', force),
  )
  t.equal(err, 0)
  t.equal(dmesg()[0], '<4>hello: module_layout: kernel tainted.')
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12290\n')
  t.match(await user.readFile('/proc/modules'), / \(FOE\)\n$/)
  t.equal(await insmod(wrong), -ENOEXEC)
})

t.test('without vermagic, or without versions, it is a forced load', async t => {
  const image = await build(t, 'hello', HELLO)
  const magicless = patched(image, '\0vermagic=', '\0vermagik=')
  const versionless = patched(image, '\0__versions\0', '\0__versionz\0')
  for (const [file, why] of [
    [magicless, 'bad vermagic'],
    [versionless, 'module_layout'],
  ] as const) {
    const { insmod, dmesg, user } = await boot(t)
    t.equal(await insmod(file), 0)
    t.strictSame(dmesg(), [
      `<4>hello: ${why}: kernel tainted.`,
      '<4>Disabling lock debugging due to kernel taint',
      '<4>hello: loading out-of-tree module taints kernel.',
      '<5>hello: module verification failed: signature and/or required key missing - tainting kernel',
      '<6>hello: hello'.replace('hello: hello', 'hello'),
    ])
    t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12290\n')
  }
})

t.test('a symbol whose signature has changed', async t => {
  const image = await build(t, 'hello', HELLO)
  const { insmod, dmesg, user } = await boot(t)
  const at = Buffer.from(image).indexOf(Buffer.from('_printk\0\0\0\0\0\0\0\0'))
  t.ok(at > 0)
  t.equal(await insmod(poked(image, at - 8, 0xdead)), -EINVAL)
  t.strictSame(dmesg().slice(-2), [
    '<4>hello: disagrees about version of symbol _printk',
    '<4>hello: Unknown symbol _printk (err -22)',
  ])
  t.equal(await user.readFile('/proc/modules'), '')
  t.equal(await user.readFile('/proc/sys/kernel/tainted'), '12288\n', 'its taint stays')
})

t.test('unknown symbols are named, one a line, and nothing runs', async t => {
  const image = await build(
    t,
    'many',
    `
    import { MODULE_LICENSE, module_init } from '#linux/module'
    import { printk, dump_stack } from '#linux/printk'
    MODULE_LICENSE('GPL')
    module_init(() => { printk('ran\\n'); dump_stack(); return 0 })
  `,
  )
  const { insmod, dmesg, user } = await boot(t)
  const bad = patched(
    patched(image, '_printk\0', '_printq\0'),
    'dump_stack\0',
    'dump_stuck\0',
  )
  t.equal(await insmod(bad), -ENOENT)
  t.strictSame(dmesg().slice(2).toSorted(), [
    '<4>many: Unknown symbol _printq (err -2)',
    '<4>many: Unknown symbol dump_stuck (err -2)',
  ])
  t.equal(await user.readFile('/proc/modules'), '')
  t.equal(user.lstat('/sys/module/many'), -ENOENT)
})

t.test(
  'only the privileged may load, and nobody once modules_disabled is set',
  async t => {
    const image = await build(t, 'hello', HELLO)
    const { insmod, rmmod, user, kernel, process } = await boot(t)
    t.equal(await insmod(image, '', { uid: 1000, gid: 1000 }), -EPERM)
    t.equal(await insmod(image), 0)
    const other = process({ uid: 1000, gid: 1000 })
    t.equal(await other.syscall(() => kernel.modules.delete_module('hello', 0)), -EPERM)
    t.match(await other.readFile('/proc/modules'), / Live 0x0000000000000000 \(OE\)\n/)
    t.notMatch(await user.readFile('/proc/modules'), /0x0000000000000000/)
    t.equal(await rmmod('hello'), 0)

    t.equal(await user.writeFile('/proc/sys/kernel/modules_disabled', '1\n'), 2)
    t.equal(await user.writeFile('/proc/sys/kernel/modules_disabled', '0\n'), -EINVAL)
    t.equal(await insmod(image), -EPERM)
    t.equal(await rmmod('hello'), -EPERM)
  },
)

t.test('a module cannot have the name of a part of the kernel', async t => {
  const image = await build(t, 'printk', HELLO)
  const { insmod, dmesg, user } = await boot(t)
  t.equal(await insmod(image), -EINVAL)
  t.equal(dmesg().at(-1), '<3>printk: module is already loaded')
  t.equal(await user.readFile('/proc/modules'), '')
})
