// docs/transports.md says what the transports carry: it is tried again. Its figures are not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BEGIN, END, table } from '../../scripts/transports/page.ts'
import { probe } from '../../scripts/transports/probe.ts'
import { packageRoot } from '../../src/package.ts'
import { findTool, requireThat, requireTool } from '../harness/require.ts'
import { hasFuse } from '../harness/tiny_mount.ts'

t.test('the table in docs/transports.md is what is so', async t => {
  const isRoot = process.getuid?.() === 0
  if (!requireThat(t, isRoot && hasFuse(), 'mounting needs root and /dev/fuse')) return
  const hasLibrary = findTool('fusermount') !== undefined
  if (!requireThat(t, hasLibrary, 'libfuse2 is not installed')) return
  if (!requireTool(t, 'python3')) return
  const page = readFileSync(join(packageRoot(), 'docs/transports.md'), 'utf8')
  const written = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END))
  const tried = { devfuse: await probe('devfuse'), native: await probe('fuse-native') }
  t.equal(table(tried).trim(), written.trim(), 'else: npm run transports -- --write')
})
