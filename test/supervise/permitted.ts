// Which of the host's switches is named when user namespaces are not permitted.
import t from 'tap'
import { whyNoUserNamespace } from '../../src/supervise/permitted.ts'

t.test('the switch that forbids user namespaces is named, with its remedy', async t => {
  const rows: [name: string, value: string, remedy: string][] = [
    ['user.max_user_namespaces', '0', '15000'],
    ['kernel.unprivileged_userns_clone', '0', '1'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
  ]
  for (const [name, value, remedy] of rows) {
    const text = whyNoUserNamespace('unshare failed', one => (one === name ? value : '9'))
    t.ok(text.includes(`user namespaces are turned off (${name} is ${value})`), text)
    t.ok(text.includes(`have root say: sysctl ${name}=${remedy}; without it`), text)
  }
})

t.test('where no switch is to blame, it is what unshare(1) said', async t => {
  const text = whyNoUserNamespace(
    'unshare failed: No space left on device',
    () => undefined,
  )
  t.match(text, /not permitted \(unshare failed: No space left on device\); be root/)
})
