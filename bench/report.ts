// What was measured, as text for people and for docs/performance.md.

import { readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import type { Start } from './servers.ts'

/** Of one server, doing one thing. Times in nanoseconds. */
export interface Figures {
  p50: number
  p99: number
  /** Operations a second. */
  ops: number
}

export interface Row {
  server: string
  /** "read 1", "ioctl 4096" … */
  work: string
  figures: Figures
  /** p50 against the C reference's. */
  ratio: number | undefined
}

/** The same work outside of a machine and under `modbox run`. */
export interface Comparison {
  work: string
  outside: string
  inside: string
  ratio: number
  /** What the ratio should not exceed. */
  aim: number
}

export function reportComparisons(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ work, outside, inside, ratio, aim }) => [
    work,
    outside,
    inside,
    ratio.toFixed(2),
    String(aim),
  ])
  const head = ['work', 'outside', 'under `modbox run`', 'inside / outside', 'aim']
  return `## Under \`modbox run\`\n\n${markdown(head, lines)}\n`
}

export function reportTables(tables: ReadonlyMap<string, readonly Row[]>): string {
  return [...tables].map(([title, rows]) => `## ${title}\n\n${table(rows)}\n`).join('\n')
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ server, work, figures, ratio }) => [
    work,
    server,
    microseconds(figures.p50),
    microseconds(figures.p99),
    String(Math.round(figures.ops)),
    ratio === undefined ? '' : ratio.toFixed(2),
  ])
  return markdown(['work', 'server', 'p50 µs', 'p99 µs', 'ops/s', 'p50 / C'], lines)
}

/** A table whose columns stand under each other in the source too, as prettier wants them. */
export function markdown(
  head: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...lines.map(line => line[i]?.length ?? 0)),
  )
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`
  return [format(head), rule, ...lines.map(format)].join('\n')
}

export function reportStart(start: Start): string {
  return markdown(
    ['what', 'measured', 'aim'],
    [
      ['`modbox boot`, until it returns', `${start.boot.toFixed(0)} ms`, '300 ms'],
      ['init_module(2) of bench.ko', `${start.insmodCall.toFixed(1)} ms`, '30 ms'],
      [
        '`modbox insmod`, with the start of node',
        `${start.insmodCommand.toFixed(0)} ms`,
        '',
      ],
      ['resident memory, idle', megabytes(start.idleMemory), '120 MB'],
      [
        'the same with a module, and so with the watchdog',
        megabytes(start.loadedMemory),
        '',
      ],
    ],
  )
}

/** On what machine, and when. */
export function conditions(): string {
  const [cpu] = cpus()
  const kernel = `Linux ${release()}`
  const version = readFileSync('/proc/version', 'utf8').includes('PREEMPT')
    ? ', preemptible'
    : ''
  const date = new Date().toISOString().slice(0, 10)
  return `Measured on ${date}: ${cpu?.model.trim()}, ${cpus().length} CPUs, ${kernel}${version}, Node ${process.version}.`
}

function megabytes(kilobytes: number): string {
  return `${(kilobytes / 1024).toFixed(0)} MB`
}

function microseconds(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(1)
}
