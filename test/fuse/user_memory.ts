import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { ProcessMemory } from '../../src/fuse/user_memory.ts'
import type { Host } from '../../src/host/host.ts'
import { requireTool } from '../harness/require.ts'
import { requireHost } from '../harness/tiny_mount.ts'

// Four pages: one to read and write, one to read only, one that is not there, one without any access.
// It tells where they are, and answers each line with what byte 4095 of the first page is.
const PROGRAM = `
import ctypes, mmap, sys
def say(n):
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
at = libc.mmap(None, 4 * 4096, 3, 0x22, -1, 0)
ctypes.memset(at, 0x61, 2 * 4096)
libc.mprotect(at + 4096, 4096, 1)
libc.munmap(at + 8192, 4096)
libc.mprotect(at + 12288, 4096, 0)
say(at)
for line in sys.stdin:
    say(ctypes.string_at(at + 4095, 1)[0])
`

async function program(t: Test): Promise<{ child: ChildProcess; at: bigint }> {
  const child = spawn('python3', ['-c', PROGRAM])
  t.teardown(() => child.kill('SIGKILL'))
  return { child, at: BigInt(await line(child)) }
}

async function line(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return chunk.toString().trim()
}

const ways: [string, () => Promise<Host | undefined>][] = [
  ['process_vm_readv()', requireHost],
  ['/proc/<pid>/mem', async () => undefined],
]

for (const [way, host] of ways) {
  t.test(`memory of another process through ${way}`, async t => {
    if (!requireTool(t, 'python3')) return
    const { child, at } = await program(t)
    const memory = new ProcessMemory(child.pid ?? 0, await host())

    const bytes = new Uint8Array(10)
    t.equal(memory.read(at, bytes), 10)
    t.same([...bytes], Array(10).fill(0x61))

    t.equal(memory.write(at + 4090n, new Uint8Array(6).fill(0x62)), 6)
    child.stdin?.write('\n')
    t.equal(await line(child), '98', 'the program sees it')

    t.equal(memory.read(Number(at), bytes), 10, 'an address may be a number')
    t.equal(memory.read(at, new Uint8Array(0)), 0)
  })

  t.test(`what is not there ends a transfer, by ${way}`, async t => {
    if (!requireTool(t, 'python3')) return
    const { child, at } = await program(t)
    const memory = new ProcessMemory(child.pid ?? 0, await host())

    t.equal(memory.read(at + 8190n, new Uint8Array(10)), 2, 'up to the end of the page')
    t.equal(memory.read(at + 8192n, new Uint8Array(10)), 0)
    t.equal(memory.read(0n, new Uint8Array(1)), 0, 'NULL')
    t.equal(memory.write(0xffff_8000_0000_0000n, new Uint8Array(1)), 0, 'not a program’s')
    t.equal(memory.read(at, new Uint8Array(12288)), 8192)
  })
}

for (const [way, host] of ways) {
  t.test(`pages that a program may not use are out of reach, by ${way}`, async t => {
    if (!requireTool(t, 'python3')) return
    const { child, at } = await program(t)
    const memory = new ProcessMemory(child.pid ?? 0, await host())
    t.equal(memory.write(at + 4094n, new Uint8Array(4)), 2, 'read-only pages stay')
    t.equal(memory.write(at + 4096n, new Uint8Array(1)), 0)
    t.equal(memory.read(at + 4095n, new Uint8Array(2)), 2)
    t.equal(memory.read(at + 3n * 4096n, new Uint8Array(1)), 0, 'PROT_NONE')
    t.equal(memory.write(at + 3n * 4096n, new Uint8Array(1)), 0)
  })
}

t.test('a transfer may be larger than one call moves', async t => {
  if (!requireTool(t, 'python3')) return
  const child = spawn('python3', [
    '-c',
    'import ctypes, sys; b = ctypes.create_string_buffer(b"z" * 6000000); print(ctypes.addressof(b), flush=True); sys.stdin.read()',
  ])
  t.teardown(() => child.kill('SIGKILL'))
  const at = BigInt(await line(child))
  const bytes = new Uint8Array(6_000_000)
  t.equal(
    new ProcessMemory(child.pid ?? 0, await requireHost()).read(at, bytes),
    6_000_000,
  )
  t.ok(bytes.every(byte => byte === 0x7a))
})

t.test('a process that has ended has no memory', async t => {
  if (!requireTool(t, 'true')) return
  const child = spawn('true')
  await once(child, 'exit')
  for (const host of [await requireHost(), undefined]) {
    t.equal(new ProcessMemory(child.pid ?? 0, host).read(4096n, new Uint8Array(1)), 0)
  }
})
