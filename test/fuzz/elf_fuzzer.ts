// Gives damaged module files to the loader, and looks whether the machine is as before.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kernel } from '../../src/boot.ts'
import {
  EBUSY,
  EEXIST,
  EINVAL,
  ENOENT,
  ENOEXEC,
  ENOSPC,
  ERANGE,
} from '../../src/include/uapi/errno.ts'
import { kbuild } from '../../src/kbuild/kbuild.ts'
import type { LoadStep } from '../../src/lib/load_step.ts'
import { bootThisMachine } from '../../src/this_machine.ts'
import { UserProcess } from '../../src/user_process.ts'
import { mutate } from './elf_mutations.ts'
import { Fuzzer, type Step } from './fuzzer.ts'

/** What a damaged file may be answered with, as long as its init has not run. */
const DOCUMENTED = [ENOEXEC, EINVAL, ENOENT, EEXIST, EBUSY, ERANGE, ENOSPC]

/** O_TRUNC: a module that has lost its exit is removed all the same. */
const FORCE = 0o1000

/** A machine's log and tables are new again after so many images. */
const IMAGES_PER_MACHINE = 2000

const SOURCES: Record<string, string> = {
  hello: `
    import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { pr_info } from '#linux/printk'
    MODULE_LICENSE('GPL')
    module_init(() => { pr_info('hello\\n'); return 0 })
    module_exit(() => { pr_info('bye\\n') })
  `,
  exporter: `
    import { EXPORT_SYMBOL, EXPORT_SYMBOL_GPL, EXPORT_SYMBOL_NS, MODULE_DESCRIPTION, MODULE_LICENSE, MODULE_VERSION, module_exit, module_init } from '#linux/module'
    MODULE_LICENSE('Dual MIT/GPL')
    MODULE_VERSION('1.0')
    MODULE_DESCRIPTION('exports')
    export let counter = 1
    EXPORT_SYMBOL(counter)
    export function fuzz_foo(x: number): number { return x + counter }
    EXPORT_SYMBOL(fuzz_foo)
    export function fuzz_bar(): number { return 2 }
    EXPORT_SYMBOL_GPL(fuzz_bar)
    export function fuzz_ns(): number { return 3 }
    EXPORT_SYMBOL_NS(fuzz_ns, 'FUZZ')
    module_init(() => 0)
    module_exit(() => {})
  `,
  params: `
    import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'
    import { module_param } from '#linux/moduleparam'
    import { alloc_chrdev_region, unregister_chrdev_region } from '#linux/fs'
    MODULE_LICENSE('GPL v2')
    const count = module_param('count', 'int', 3, 0o644)
    const name = module_param('name', 'charp', 'abc', 0o444)
    const on = module_param('on', 'bool', true, 0)
    const dev = { value: 0 }
    module_init(() => on.value ? alloc_chrdev_region(dev, 0, count.value, name.value ?? '') : 0)
    module_exit(() => { if (on.value) unregister_chrdev_region(dev.value, count.value) })
  `,
  empty: `
    import { MODULE_LICENSE } from '#linux/module'
    MODULE_LICENSE('GPL')
  `,
}

/** Good modules of several shapes. */
export async function goodImages(): Promise<Uint8Array[]> {
  const dir = mkdtempSync(join(tmpdir(), 'modbox-fuzz-'))
  try {
    const names = Object.keys(SOURCES)
    writeFileSync(join(dir, 'Kbuild'), `obj-m := ${names.map(n => `${n}.o`).join(' ')}\n`)
    for (const [name, source] of Object.entries(SOURCES)) {
      writeFileSync(join(dir, `${name}.ts`), source)
    }
    const { modules } = await kbuild(dir)
    return modules.map(({ file }) => readFileSync(file))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A step is one image that is loaded. */
export class ElfFuzzer extends Fuzzer {
  readonly #good: readonly Uint8Array[]
  #kernel: Kernel | undefined
  #before = ''
  #onMachine = 0
  #how = ''

  constructor(seed: number, good: readonly Uint8Array[]) {
    super(seed)
    this.#good = good
  }

  protected async step(): Promise<Step> {
    const { image, how } = mutate(this.random.pick(this.#good), this.random)
    this.#how = how.join(', ')
    const kernel = await this.#machine()
    return { did: this.#how, ...(await this.#load(kernel, image)) }
  }

  protected recover(): string {
    this.#kernel = undefined
    return this.#how
  }

  /** What is wrong with the answer or with what is left. */
  async #load(kernel: Kernel, image: Buffer): Promise<Omit<Step, 'did'>> {
    const steps: LoadStep[] = []
    const flags = this.random.below(4)
    const ret = await new UserProcess(kernel, { comm: 'insmod' }).syscall(() =>
      kernel.modules.finit_module(image, '', flags, step => void steps.push(step)),
    )
    const answer = `${ret}${isLate(steps) ? ', over its time' : ''}`
    const ran = steps.some(({ step }) => step === 'init')
    if (!Number.isInteger(ret) || (!ran && ret !== 0 && !DOCUMENTED.includes(-ret))) {
      return { answer, problem: `answers ${ret}` }
    }
    return { answer, problem: await this.#leaves(kernel, ran && ret !== 0) }
  }

  /** Remove what was loaded; then everything has to be as before. */
  async #leaves(kernel: Kernel, initFailed: boolean): Promise<string | undefined> {
    const loaded = kernel.modules.list.all()
    for (const { name, state } of loaded) {
      if (state !== 'live') {
        // Its init or exit has crashed: as on Linux it stays for ever.
        this.#kernel = undefined
        return undefined
      }
      await new UserProcess(kernel, {}).syscall(() =>
        kernel.modules.delete_module(name, FORCE),
      )
    }
    // A damaged init or exit may leave what it likes.
    const now = inventory(kernel)
    if (now === this.#before) return undefined
    this.#kernel = undefined
    return initFailed || loaded.length > 0 ? undefined : `leaves ${now}`
  }

  async #machine(): Promise<Kernel> {
    if (!this.#kernel || ++this.#onMachine > IMAGES_PER_MACHINE) {
      this.#kernel = await bootThisMachine({})
      this.#before = inventory(this.#kernel)
      this.#onMachine = 0
    }
    return this.#kernel
  }
}

/** File scope ran over its time. */
function isLate(steps: readonly LoadStep[]): boolean {
  return steps.some(
    step => step.step === 'evaluate' && step.error.includes('takes more than'),
  )
}

/** What a load could leave behind. */
function inventory(kernel: Kernel): string {
  const folder = kernel.root.child('sys')?.child('module')?.children
  return JSON.stringify({
    modules: kernel.modules.list.all().map(({ name }) => name),
    symbols: kernel.symbols.all().length,
    sysfs: [...(folder?.keys() ?? [])],
    devices: kernel.chrdevs.chrdev_show(),
  })
}
