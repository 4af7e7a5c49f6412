// A fuzzed machine behind the wire, without a host: messages in bytes go in, and what comes back is
// held against what the host would accept.

import type { Inode } from '../../src/fs/inode.ts'
import { Dispatcher } from '../../src/fuse/dispatcher.ts'
import { ProcessIdentity } from '../../src/fuse/host_task.ts'
import { lowestFreeDescriptor } from '../../src/fuse/host_descriptors.ts'
import { Ids } from '../../src/fuse/ids.ts'
import { operations } from '../../src/fuse/operations.ts'
import { PageCache } from '../../src/fuse/page_cache.ts'
import { SystemCalls } from '../../src/fuse/system_call.ts'
import { VfsBridge } from '../../src/fuse/vfs_bridge.ts'
import { ENOENT } from '../../src/include/uapi/errno.ts'
import {
  FUSE_CREATE,
  FUSE_ENTRY_OUT_SIZE,
  FUSE_IN_HEADER_SIZE,
  FUSE_INTERRUPT,
  FUSE_LOOKUP,
  FUSE_MKDIR,
  FUSE_MKNOD,
  FUSE_NOTIFY_RETRIEVE,
  FUSE_OPEN,
  FUSE_OPENDIR,
  FUSE_OUT_HEADER_SIZE,
  FUSE_ROOT_ID,
  FUSE_SYMLINK,
} from '../../src/include/uapi/fuse.ts'
import type { user_memory } from '../../src/lib/usercopy.ts'
import { ForwardedCalls } from '../../src/syscall/forwarded.ts'
import { UserCalls } from '../../src/syscall/user_calls.ts'
import type { FuzzedMachine } from './fuzzed_machine.ts'
import type { Message } from './fuse_messages.ts'

/** Errors from here on the host refuses, and the caller hangs. */
const ERESTARTSYS = 512

const NOBODY_KNOWN = { uid: 0, gid: 0, pid: 0, unique: 0 }

const ENTRIES = [FUSE_LOOKUP, FUSE_MKNOD, FUSE_MKDIR, FUSE_SYMLINK, FUSE_CREATE]

/** The memory of every process: some pages from `base` on. */
class SmallMemory implements user_memory {
  readonly base = 0x10000
  readonly bytes = Buffer.alloc(4 * 4096)

  read(address: bigint | number, to: Uint8Array): number {
    const from = this.#at(address, to.length)
    to.set(from)
    return from.length
  }

  write(address: bigint | number, from: Uint8Array): number {
    const to = this.#at(address, from.length)
    to.set(from.subarray(0, to.length))
    return to.length
  }

  #at(address: bigint | number, length: number): Buffer {
    const start = Number(address) - this.base
    return start < 0
      ? this.bytes.subarray(0, 0)
      : this.bytes.subarray(start, start + length)
  }
}

export class FuseSession {
  readonly memory = new SmallMemory()
  readonly nodeids: number[] = [FUSE_ROOT_ID]
  readonly handles: number[] = []
  readonly #dispatcher: Dispatcher
  readonly #bridge: VfsBridge
  readonly #machine: FuzzedMachine
  /** Requests that have no answer yet, and what they were. */
  readonly #waiting = new Map<number, number>()
  #problem: string | undefined
  #answer = ''

  constructor(machine: FuzzedMachine) {
    const { kernel } = machine
    this.#machine = machine
    this.#bridge = this.#bridgeTo(machine)
    const hooks = {
      drain: () => kernel.sched.settle(),
      onPanic: (error: unknown) => this.#wrong(`panic: ${(error as Error).stack}`),
      onBadReply: (text: string) => this.#wrong(text),
    }
    const send = (bytes: Uint8Array, length: number) => this.#reply(bytes, length)
    this.#dispatcher = new Dispatcher(this.#bridge, hooks, { send, later: () => send })
  }

  /** Look up all there is below `dir`, which the host knows by that number. */
  explore(dir: Inode, nodeid = FUSE_ROOT_ID): void {
    for (const [name, node] of dir.children ?? []) {
      const found = this.#bridge.lookup(nodeid, name, NOBODY_KNOWN)
      if (typeof found === 'number') continue
      this.nodeids.push(found.nodeid)
      this.explore(node, found.nodeid)
    }
  }

