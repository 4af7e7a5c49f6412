// Very much of everything at once: it all works, and nothing of it stays behind.

import { join } from 'node:path'
import t from 'tap'
import { Crowd, PAIR } from '../../bench/crowd.ts'
import { packageRoot } from '../../src/package.ts'
import { bootMounted } from '../harness/mounted.ts'
import { requireTool } from '../harness/require.ts'
import { until } from '../harness/until.ts'
import { tables } from './load.ts'

const NODES = 10_000
const MODULES = 1000
const FILES = 10_000
const READERS = 5000

t.test(
  'ten thousand nodes, a thousand modules, ten thousand files, five thousand readers',
  async t => {
    if (!requireTool(t, 'gcc')) return
    const machine = bootMounted(t)
    const source = join(packageRoot(), 'bench/crowd.c')
    machine.out(`gcc -Wall -Werror -pthread -o crowd ${source}`)
    const before = tables(machine)
    const count = (command: string) => Number(machine.out(`${command} | wc -l`))
    const nodes = () => count("ls mnt/dev | grep '^crowd'")
    const modules = () => count("grep '^member' mnt/proc/modules")

    const crowd = new Crowd(machine.mnt, join(machine.mnt, '../crowd'))
    t.teardown(() => crowd.kill())
    crowd.nodes(NODES)
    t.equal(nodes(), NODES)
    crowd.modules(MODULES)
    t.equal(modules(), MODULES)
    await crowd.files(FILES)
    await crowd.readers(READERS)
    const { openFiles, sleeping } = tables(machine)
    t.ok(openFiles >= FILES, `${openFiles} open files`)
    t.equal(sleeping, READERS + PAIR)

    t.equal(
      machine.out(`stat -c %F mnt/dev/crowd${NODES - 1}`),
      'character special file\n',
    )
    machine.out(`echo > mnt/dev/crowd${NODES - 1}; head -c1 mnt/dev/crowd${NODES - 1}`)
    t.match(machine.out('modbox lsmod'), /^member0999 +\d+ +0$/m)
    await crowd.work('read', 10)
    await crowd.work('wake', 10)
    await crowd.work('turn', 10)

    await crowd.disperse()
    t.equal(nodes(), 0)
    t.equal(modules(), 0)
    await until(() => tables(machine).openFiles === before.openFiles)
    t.same(tables(machine), before)
    t.notMatch(machine.out('modbox dmesg'), /WARNING|BUG|ODEBUG|refused/)
  },
)
