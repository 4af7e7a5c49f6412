// Writes random text into every file that can be written, devices included, and asks them for all else
// that an open file can be asked for.

import type { Inode } from '../../src/fs/inode.ts'
import {
  O_APPEND,
  O_NONBLOCK,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from '../../src/include/uapi/fcntl.ts'
import { S_ISCHR, S_ISREG } from '../../src/include/uapi/stat.ts'
import type { UserProcess } from '../../src/user_process.ts'
import { Fuzzer, type Step } from './fuzzer.ts'
import { FuzzedMachine } from './fuzzed_machine.ts'
import { anyRequest, anyText } from './texts.ts'

/** So many files, until the machine is looked at, and until there is a new one. */
const STRIDE = 100
const PER_MACHINE = 5000

/** A call that sleeps gets a signal after so many turns of the event loop, and again. */
const TURNS = 4
/** For a call to end that gets signals, in milliseconds. */
const PATIENCE = 10_000

const OFFSETS = [0, 1, 4095, 4096, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]

/** A step is one file that is opened, used and closed. */
export class TextFuzzer extends Fuzzer {
  #machine: FuzzedMachine | undefined
  #files: string[] = []
  #onMachine = 0
  #did = ''

  protected async step(): Promise<Step> {
    const machine = await this.#theMachine()
    const path = this.random.pick(this.#files)
    this.#did = path
    const answer = await this.#use(machine.user(), path)
    machine.kernel.log.settings.printk_delay = 0 // or each message may take as long as was written there
    if (machine.stopped) return this.#stopped(machine, path, answer)
    const due = ++this.#onMachine % STRIDE === 0
    const left = due ? await machine.problem() : undefined
    const problem = machine.complaints() ?? left
    if (problem !== undefined || this.#onMachine >= PER_MACHINE) this.recover()
    return { did: this.#did, answer, problem }
  }

  protected recover(): string {
    this.#machine?.halt()
    this.#machine = undefined
    return this.#did
  }

  override async end(): Promise<void> {
    const problem = await this.#machine?.problem()
    if (problem !== undefined) this.found(this.#did, problem)
    this.recover()
  }

  /** "c" in this file is to stop it. */
  #stopped(machine: FuzzedMachine, path: string, answer: string): Step {
    const said = machine.complaints()
    const problem = path.endsWith('/sysrq-trigger') ? said : `stopped: ${said ?? ''}`
    this.recover()
    return { did: this.#did, answer, problem }
  }

  async #use(user: UserProcess, path: string): Promise<string> {
    const { random } = this
    const flags = random.pick([O_WRONLY, O_RDWR, O_RDWR | O_APPEND, O_WRONLY | O_TRUNC])
    const mayWait = random.below(8) === 0 ? 0 : O_NONBLOCK
    const fd = await this.#call(user, () => user.open(path, flags | mayWait))
    if (fd < 0) return `open ${fd}`
    let answer = 'nothing'
    for (let n = 1 + random.below(3); n > 0; n--) answer = await this.#act(user, fd, path)
    await this.#call(user, () => user.exit())
    return answer
  }

  async #act(user: UserProcess, fd: number, path: string): Promise<string> {
    const { random } = this
    const offset = random.pick(OFFSETS)
    switch (random.below(12)) {
      case 0:
        return this.#note('pwrite', user, () => user.pwrite(fd, this.#text(path), offset))
      case 1:
        return this.#note('read', user, () => user.read(fd, random.pick([0, 1, 5000])))
      case 2:
        return this.#note('pread', user, () => user.pread(fd, 100, offset))
      case 3:
        return this.#note('lseek', user, () => user.lseek(fd, offset, random.below(4)))
      case 4:
        return this.#note('ioctl', user, () => user.ioctl(fd, random.u32(), random.u32()))
      case 5:
        return this.#note('poll', user, () =>
          user.poll([{ fd, events: random.u32() & 0xffff }], 0),
        )
      case 6:
        return this.#note('ftruncate', user, () => user.ftruncate(fd, offset))
      default:
        return this.#note('write', user, () => user.write(fd, this.#text(path)))
    }
  }

  #text(path: string): Buffer {
    const { random } = this
    const isRequest = path === '/dev/modbox' && random.below(4) > 0
    const text = isRequest ? anyRequest(random) : anyText(random)
    this.#did += ` ${JSON.stringify(text.toString('latin1', 0, 60))} (${text.length})`
    return text
  }

  async #note(
    name: string,
    user: UserProcess,
    call: () => Promise<number | Uint8Array>,
  ): Promise<string> {
    const answer = await this.#call(user, call)
    const isError = typeof answer === 'number' && answer < 0
    return `${name} ${isError ? answer : 'works'}`
  }

  /** What sleeps is ended by signals. */
  async #call<T>(user: UserProcess, call: () => Promise<T>): Promise<T> {
    let isOver = false
    const answer = call().finally(() => (isOver = true))
    answer.catch(() => {}) // it is awaited below
    const end = performance.now() + PATIENCE
    for (let turn = 1; !isOver; turn++) {
      await new Promise(resolve => setImmediate(resolve))
      if (turn % TURNS === 0) user.signal()
      if (performance.now() > end) throw new Error('no signal ends it')
    }
    return answer
  }

  async #theMachine(): Promise<FuzzedMachine> {
    if (this.#machine) return this.#machine
    this.#machine = await FuzzedMachine.boot()
    this.#files = writable(this.#machine.kernel.root)
    this.#onMachine = 0
    return this.#machine
  }
}

/** All that can be written, by whomever. */
function writable(dir: Inode): string[] {
  return [...(dir.children?.values() ?? [])].flatMap(node => {
    const isFile = S_ISREG(node.i_mode) || S_ISCHR(node.i_mode)
    return isFile && node.i_mode & 0o222 ? [node.path] : writable(node)
  })
}
