// Sends sessions of messages, good ones and damaged ones, to a machine behind the wire.

import type { Inode } from '../../src/fs/inode.ts'
import { FUSE_DESTROY } from '../../src/include/uapi/fuse.ts'
import { OUTCOME_AT } from '../../src/syscall/forward.ts'
import { anyMessage } from './fuse_messages.ts'
import { FuseSession } from './fuse_session.ts'
import { Fuzzer, type Step } from './fuzzer.ts'
import { FuzzedMachine } from './fuzzed_machine.ts'
import { bytes } from './texts.ts'

const PER_SESSION = 400
const SESSIONS_PER_MACHINE = 20

/** Nobody on the host has such a number. */
const NO_PROCESS = 2 ** 30

/** A step is one message. */
export class FuseFuzzer extends Fuzzer {
  #machine: FuzzedMachine | undefined
  #session: FuseSession | undefined
  #names: string[] = []
  #sessions = 0
  #sent = 0
  #did = ''

  protected async step(): Promise<Step> {
    const { random } = this
    const { machine, session } = await this.#theSession()
    const { nodeids, handles } = session
    const known = {
      names: this.#names,
      nodeids,
      handles,
      waiting: () => session.waiting(),
    }
    this.#sent++
    const message = anyMessage(random, known, 2 * this.#sent)
    this.#did = `${this.#sent}: ${message.bytes.toString('hex', 0, 120)}`
    this.#fillMemory(session)
    const { answer, problem } = await session.send(message)
    if (message.opcode === FUSE_DESTROY) this.#sent = PER_SESSION
    const wrong = problem ?? (await this.#look(machine, session))
    return { did: this.#did, answer, problem: wrong }
  }

  protected recover(): string {
    this.#machine?.halt()
    this.#machine = undefined
    this.#session = undefined
    return this.#did
  }

  override async end(): Promise<void> {
    const problem = await this.#session?.end()
    if (problem !== undefined) this.found(this.#did, problem)
    this.recover()
  }

  async #look(machine: FuzzedMachine, session: FuseSession): Promise<string | undefined> {
    if (machine.stopped) {
      this.recover() // as /proc/sysrq-trigger does
      return undefined
    }
    if (this.#sent < PER_SESSION) return machine.complaints()
    this.#session = undefined
    const problem =
      (await session.end()) ?? machine.complaints() ?? (await machine.problem())
    if (problem !== undefined || ++this.#sessions >= SESSIONS_PER_MACHINE) this.recover()
    return problem
  }

  /** A record of a supervisor's now and then, where messages may say that one is. */
  #fillMemory({ memory }: FuseSession): void {
    const { random } = this
    const record = bytes(random, OUTCOME_AT)
    record.writeUInt32LE(NO_PROCESS, 8)
    record.writeUInt32LE(random.below(12), 12)
    record.writeUInt32LE(random.below(3), 16)
    for (let at = 24; at < OUTCOME_AT; at += 8) {
      const isPointer = random.below(2) === 0
      record.writeBigUInt64LE(BigInt(isPointer ? memory.base + at : random.below(99)), at)
    }
    memory.write(memory.base, record)
  }

  async #theSession(): Promise<{ machine: FuzzedMachine; session: FuseSession }> {
    if (!this.#machine) {
      this.#machine = await FuzzedMachine.boot()
      this.#names = namesBelow(this.#machine.kernel.root)
      this.#sessions = 0
    }
    if (!this.#session) {
      this.#session = new FuseSession(this.#machine)
      this.#session.explore(this.#machine.kernel.root)
      this.#sent = 0
    }
    return { machine: this.#machine, session: this.#session }
  }
}

function namesBelow(dir: Inode): string[] {
  const all = [...(dir.children ?? [])].flatMap(([name, node]) => [
    name,
    ...namesBelow(node),
  ])
  return [...new Set(all)]
}
