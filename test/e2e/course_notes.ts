// The labs of a course, in `modbox shell`.
import t from 'tap'
import { followDocument, IN_MODBOX_SHELL } from '../harness/session.ts'

t.test('docs/course-notes.md does what it shows', async t => {
  followDocument(t, 'docs/course-notes.md', { tools: IN_MODBOX_SHELL })
})
