// What bench:scale measured, as a part of docs/performance.md and as lines in docs/scale.svg.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/package.ts'
import { lineCharts } from './line_chart.ts'
import { conditions, markdown } from './report.ts'
import { type Lists, MODULES } from './scale_lists.ts'

const PAGE = join(packageRoot(), 'docs/performance.md')
const PICTURE = join(packageRoot(), 'docs/scale.svg')

/** What an operation costs where there is much of something. */
export interface Costs {
  /** What there is much of. */
  dimension: string
  operation: string
  /** Microseconds at each size, the smallest first. */
  costs: readonly (readonly [size: number, cost: number])[]
}

/** The part of the page that is ours: `npm run bench` keeps it. */
const BEGIN = '<!-- The rest is written by: npm run bench:scale -- --write -->\n'

/** That part of the page as it is, with an empty line before it; empty if there is none. */
export function scalePart(): string {
  const page = readFileSync(PAGE, 'utf8')
  const at = page.indexOf(`\n${BEGIN}`)
  return at < 0 ? '' : page.slice(at)
}

export function reportScale(all: readonly Costs[], lists: Lists, rounds: number): string {
  return `## Very much of everything

\`npm run bench:scale -- --write\` makes this part. A machine has more and more of one thing, and less again, ${rounds}
times over; each time it is measured what one operation costs: the time that the daemon has the CPU for
it, in microseconds, the median of all times. What is operated on is one device, file, reader or module that is always
there. ${conditions()}

![Cost of an operation against how much there is](scale.svg)

However many are blocked, to wake another costs the same. To wake them all, one after the other, costs more a wake-up,
for who has slept for long is in no cache any more; the server in C shows how much that is. What modbox has besides is
the garbage collector, for which the objects of a call that sleeps for long are no young ones. The server in C also
takes longer for all other calls, since the host looks for the request of each answer among all that wait at the same
descriptor; modbox has a descriptor for each 256 of them.

${tables(all)}

A list of ${MODULES} modules takes, in milliseconds:

${markdown(
  ['what', 'measured', 'aim'],
  [
    ['read(2) of all of /proc/modules', lists.procModules.toFixed(1), '20'],
    [
      '`modbox lsmod`, beyond what it takes without modules',
      lists.lsmod.toFixed(1),
      '20',
    ],
    ["kmod's lsmod under `modbox run`", lists.kmodLsmod.toFixed(1), ''],
  ],
)}
`
}

/** The report takes its place at the end of the page. */
export function publishScale(report: string, all: readonly Costs[]): void {
  const page = readFileSync(PAGE, 'utf8').slice(0, -scalePart().length || undefined)
  writeFileSync(PAGE, `${page}\n${BEGIN}\n${report}`)
  writeFileSync(PICTURE, picture(all))
}

function tables(all: readonly Costs[]): string {
  return byDimension(all)
    .map(([dimension, rows]) => {
      const sizes = rows[0]?.costs.map(([size]) => size.toLocaleString('en')) ?? []
      const lines = rows.map(({ operation, costs }) => [
        operation,
        ...costs.map(([, cost]) => threeDigits(cost)),
        growth(costs).toFixed(2),
      ])
      return markdown([dimension, ...sizes, 'largest / smallest'], lines)
    })
    .join('\n\n')
}

/** Relative to the smallest size, so that an operation of 3 µs and one of 5 ms can be seen in one picture. */
function picture(all: readonly Costs[]): string {
  const charts = byDimension(all).map(([dimension, rows]) => ({
    title: `More and more ${dimension}`,
    xLabel: `${dimension}, how many`,
    yLabel: 'cost, % of that at the left',
    series: rows.map(({ operation, costs }) => ({
      name: operation,
      points: costs.map(([size, cost]) => [size, percent(cost, costs)] as const),
    })),
  }))
  return lineCharts(charts)
}

function byDimension(all: readonly Costs[]): [string, Costs[]][] {
  const names = [...new Set(all.map(({ dimension }) => dimension))]
  return names.map(name => [name, all.filter(({ dimension }) => dimension === name)])
}

/** Of a number that is not small. */
function threeDigits(n: number): string {
  return n < 100 ? n.toPrecision(3) : Math.round(n).toLocaleString('en')
}

function growth(costs: Costs['costs']): number {
  return percent(costs.at(-1)?.[1] ?? NaN, costs) / 100
}

function percent(cost: number, costs: Costs['costs']): number {
  return (100 * cost) / (costs[0]?.[1] ?? NaN)
}
