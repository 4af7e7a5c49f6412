// Short runs of the fuzzer find nothing, and a seed stands for one run only.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.ts'
import { ElfFuzzer, goodImages } from '../fuzz/elf_fuzzer.ts'
import { FuseFuzzer } from '../fuzz/fuse_fuzzer.ts'
import { Fuzzer, type Step } from '../fuzz/fuzzer.ts'
import { TextFuzzer } from '../fuzz/text_fuzzer.ts'
import { AS_USERS, shell } from '../harness/mounted.ts'
import { requireThat, requireTool } from '../harness/require.ts'
import { hasFuse } from '../harness/tiny_mount.ts'

const FUZZ = join(packageRoot(), 'dist/scripts/fuzz.js')
const STORM = join(packageRoot(), 'test/programs/storm.c')
const SECONDS = 6
const PATIENCE = 110_000

function fuzz(...options: string[]) {
  const args = [...AS_USERS, process.execPath, FUZZ, ...options]
  return spawnSync('env', args, { encoding: 'utf8', timeout: PATIENCE })
}

for (const part of ['elf', 'fuse', 'syscalls', 'text']) {
  t.test(`a short run of ${part}`, async t => {
    if (part === 'syscalls') {
      if (!['gcc', 'setpriv', 'find'].every(tool => requireTool(t, tool))) return
      if (!requireThat(t, process.getuid?.() === 0 && hasFuse(), 'cannot mount')) return
    }
    const options = ['--part', part, '--seed', '20261121', '--seconds', String(SECONDS)]
    const { status, stdout, stderr } = fuzz(...options)
    t.equal(
      status,
      0,
      `${stdout
        .split('\n')
        .filter(line => line.startsWith('FOUND'))
        .join('\n')}${stderr}`,
    )
    t.match(stdout, /^[1-9]\d* steps in /m)
    if (part === 'elf') t.match(stdout, / -8$[^]* 0$/m, 'some are modules still')
  })
}

t.test('options that make no sense are one sentence', async t => {
  t.match(fuzz('--help'), { status: 0, stdout: /^Usage: fuzz \[options\]$/m, stderr: '' })
  for (const [options, why] of [
    [['--seed', 'seven'], /'seven' is invalid\. It has to be a number\.$/],
    [
      ['--part', 'none'],
      /'none' is invalid\. Allowed choices are elf, fuse, syscalls, text\.$/,
    ],
    [['--hours', '3'], /unknown option '--hours'$/],
  ] as const) {
    const { status, stdout, stderr } = fuzz(...options)
    t.same({ status, stdout }, { status: 1, stdout: '' })
    t.match(stderr.trimEnd(), why)
    t.equal(stderr.split('\n').length, 2)
  }
})

t.test('the same seed is the same run, another is another', async t => {
  const images = await goodImages()
  const makers: Record<string, (seed: number) => Fuzzer> = {
    elf: seed => new ElfFuzzer(seed, images),
    fuse: seed => new FuseFuzzer(seed),
    text: seed => new TextFuzzer(seed),
  }
  for (const [name, make] of Object.entries(makers)) {
    const digest = async (seed: number) => {
      const fuzzer = make(seed)
      while (fuzzer.tally.steps < 300) await fuzzer.next()
      await fuzzer.end()
      return fuzzer.digest()
    }
    const first = await digest(7)
    t.equal(await digest(7), first, name)
    t.not(await digest(8), first, name)
  }
})

t.test('what goes wrong is found, with its step', async t => {
  class Broken extends Fuzzer {
    protected async step(): Promise<Step> {
      if (this.tally.steps === 2) return { did: 'a thing', answer: '1', problem: 'bad' }
      if (this.tally.steps === 3) throw new Error('worse')
      return { did: 'a thing', answer: '0' }
    }

    protected recover(): string {
      return 'another thing'
    }
  }
  const fuzzer = new Broken(1)
  for (let n = 0; n < 4; n++) await fuzzer.next()
  t.match(fuzzer.tally.findings, [
    { step: 1, did: 'a thing', problem: 'bad' },
    { step: 2, did: 'another thing', problem: /worse/ },
  ])
})

t.test('a storm notices modes that are not kept', async t => {
  if (!requireTool(t, 'gcc') || !requireTool(t, 'setpriv')) return
  if (!requireThat(t, process.getuid?.() === 0, 'becomes another user')) return
  const dir = t.testdir({ open: '', closed: '' })
  const table = (mode: string) =>
    `printf "%s\\n" "- ${mode} 0 0 $PWD/open" "- 600 0 0 $PWD/closed"`
  const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups'
  const storm = (mode: string) => shell(dir, `${table(mode)} | ${nobody} ./storm 1 300`)
  const made = shell(dir, `gcc -O1 -o storm ${STORM}; chmod 644 open; chmod 600 closed`)
  t.equal(made.status, 0)
  t.match(storm('644'), { status: 0, out: '' })
  t.match(storm('600'), { status: 1, out: /open .*works, although it may not/ })
  t.match(storm('666'), { status: 1, out: /open .*EACCES, although it may$/m })
})
