// /dev/modbox: the machine's end of protocol.ts.

import { CAP_SYS_BOOT, CAP_SYS_MODULE } from '../include/linux/capability.ts'
import { EFAULT, EFBIG, EINVAL, EPERM } from '../include/uapi/errno.ts'
import type { file, file_operations } from '../include/linux/fs.ts'
import type { miscdevice } from '../include/linux/miscdevice.ts'
import { poll_wait, type poll_table } from '../include/linux/poll.ts'
import type { ref } from '../include/linux/types.ts'
import type { user_ptr } from '../include/linux/uaccess.ts'
import { EPOLLIN, EPOLLRDNORM } from '../include/uapi/poll.ts'
import type { Capabilities } from '../kernel/capability.ts'
import type { Modules } from '../kernel/module/main.ts'
import type { Printk } from '../kernel/printk.ts'
import type { Scheduler } from '../kernel/sched.ts'
import type { LoadStep } from '../lib/load_step.ts'
import { copy_from_user } from '../lib/usercopy.ts'
import { simple_read_from_buffer } from '../fs/libfs.ts'
import { DEFAULT_POLLMASK } from '../fs/select.ts'
import type { Connection, Connections } from './connections.ts'
import type { InitModule, MachineStatus, Reply, Request } from './protocol.ts'
import { IMAGE_MAX } from './forward.ts'

/** Its number: one of those that Linux leaves to local use. */
export const MODBOX_MINOR = 240

/** The line that begins a request must end within this. */
const LINE_MAX = 1 << 16

interface Needs {
  modules: Modules
  log: Printk
  capabilities: Capabilities
  status: () => MachineStatus
  /** Stop the machine. */
  reboot: () => void
  connections: Connections
  sched: Scheduler
}

interface Answer {
  reply: Reply
  payload?: Uint8Array
}

export function modboxDevice(needs: Needs, minor: number): miscdevice {
  const fops: file_operations<Conversation> = {
    open(_inode, filp) {
      filp.private_data = new Conversation(needs)
      return 0
    },
    read: (filp, buf, count, pos) => filp.private_data.read(buf, count, pos),
    poll: (filp, table) => filp.private_data.poll(filp, table),
    release(_inode, filp) {
      filp.private_data.end()
      return 0
    },
    async write(filp, buf, count, pos) {
      const n = await filp.private_data.take(buf, count)
      pos.value = 0 // the reply is read from its start
      return n
    },
  }
  return { name: 'modbox', minor, mode: 0o666, fops }
}

