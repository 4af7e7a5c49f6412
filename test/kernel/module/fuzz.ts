// Damaged module files: whatever is in them, the loader answers with an error it knows.
import t from 'tap'
import { ENOEXEC } from '../../../src/include/uapi/errno.ts'
import { ElfFuzzer, goodImages } from '../../fuzz/elf_fuzzer.ts'

const IMAGES = 1500

t.test('a short run of the fuzzer finds nothing', async t => {
  const fuzzer = new ElfFuzzer(20_261_121, await goodImages())
  while (fuzzer.tally.steps < IMAGES) await fuzzer.next()
  const { findings, answers } = fuzzer.tally
  t.strictSame(findings, [])
  t.ok((answers.get(String(-ENOEXEC)) ?? 0) > IMAGES / 4, 'many are no modules any more')
  t.ok((answers.get('0') ?? 0) > IMAGES / 20, 'some still are')
})
