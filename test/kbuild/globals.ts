import { createContext, runInContext } from 'node:vm'
import t from 'tap'
import { languageGlobals, localGlobals } from '../../src/kbuild/globals.ts'

const globals = languageGlobals()

t.test("languageGlobals() are the language's own", async t => {
  for (const name of ['Math', 'Uint8Array', 'undefined', 'Promise'])
    t.ok(globals.has(name), name)
  for (const name of ['process', 'Buffer', 'setTimeout', 'console', 'eval']) {
    t.notOk(globals.has(name), name)
  }
})

t.test('localGlobals() keeps the globals that a script uses', async t => {
  t.equal(
    localGlobals('f(Uint8Array, Math.min(NaN, undefined))', globals),
    'var { Math, Uint8Array } = globalThis;',
  )
  t.equal(localGlobals('f(x)', globals), '')
})

t.test('names a script has for itself stay its own', async t => {
  const script =
    'function Map() { return 1 }\nvar Set = 2\nclass Date {}\n[Map(), Set, Math.PI]'
  const line = localGlobals(script, globals)
  t.equal(line, 'var { Math } = globalThis;')
  const result = runInContext(
    `(() => {${line}${script.replace('[', 'return [')}})()`,
    createContext({}),
  )
  t.same(Array.from(result as unknown[]), [1, 2, Math.PI])
})
