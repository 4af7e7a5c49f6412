// Under which ids the host knows a device.
import t from 'tap'
import { directory, fixed_inode_operations } from '../../src/fs/inode.ts'
import { Nodes } from '../../src/fuse/nodes.ts'

const inode = () => directory(0o755, fixed_inode_operations)

t.test('each open of a device has an id of its own', async t => {
  const nodes = new Nodes(inode())
  const device = inode()
  const first = nodes.lookupToOpen(device)
  const second = nodes.lookupToOpen(device)
  t.not(first, second)
  t.not(nodes.lookup(device, 'mount'), first, 'and another one is for looking at it')
})

t.test('a crowd shares ids, of those that nobody has opened yet', async t => {
  const nodes = new Nodes(inode())
  const device = inode()
  const ids = Array.from({ length: 1000 }, () => nodes.lookupToOpen(device))
  const known = new Set(ids)
  t.ok(known.size < 100, `${known.size} ids for 1000 lookups`)

  const shared = ids.at(-1) as number
  nodes.opened(shared, false)
  t.not(nodes.lookupToOpen(device), shared)
})

t.test('when the crowd has gone, each open has an id of its own again', async t => {
  const nodes = new Nodes(inode())
  const device = inode()
  const before = nodes.size
  for (const id of Array.from({ length: 1000 }, () => nodes.lookupToOpen(device))) {
    nodes.forget(id, 1)
  }
  t.equal(nodes.size, before)
  t.not(nodes.lookupToOpen(device), nodes.lookupToOpen(device))
})