  /** Numbers of requests that wait. */
  waiting(): number[] {
    return [...this.#waiting.keys()]
  }

  /** Send it: how it was answered at once, and what is wrong with that. */
  async send({
    bytes,
    opcode,
    unique,
  }: Message): Promise<{ answer: string; problem?: string | undefined }> {
    const row = operations[opcode]
    const name = row?.name ?? 'unknown'
    this.#answer = 'sleeps'
    if (!row?.silent) this.#waiting.set(unique, opcode)
    await atTheTop(() => this.#deliver(bytes))
    return {
      answer: `${name} ${row?.silent ? '' : this.#answer}`,
      problem: this.#taken(),
    }
  }

  /** The host ends it, in the middle of everything: what is left then. */
  async end(): Promise<string | undefined> {
    const { sched } = this.#machine.kernel
    let unique = 2 ** 40
    const interrupt = () => {
      for (const id of this.#waiting.keys())
        this.#deliver(interrupting(id, (unique += 2)))
    }
    const answered = await this.#machine.settle(() => this.#waiting.size === 0, interrupt)
    if (!answered) this.#wrong(`no answer to ${[...this.#waiting].join(' ')}`)
    await atTheTop(() => {
      this.#dispatcher.destroy()
      sched.run()
    })
    const { counts } = this.#bridge
    const isOver = () => counts.openFiles + this.#bridge.counts.sleeping === 0
    if (!(await this.#machine.settle(isOver)))
      this.#wrong(`left: ${JSON.stringify(counts)}`)
    return this.#taken()
  }

  #deliver(bytes: Buffer): void {
    this.#dispatcher.request.bytes.set(bytes)
    this.#dispatcher.handle(bytes.length)
    this.#machine.kernel.sched.run()
  }

  #reply(bytes: Uint8Array, length: number): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const error = view.readInt32LE(4)
    const unique = Number(view.readBigUInt64LE(8))
    const opcode = this.#waiting.get(unique)
    if (view.readUInt32LE(0) !== length) this.#wrong(`says it is ${length} bytes long`)
    if (error > 0 || error <= -ERESTARTSYS) this.#wrong(`error ${error}`)
    this.#answer = String(error)
    if (opcode === undefined) return
    this.#waiting.delete(unique)
    if (error === 0) this.#learn(opcode, view.subarray(FUSE_OUT_HEADER_SIZE, length))
  }

  #learn(opcode: number, body: Buffer): void {
    if (ENTRIES.includes(opcode)) this.nodeids.push(Number(body.readBigUInt64LE(0)))
    const at = opcode === FUSE_CREATE ? FUSE_ENTRY_OUT_SIZE : 0
    if (opcode === FUSE_OPEN || opcode === FUSE_OPENDIR || at > 0) {
      this.handles.push(Number(body.readBigUInt64LE(at)))
    }
  }

  #wrong(problem: string): void {
    this.#problem ??= problem
  }

  #taken(): string | undefined {
    const problem = this.#problem
    this.#problem = undefined
    return problem
  }

  #bridgeTo({ kernel, connections }: FuzzedMachine): VfsBridge {
    const memoryOf = () => this.memory
    const ids = new Ids(0, 0)
    const forwarded = new ForwardedCalls({
      sched: kernel.sched,
      traps: kernel.traps,
      calls: new UserCalls(kernel),
      control: kernel.control,
      connections,
      memoryOf,
      processOf: pid => new ProcessIdentity(pid, ids, memoryOf),
      lowestFreeDescriptor,
      mmap: (...call) => this.#bridge.announceMmap(...call),
      shared: (...call) => this.#bridge.sharedWith(...call),
    })
    return new VfsBridge({
      machine: kernel,
      looksOnly: () => false,
      ids,
      systemCalls: new SystemCalls(memoryOf),
      memoryOf,
      forward: (...call) => forwarded.forward(...call),
      isSupervisor: pid => connections.isSupervisor(pid),
      given: (pid, path) => connections.given(pid, path),
      takeGiven: (pid, inode) => connections.takeGiven(pid, inode),
      notifyPoll: () => {},
      pageCache: new PageCache({ notify, notifyInBackground: async m => notify(m) }),
      device: 'ff:ff',
    })
  }
}

/** As libuv calls: only there the scheduler can let an async function run on. */
function atTheTop(call: () => void): Promise<void> {
  return new Promise(resolve =>
    setImmediate(() => {
      call()
      resolve()
    }),
  )
}

/** No page is ever in this host's cache. */
function notify(message: Uint8Array): number {
  const code = Buffer.from(message.buffer, message.byteOffset, 8).readInt32LE(4)
  return code === FUSE_NOTIFY_RETRIEVE ? -ENOENT : message.length
}

function interrupting(unique: number, own: number): Buffer {
  const bytes = Buffer.alloc(FUSE_IN_HEADER_SIZE + 8)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt32LE(FUSE_INTERRUPT, 4)
  bytes.writeBigUInt64LE(BigInt(own) + 1n, 8)
  bytes.writeBigUInt64LE(BigInt(unique), FUSE_IN_HEADER_SIZE)
  return bytes
}
