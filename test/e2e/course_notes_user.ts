// The labs of a course, in `modbox shell` of an ordinary user.
import t from 'tap'
import { requireNobody } from '../harness/nobody.ts'
import { followDocument, IN_MODBOX_SHELL } from '../harness/session.ts'

t.test('an ordinary user can type docs/course-notes.md, too', async t => {
  if (!requireNobody(t)) return
  followDocument(t, 'docs/course-notes.md', { tools: IN_MODBOX_SHELL, asNobody: true })
})
