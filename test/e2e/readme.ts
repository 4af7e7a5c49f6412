// The README's session.
import t from 'tap'
import { followDocument } from '../harness/session.ts'

t.test('the README does what it shows', async t => {
  followDocument(t, 'README.md', { tools: ['npm', 'npx', 'xxd'] })
})
