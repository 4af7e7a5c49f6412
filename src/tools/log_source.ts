// Where dmesg gets its records: the machine's /dev/kmsg, syslog(2), or a file.

import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs'
import { loadKoffi } from '../host/koffi.ts'
import { EAGAIN, ECONNABORTED, ENODEV, ENOTCONN, EPIPE } from '../include/uapi/errno.ts'
import {
  SYSLOG_ACTION_READ_ALL,
  SYSLOG_ACTION_SIZE_BUFFER,
} from '../include/uapi/syslog.ts'
import { decodeText, parseKmsg } from '../lib/kmsg.ts'
import type { LogRecord } from '../lib/kmsg.ts'
import type { Machine } from '../syscall/client.ts'
import { ToolError, errnoOf, strerror } from './errors.ts'

/** Room for a record: Linux refuses a read that is too small for the next one. */
const RECORD_MAX = 16384

const SEEK_DATA = 3

/** What a read(2) says once the machine has ended, or if it ends meanwhile. */
const MACHINE_ENDED = [ENOTCONN, ENODEV, ECONNABORTED]

/**
 * The records in the machine's log since it was last cleared, by /dev/kmsg; undefined where
 * that cannot be had: no permission, or no lseek(2) to ask for "since it was cleared".
 */
export async function readKmsg(machine: Machine): Promise<LogRecord[] | undefined> {
  const seek = await loadSeek()
  const fd = seek && openKmsg(machine, constants.O_NONBLOCK)
  if (fd === undefined) return undefined
  try {
    if (seek && seek(fd, 0, SEEK_DATA) < 0) return undefined
    return [...recordsOf(fd)]
  } finally {
    close(fd)
  }
}

/** As readKmsg(), and then every new record when it comes, until the machine ends. */
export async function* followKmsg(
  machine: Machine,
  onlyNew: boolean,
): AsyncGenerator<LogRecord> {
  const last = onlyNew ? lastSequence(machine) : -1
  const seek = await loadSeek()
  const fd = openKmsg(machine, 0)
  if (fd === undefined) throw new ToolError('cannot open /dev/kmsg')
  try {
    seek?.(fd, 0, SEEK_DATA)
    for (const record of recordsOf(fd)) if (record.seq > last) yield record
  } finally {
    close(fd)
  }
}

function lastSequence(machine: Machine): number {
  const fd = openKmsg(machine, constants.O_NONBLOCK)
  if (fd === undefined) return -1
  try {
    let last = -1
    for (const { seq } of recordsOf(fd)) last = seq
    return last
  } finally {
    close(fd)
  }
}

function openKmsg(machine: Machine, flags: number): number | undefined {
  try {
    return openSync(machine.path('dev', 'kmsg'), constants.O_RDONLY | flags)
  } catch {
    return undefined
  }
}

/** FUSE reports the end of a machine to close(2), too, which has closed the file all the same. */
function close(fd: number): void {
  try {
    closeSync(fd)
  } catch (error) {
    if (errnoOf(error) !== ENOTCONN) throw error
  }
}

/** One record a read, until there is none (when `fd` does not block) or the machine ends. */
function* recordsOf(fd: number): Generator<LogRecord> {
  const buffer = Buffer.alloc(RECORD_MAX)
  for (;;) {
    const n = readRecord(fd, buffer)
    if (n === 0) return
    yield* parseKmsg(decodeText(buffer.subarray(0, Math.max(n, 0))))
  }
}

/** Bytes read; 0 at the end; -1 when records were overwritten before we came to them. */
function readRecord(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === EPIPE) return -1
    if (errno === EAGAIN || MACHINE_ENDED.includes(errno)) return 0
    throw new ToolError(`read kernel buffer failed: ${strerror(errno)}`)
  }
}

type Seek = (fd: number, offset: number, whence: number) => number

/** lseek(2), which Node does not have. */
async function loadSeek(): Promise<Seek | undefined> {
  const koffi = await loadKoffi()
  const lseek = koffi
    ?.load(null)
    .func('int64_t lseek(int fd, int64_t offset, int whence)')
  return lseek && ((fd, offset, whence) => Number(lseek(fd, offset, whence)))
}

/** The machine's log since it was last cleared, by syslog(2). `size`: of the buffer, in bytes. */
export function readSyslog(
  machine: Machine,
  action: number = SYSLOG_ACTION_READ_ALL,
  size?: number,
): string {
  // The size may be refused as well; then the next call says so.
  const len = size ?? Math.max(machine.syslog(SYSLOG_ACTION_SIZE_BUFFER).ret, 0)
  const { ret, text } = machine.syslog(action, len)
  if (ret < 0) throw new ToolError(`read kernel buffer failed: ${strerror(-ret)}`)
  return decodeText(text)
}

/** The text of a file in syslog(2)'s format. */
export function readLogFile(path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch (error) {
    throw new ToolError(`cannot open ${path}: ${strerror(errnoOf(error))}`)
  }
}