/** One open /dev/modbox: a request that comes in in pieces, then its reply. */
class Conversation {
  #reply: Uint8Array = new Uint8Array()
  #received: Uint8Array[] = []
  /** Bytes in `#received`. */
  #size = 0
  #request: Request | undefined
  #answered = false
  #rebooting = false
  /** A supervisor's number. */
  #connection: number | undefined
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Take what one write(2) carries; if that completes the request, make the call. */
  async take(buf: user_ptr, count: number): Promise<number> {
    if (this.#answered) return count // the rest of a payload nobody wants
    const bytes = new Uint8Array(count)
    if (copy_from_user(bytes, buf, count)) return -EFAULT
    this.#keep(bytes)

    const err = this.#request ? 0 : this.#parseLine()
    if (err) {
      this.#received = [] // the next write may do better
      this.#size = 0
      return err
    }
    if (!this.#request || this.#missing() > 0) return count
    this.#answered = true
    this.#reply = encode(await this.#execute(this.#request))
    this.#received = []
    return count
  }

  /** The answer; behind it, to a supervisor, those to the calls it has forwarded. */
  read(buf: user_ptr, count: number, pos: ref<number>): number {
    const supervisor = this.#supervisor()
    if (supervisor && pos.value >= this.#reply.length) return supervisor.read(buf, count)
    return simple_read_from_buffer(buf, count, pos, this.#reply, this.#reply.length)
  }

  poll(filp: file, table: poll_table): number {
    const supervisor = this.#supervisor()
    if (!supervisor) return DEFAULT_POLLMASK
    poll_wait(filp, supervisor.wait, table)
    return supervisor.readable ? EPOLLIN | EPOLLRDNORM : 0
  }

  /** The caller has closed it: only then may the machine go that answered it. */
  end(): void {
    if (this.#connection !== undefined) {
      this.#needs.connections.disconnect(this.#connection)
    }
    if (this.#rebooting) this.#needs.reboot()
  }

  #keep(bytes: Uint8Array): void {
    this.#received.push(bytes)
    this.#size += bytes.length
  }

  #parseLine(): number {
    const all = Buffer.concat(this.#received)
    const end = all.indexOf('\n')
    if (end < 0) return all.length > LINE_MAX ? -EINVAL : 0
    const request = decode(all.toString('utf8', 0, end))
    if (!request) return -EINVAL
    if (payloadOf(request) > IMAGE_MAX) return -EFBIG
    this.#request = request
    this.#received = []
    this.#size = 0
    this.#keep(all.subarray(end + 1))
    return 0
  }

  /** Bytes still to come. From those who may not load modules nothing is awaited. */
  #missing(): number {
    if (!this.#request || !this.#needs.capabilities.capable(CAP_SYS_MODULE)) return 0
    return payloadOf(this.#request) - this.#size
  }

  #supervise(last: boolean): number {
    const { capabilities, connections } = this.#needs
    if (last && !capabilities.capable(CAP_SYS_BOOT)) return -EPERM
    this.#rebooting = last
    this.#connection = connections.connect(this.#needs.sched.current.pid)
    return this.#connection
  }

  #supervisor(): Connection | undefined {
    if (this.#connection === undefined) return undefined
    return this.#needs.connections.get(this.#connection)
  }

  async #execute(request: Request): Promise<Answer> {
    const { modules, log, capabilities, status } = this.#needs
    switch (request.call) {
      case 'init_module':
      case 'finit_module': {
        const image = Buffer.concat(this.#received).subarray(0, request.payload)
        return { reply: await loadModule(modules, image, request) }
      }
      case 'delete_module':
        return {
          reply: { ret: await modules.delete_module(request.name, request.flags) },
        }
      case 'syslog': {
        const { ret, text } = await log.syslog.do_syslog(request.type, request.len)
        return { reply: { ret }, ...(text ? { payload: text } : {}) }
      }
      case 'reboot':
        if (!capabilities.capable(CAP_SYS_BOOT)) return { reply: { ret: -EPERM } }
        this.#rebooting = true
        return { reply: { ret: 0 } }
      case 'status':
        return { reply: { ret: 0, status: status() } }
      case 'supervise':
        return { reply: { ret: this.#supervise(request.last ?? false) } }
      default:
        return { reply: { ret: -EINVAL } }
    }
  }
}

async function loadModule(
  modules: Modules,
  image: Uint8Array,
  { call, params, flags, trace }: InitModule,
): Promise<Reply> {
  const steps: LoadStep[] = []
  const collect = trace ? (step: LoadStep) => void steps.push(step) : undefined
  const ret =
    call === 'init_module'
      ? await modules.init_module(image, params, collect)
      : await modules.finit_module(image, params, flags, collect)
  return trace ? { ret, steps } : { ret }
}

function payloadOf(request: Request): number {
  return 'payload' in request ? request.payload : 0
}

function encode({ reply, payload }: Answer): Uint8Array {
  const line = payload ? { ...reply, payload: payload.length } : reply
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(line)}\n`),
    payload ?? Buffer.alloc(0),
  ])
}

/** A request whose fields have the types they should have. */
function decode(line: string): Request | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { call, payload, params, flags, name, type, len, trace, last } = value as Record<
    string,
    unknown
  >
  switch (call) {
    case 'init_module':
    case 'finit_module':
      return isSize(payload) && typeof params === 'string' && isSize(flags)
        ? { call, payload, params, flags, ...(trace === true && { trace }) }
        : undefined
    case 'delete_module':
      return typeof name === 'string' && isSize(flags) ? { call, name, flags } : undefined
    case 'syslog':
      return isSize(type) && isSize(len) ? { call, type, len } : undefined
    case 'reboot':
    case 'status':
      return { call }
    case 'supervise':
      return { call, last: last === true }
    default:
      return undefined
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
