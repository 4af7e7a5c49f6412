// A job of the soak: reads and writes files of /proc and /sys and the log as a seed decides, and knows what
// those answer that nobody else changes.

import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../src/include/uapi/fcntl.ts'
import { Random } from '../fuzz/random.ts'
import { filesBelow } from './paths.ts'

/** The list of what it has seen, for who has the host forget it. */
export const SEEN = 'seen'

/** What a file may say that cannot be read now, or at all. */
const MAY_FAIL = new Set([
  'EAGAIN',
  'EACCES',
  'EINVAL',
  'EIO',
  'ENODEV',
  'ENOENT',
  'EPERM',
])

/** Not read: they wait, or have the machine wait, or are the log, which is read below. */
const NOT_READ = /^proc\/(?:kmsg|ji.*|doze)$|^sys\/kernel\/debug\/tracing/

/** Linux lets each open file of /dev/kmsg write so many lines in five seconds. */
const BURST = 10

/** files MNT SEED STEPS */
export async function files([mnt = '', seed, steps]: readonly string[]) {
  const job = new FilesJob(mnt, Number(seed))
  for (let step = 0; step < Number(steps); step++) job.step(step)
  return job.calls
}

class FilesJob {
  calls = 0
  readonly #mnt: string
  readonly #random: Random
  readonly #readable: string[]
  readonly #log: number
  #did = ''
  /** What the driver notes has. */
  #notes: { number: number; text: string }[] = []
  #lastNote = 0
  #position = 0
  #max = 10

  constructor(mnt: string, seed: number) {
    this.#mnt = mnt
    this.#random = new Random(seed)
    const found = ['proc', 'sys'].flatMap(name => filesBelow(mnt, name))
    writeFileSync(SEEN, found.map(({ path }) => path).join('\n'))
    this.#readable = found
      .filter(({ path, isFile }) => isFile && !NOT_READ.test(path))
      .map(({ path }) => path)
    this.#log = openSync(join(mnt, 'dev/kmsg'), O_RDONLY | O_NONBLOCK)
    this.#newLines()
  }

  step(step: number): void {
    this.#did = `step ${step}`
    switch (this.#random.below(8)) {
      case 0:
        return this.#say()
      case 1:
        return this.#note()
      case 2:
        return this.#turn()
      case 3:
        return this.#name()
      default:
        return this.#readAny()
    }
  }

  /** What is written to the log is in it once, in order. */
  #say(): void {
    const lines = Array.from({ length: 1 + this.#random.below(BURST) }, () =>
      this.#word('line'),
    )
    const fd = openSync(join(this.#mnt, 'dev/kmsg'), O_WRONLY)
    for (const line of lines) {
      this.#expect('a line', writeSync(fd, `${line}\n`), line.length + 1)
    }
    closeSync(fd)
    const said = this.#newLines().filter(line => lines.includes(line))
    this.#expect('the log', said.join(), lines.join())
  }

  #newLines(): string[] {
    const lines: string[] = []
    const buffer = Buffer.alloc(8192)
    for (;;) {
      const n = this.#tryRead(this.#log, buffer)
      if (n === 'EPIPE') continue // overwritten before it was read
      if (typeof n === 'string') return lines
      const text = buffer.toString('utf8', 0, n)
      lines.push(text.slice(text.indexOf(';') + 1).split('\n')[0] ?? '')
    }
  }

  #note(): void {
    const random = this.#random
    const list = join(this.#mnt, 'proc/notes/list')
    if (this.#notes.length > 0 && random.below(2)) {
      const [gone] = this.#notes.splice(random.below(this.#notes.length), 1)
      this.#write(list, `-${gone?.number}`, 'works')
    } else if (random.below(8) === 0) {
      this.#write(list, `-${this.#lastNote + 1}`, 'ENOENT')
    } else {
      const text = this.#word('note')
      this.#write(list, text, 'works')
      this.#notes.push({ number: ++this.#lastNote, text })
    }
    const lines = this.#notes.map(
      ({ number, text }) => `${String(number).padStart(3)} ${text}\n`,
    )
    this.#expect('the notes', this.#read(list, 1 + random.below(300)), lines.join(''))
    const count = this.#read(join(this.#mnt, 'proc/notes/count'), 4096)
    this.#expect('their number', count, `${lines.length}\n`)
  }

  #turn(): void {
    const dial = join(this.#mnt, 'sys/class/dial/dial0')
    const value = this.#random.below(20)
    if (this.#random.below(3) === 0) {
      this.#write(join(dial, 'limits/max'), String(value), 'works')
      this.#max = value
      this.#position = Math.min(this.#position, value)
    } else {
      const may = value <= this.#max
      this.#write(join(dial, 'position'), String(value), may ? 'works' : 'EINVAL')
      if (may) this.#position = value
    }
    const position = this.#read(join(dial, 'position'), 4096)
    this.#expect('the position', position, `${this.#position}\n`)
  }

  #name(): void {
    const file = join(this.#mnt, 'proc/sys/kernel/hostname')
    const name = this.#word('host')
    this.#write(file, name, 'works')
    this.#expect(
      'the host name',
      this.#read(file, 1 + this.#random.below(90)),
      `${name}\n`,
    )
  }

  #readAny(): void {
    const path = this.#random.pick(this.#readable)
    try {
      this.#read(join(this.#mnt, path), 1 + this.#random.below(5000))
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      if (!MAY_FAIL.has(code)) throw new Error(`${this.#did}: ${path}: ${message}`)
    }
  }

  /** The whole file, in pieces of `size`. */
  #read(path: string, size: number): string {
    const fd = openSync(path, O_RDONLY | O_NONBLOCK)
    try {
      const pieces: Buffer[] = []
      for (;;) {
        const piece = Buffer.alloc(size)
        const n = readSync(fd, piece)
        this.calls++
        if (n === 0) return Buffer.concat(pieces).toString()
        pieces.push(piece.subarray(0, n))
      }
    } finally {
      closeSync(fd)
    }
  }

  #write(path: string, text: string, expected: string): void {
    const fd = openSync(path, O_WRONLY)
    let answer = 'works'
    try {
      writeSync(fd, text)
    } catch (error) {
      answer = (error as NodeJS.ErrnoException).code ?? ''
    } finally {
      closeSync(fd)
    }
    this.#expect(`"${text}" into ${path}`, answer, expected)
  }

  #tryRead(fd: number, buffer: Buffer): number | string {
    this.calls++
    try {
      return readSync(fd, buffer)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? ''
    }
  }

  #word(kind: string): string {
    return `soak-${kind}-${this.#random.u32()}`
  }

  #expect<T>(what: string, answered: T, expected: T): void {
    this.calls++
    if (answered === expected) return
    throw new Error(
      `${this.#did}: ${what}: ${JSON.stringify(answered)}, not ${JSON.stringify(expected)}`,
    )
  }
}
