// docs/transports.md, from what was tried.

import { conditions, markdown } from '../../bench/report.ts'
import type { Outcomes } from './probe.ts'
import type { Ratio } from './speed.ts'

export interface BothTried {
  devfuse: Outcomes
  native: Outcomes
}

/** The table of what each transport carries. */
export function table({ devfuse, native }: BothTried): string {
  const lines = Object.entries(devfuse).map(([what, outcome]) => [
    what,
    outcome,
    native[what] ?? '',
  ])
  return markdown(['what', 'devfuse', 'fuse-native'], lines)
}

export function page(tried: BothTried, speed: readonly Ratio[]): string {
  const figures = speed.map(({ work, ratio }) => [work, `${ratio.toFixed(1)} ×`])
  return [
    INTRODUCTION,
    BEGIN,
    table(tried),
    END,
    NOTES,
    `${conditions()}\n`,
    markdown(['a call', 'fuse-native takes'], figures),
    '',
  ].join('\n')
}

/** Around the table, for the test that compares it. */
export const BEGIN = '<!-- tried -->\n'
export const END = '\n<!-- end -->'

const INTRODUCTION = `# Transports

\`npm run transports -- --write\` makes this page. How a machine's files come into the host is a transport's affair:

- **devfuse** speaks the protocol of the host's kernel over \`/dev/fuse\` itself. It needs root, \`fusermount3\` and koffi, or a
  user namespace.
- **fuse-native** has libfuse 2 do it, by the npm package of that name, an optional dependency (prebuilt for x86-64, for every
  version of Node). On Debian it needs \`libfuse2\`, and for ordinary users \`fusermount\`, which \`fuse3\` has too.

\`modbox boot --transport NAME\` takes one of them; \`auto\`, the default, takes devfuse, and fuse-native where devfuse
cannot mount. \`modbox dmesg\` says which it was and why, \`modbox status\` which.

## What they carry

Each line was tried with programs on a mounted machine (\`scripts/transports\`).
`

const NOTES = `
What that means with fuse-native:

- A program that calls \`ioctl\` gets ENOTTY, one that maps a device ENODEV, as from a driver that has neither.
  \`poll\` is answered by the host, which takes every file for readable and writable.
- Drivers see process 0 without a name as the caller, with the user whose machine it is: no one else is let in. A
  driver's oops cannot kill its caller, who gets the error instead. Only when a signal ends a call does it turn out who
  made it.
- Signals end sleeping calls as elsewhere. Of several programs that sleep in the same call on the same file a wrong one may
  be woken first: its call ends with EINTR although it has got no signal.
- All opens of a name share one file in the host, which locks it while a write(2) sleeps: other writers wait for that one,
  and cannot be killed before it ends. The same holds for removing and renaming a file in which a call sleeps. When the
  machine halts or dies, all of them end.
- Where llseek() is asked for the end of a device, it is asked to go back afterwards. SEEK_DATA gets no further than the
  end either, so \`modbox dmesg\` takes the log from \`syslog\` there.
- An open file whose name is gone cannot be read any more: ENOENT.
- \`modbox run\` and \`modbox shell\` need devfuse, and say so. The commands of modbox work.

## Speed

The median call of a program on a device that answers at once, against devfuse in the same minute.
`
