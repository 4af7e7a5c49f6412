// The tutorial's session.
import t from 'tap'
import { followDocument } from '../harness/session.ts'

t.test('docs/first-module.md does what it shows', async t => {
  followDocument(t, 'docs/first-module.md', { tools: ['npm', 'npx', 'make', 'nm'] })
})
