import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { errnoOf, insmodError, strerror } from '../../src/tools/errors.ts'
import { requireTool } from '../harness/require.ts'

t.test('strerror() has the words of the C library', async t => {
  const rows = new Map([
    [0, 'Success'],
    [1, 'Operation not permitted'],
    [2, 'No such file or directory'],
    [11, 'Resource temporarily unavailable'],
    [22, 'Invalid argument'],
    [41, 'Unknown error 41'],
    [110, 'Connection timed out'],
    [133, 'Memory page has hardware error'],
    [134, 'Unknown error 134'],
    [512, 'Unknown error 512'],
    [4095, 'Unknown error 4095'],
  ])
  for (const [errno, text] of rows) t.equal(strerror(errno), text)
})

t.test('strerror() agrees with the host’s C library on every number', async t => {
  if (!requireTool(t, 'python3')) return
  const script = 'import os\nfor i in range(0, 140): print(os.strerror(i))'
  const { stdout } = spawnSync('python3', ['-c', script], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  t.same(
    Array.from({ length: 140 }, (_, errno) => strerror(errno)),
    stdout.trim().split('\n'),
  )
})

// What a real insmod said when init returned these, on Linux 6.1 with kmod 30.
t.test('insmodError() has its own words for five errors', async t => {
  const rows = new Map([
    [1, 'Operation not permitted'],
    [2, 'Unknown symbol in module'],
    [3, 'Module has wrong symbol version'],
    [8, 'Invalid module format'],
    [12, 'Cannot allocate memory'],
    [17, 'File exists'],
    [22, 'Invalid parameters'],
    [38, 'Function not implemented'],
    [512, 'Unknown error 512'],
  ])
  for (const [errno, text] of rows) t.equal(insmodError(errno), text)
})

t.test('errnoOf() takes the number out of what fs throws', async t => {
  try {
    readFileSync('/nonexistent')
  } catch (error) {
    t.equal(errnoOf(error), 2)
  }
  t.throws(() => errnoOf(new Error('something else')), /something else/)
})
