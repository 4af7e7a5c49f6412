// Work that answers at once unless it has to wait.
import t from 'tap'
import { isPromise, runSteps, settled, type Steps } from '../../src/lib/steps.ts'

function* sum(...parts: (number | Promise<number>)[]): Steps<number> {
  let total = 0
  for (const part of parts) {
    try {
      total += yield* settled(part)
    } catch {
      total += 100
    }
  }
  return total
}

t.test('nothing to wait for: the answer itself', async t => {
  t.equal(runSteps(sum(1, 2)), 3)
  t.notOk(isPromise(runSteps(sum())))
})

t.test('promises are waited for, and throw where they failed', async t => {
  const later = runSteps(sum(1, Promise.resolve(2), Promise.reject(new Error('x')), 4))
  t.ok(isPromise(later))
  t.equal(await later, 107)
})

t.test('what the steps throw fails the promise', async t => {
  function* failing(): Steps<never> {
    yield Promise.resolve()
    throw new Error('no')
  }
  await t.rejects(Promise.resolve(runSteps(failing())), { message: 'no' })
})
