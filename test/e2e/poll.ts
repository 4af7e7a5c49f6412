// poll(2), select(2) and epoll(7) on devices, as programs of the host make them.
import t from 'tap'
import { bootMounted } from '../harness/mounted.ts'
import { MANY } from '../harness/poll_driver.ts'
import { requireTool } from '../harness/require.ts'
import { requireTransport } from '../harness/transport.ts'

const HEAD = `
import os, select, signal
from select import *
many = os.open("mnt/dev/many", os.O_RDWR)
control = os.open("mnt/dev/many", os.O_RDWR)
plain = os.open("mnt/dev/plain", os.O_RDWR)
def now(words): os.write(control, words.encode())
def ask(events, fd=many, time=0):
  p = poll(); p.register(fd, events); return [e for _, e in p.poll(time)]
`

async function python(t: Parameters<typeof bootMounted>[0], program: string) {
  const { out, build } = bootMounted(t)
  out(`modbox insmod ${await build('many', MANY)}`)
  return out(`python3 -c '${HEAD}${program}'`).trim().split('\n')
}

t.test('events, those that are told in any case, and nonsense', async t => {
  if (!requireTransport(t, 'poll')) return
  if (!requireTool(t, 'python3')) return
  const said = await python(
    t,
    `
print(ask(POLLIN | POLLOUT), ask(POLLIN, time=20), ask(POLLIN | POLLOUT | POLLPRI, plain))
now("in pri out"); print(ask(POLLIN | POLLPRI) == [POLLIN | POLLPRI], ask(POLLHUP))
now("hup err"); print(ask(POLLIN) == [POLLHUP | POLLERR], select([many], [many], [many], 0) == ([many], [many], []))
now("bad"); print(ask(POLLPRI) == [POLLPRI | POLLERR])
twin = os.dup(many); now("in"); print(ask(POLLIN, twin))
`,
  )
  t.strictSame(said, ['[] [] [5]', 'True []', 'True True', 'True', '[1]'])
})

t.test('epoll: level, edge, one shot, pollers of one file', async t => {
  if (!requireTransport(t, 'poll')) return
  if (!requireTool(t, 'python3')) return
  const said = await python(
    t,
    `
level = epoll(); level.register(many, EPOLLIN)
edge = epoll(); edge.register(many, EPOLLIN | EPOLLET)
once = epoll(); once.register(many, EPOLLIN | EPOLLONESHOT)
def each(): return [[e for _, e in one.poll(0)] for one in (level, edge, once)]
print(each()); now("in"); print(each()); print(each())
now("in"); print(each()); now("none"); print(each())
once.modify(many, EPOLLIN | EPOLLONESHOT); now("in hup"); print(each())
any = epoll(); any.register(plain, EPOLLIN); print(any.poll(0) == [(plain, EPOLLIN)])
`,
  )
  t.strictSame(said, [
    '[[], [], []]',
    '[[1], [1], [1]]',
    '[[1], [], []]',
    '[[1], [1], []]',
    '[[], [], []]',
    '[[17], [17], [17]]',
    'True',
  ])
})

t.test(
  'EPOLLEXCLUSIVE, keys: what only the driver’s own queue could keep apart',
  async t => {
    if (!requireTransport(t, 'poll')) return
    if (!requireTool(t, 'python3')) return
    const said = await python(
      t,
      `
files = [os.open("mnt/dev/many", os.O_RDWR) for _ in range(3)]
crowd = []
for fd in files:
  one = epoll(); one.register(fd, EPOLLIN | EPOLLEXCLUSIVE); crowd.append(one)
children = []
for one in crowd:
  pid = os.fork()
  if pid == 0: os._exit(len(one.poll(5)))
  children.append(pid)
now("in")
print(sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children))
edge = epoll(); edge.register(many, EPOLLIN | EPOLLET)
print(len(edge.poll(0)))
now("in out keyed"); print(len(edge.poll(0)))
now("out keyed"); print(len(edge.poll(0)))
`,
    )
    t.strictSame(said, ['3', '1', '1', '0'])
  },
)
