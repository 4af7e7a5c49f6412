// One machine of the soak, from its boot to its end, and what is held by it in between.

import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'
import { differences, type Inventory, type View } from './inventory.ts'
import { moduleFile } from './drivers.ts'
import { type End, FOR_SLEEPERS, type Load } from './plan.ts'
import type { Probed } from './probe.ts'
import { soon } from './soon.ts'
import type { Workplace } from './workplace.ts'

/** For what comes soon after something else, in milliseconds. */
const PATIENCE = 20_000
/** For the host to close and forget files, in milliseconds. */
const SETTLING = 10_000

const NAMES = FOR_SLEEPERS.map(([name]) => name)

/** A machine that has ended in good order leaves no file. */
const IN_GOOD_ORDER: readonly End[] = ['halt', 'SIGTERM', 'SIGINT']

export class SoakedMachine {
  readonly pid: number
  readonly #place: Workplace
  /** As it was after its boot. */
  #first: Inventory | undefined

  private constructor(place: Workplace, pid: number) {
    this.#place = place
    this.pid = pid
  }

  static async boot(place: Workplace): Promise<SoakedMachine> {
    const probe = join(packageRoot(), 'dist/test/soak/probe.js')
    const modbox = join(packageRoot(), 'bin/modbox.js')
    const { status, said } = await place.start(
      [process.execPath, modbox, 'boot', 'mnt'],
      {
        NODE_OPTIONS: `--import=${probe}`,
        MODBOX_SOAK_PROBE: place.probe,
      },
    ).ended
    if (status !== 0) throw new Error(`boot: ${said}`)
    const told = await place.modbox('status')
    const machine = new SoakedMachine(place, Number(/pid (\d+)/.exec(told.said)?.[1]))
    await machine.#indexModules()
    await machine.#warmUp()
    machine.#first = await machine.inventory()
    return machine
  }

  /** What is wrong, as with all of these. */
  load(loads: readonly Load[]): Promise<string | undefined> {
    const { dir } = this.#place
    const words = loads.flatMap(([name, params]) => [moduleFile(dir, name), params])
    return this.#work('load', 'mnt', ...words)
  }

  unload(names: readonly string[]): Promise<string | undefined> {
    return this.#work('unload', 'mnt', ...names)
  }

  /** What it holds now, which has to be what it held after its boot. */
  async compare(patience = SETTLING): Promise<{ problems: string[]; memory: Probed }> {
    const now = await this.inventory(patience)
    const problems = this.#first ? differences(this.#first, now) : []
    return { problems, memory: now.probed }
  }

  /** What it holds now; as soon as its counts are those after its boot, or after some time. */
  async inventory(patience = SETTLING): Promise<Inventory> {
    const limits = JSON.stringify(this.#first?.counts ?? {})
    const { said } = await this.#place.startWork([
      'view',
      'mnt',
      limits,
      String(patience),
    ]).ended
    const view = JSON.parse(said.split('\n', 1)[0] ?? '') as View
    const probed = await this.#probe()
    const process = `/proc/${this.pid}`
    const descriptors = readdirSync(`${process}/fd`).length
    const threads = readdirSync(`${process}/task`).length
    return { ...view, probed, descriptors, threads }
  }

  /** It ends; what was asleep in it ends, too, and nothing of it stays. */
  async end(how: End, asleep: number, seed: number): Promise<string[]> {
    const place = this.#place
    const sleepers =
      asleep > 0
        ? place.startWork(['soak_sleepers', 'mnt', String(asleep), String(seed)])
        : undefined
    if (sleepers && !(await soon(() => sleepers.said() !== '', PATIENCE))) {
      return ['nobody is asleep']
    }
    await this.#make(how)
    const slept = await sleepers?.ended
    const problem = slept?.status === 0 ? '' : slept?.said
    await soon(() => place.leftovers().length === 0, PATIENCE)
    const left = place.leftovers().map(text => `left after ${how}: ${text}`)
    return [...(problem ? [problem] : []), ...left, ...(await this.#filesLeft(how))]
  }

  /** modprobe finds the soak's own modules. */
  async #indexModules(): Promise<void> {
    const { dir } = this.#place
    const files = readdirSync(join(dir, 'src')).filter(name => name.endsWith('.ko'))
    const script = `set -- mnt/lib/modules/*; mkdir "$1/extra" && cp ${files
      .map(name => `src/${name}`)
      .join(' ')} "$1/extra" && cd "$1" && exec "$0" "$MODBOX" depmod`
    const modbox = join(packageRoot(), 'bin/modbox.js')
    const { status, said } = await this.#place.start(
      ['sh', '-c', script, process.execPath],
      { MODBOX: modbox },
    ).ended
    if (status !== 0) throw new Error(`depmod: ${said}`)
  }

  /** With the first module some things begin that stay; the host knows the files that modprobe reads. */
  async #warmUp(): Promise<void> {
    const problem = (await this.load(FOR_SLEEPERS)) ?? (await this.unload(NAMES))
    if (problem !== undefined) throw new Error(problem)
    for (const option of [[], ['-r']]) {
      const { said } = await this.#place.modbox('modprobe', ...option, 'soak_user')
      if (said !== '') throw new Error(`modprobe: ${said}`)
    }
  }

  async #make(how: End): Promise<void> {
    if (how === 'halt') await this.#place.modbox('halt')
    else if (how === 'crash')
      await this.#place.run('sh', '-c', 'echo c > mnt/proc/sysrq-trigger')
    else process.kill(this.pid, how)
    await soon(() => !existsSync(`/proc/${this.pid}`), PATIENCE)
  }

  async #filesLeft(how: End): Promise<string[]> {
    const { status } = await this.#place.modbox('status')
    const all = this.#place.runtimeFiles()
    const files = all.filter(
      name => IN_GOOD_ORDER.includes(how) || !/console-.*\.log$/.test(name),
    )
    return [
      ...(status === 1 ? [] : ['a machine is still there']),
      ...files.map(name => `left after ${how}: ${name}`),
    ]
  }

  async #work(...words: string[]): Promise<string | undefined> {
    return (await this.#place.work(words)).problem
  }

  async #probe(): Promise<Probed> {
    const file = `${this.#place.probe}.${this.pid}`
    rmSync(file, { force: true })
    process.kill(this.pid, 'SIGUSR2')
    if (!(await soon(() => existsSync(file), PATIENCE)))
      throw new Error('the daemon does not answer')
    return JSON.parse(readFileSync(file, 'utf8')) as Probed
  }
}
