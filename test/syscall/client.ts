import t from 'tap'
import { Machine, decodeAnswer, encodeRequest } from '../../src/syscall/client.ts'
import { MachineError } from '../../src/syscall/machine_error.ts'
import type { Transport } from '../../src/syscall/client.ts'

t.test('a request is a line of JSON and its payload', async t => {
  const request = { call: 'init_module', payload: 3, params: 'a=1', flags: 0 } as const
  const bytes = encodeRequest(request, new Uint8Array([0x7f, 0x0a, 0xff]))
  t.equal(
    bytes.toString('latin1'),
    '{"call":"init_module","payload":3,"params":"a=1","flags":0}\n\x7f\n\xff',
  )
})

t.test('decodeAnswer() waits for the whole answer', async t => {
  const whole = Buffer.from('{"ret":5,"payload":5}\nab\ncd')
  for (let n = 0; n < whole.length; n++) {
    t.equal(decodeAnswer(whole.subarray(0, n)), undefined, `${n} bytes`)
  }
  const answer = decodeAnswer(whole)
  t.same(answer?.reply, { ret: 5, payload: 5 })
  t.equal(answer?.payload.toString(), 'ab\ncd')
  t.same(decodeAnswer(Buffer.from('{"ret":-22}\n'))?.reply, { ret: -22 })
  t.throws(
    () => decodeAnswer(Buffer.from('{"call":"status"}\n')),
    /an answer that is none/,
  )
})

t.test('Machine makes the calls of the protocol', async t => {
  const sent: unknown[] = []
  const transport: Transport = (request, payload) => {
    sent.push(request, payload.length)
    return { reply: { ret: -17 }, payload: Buffer.from('text') }
  }
  const machine = new Machine('/m', 1, transport)

  t.equal(machine.finitModule(new Uint8Array(7), 'a=1', 3), -17)
  t.equal(machine.deleteModule('hello', 0o4000), -17)
  t.same(machine.syslog(3, 100), { ret: -17, text: Buffer.from('text') })
  t.equal(machine.reboot(), -17)
  t.throws(
    () => machine.status(),
    /Cannot get the status of the machine at \/m: error 17/,
  )
  t.same(sent, [
    { call: 'finit_module', payload: 7, params: 'a=1', flags: 3 },
    7,
    { call: 'delete_module', name: 'hello', flags: 0o4000 },
    0,
    { call: 'syslog', type: 3, len: 100 },
    0,
    { call: 'reboot' },
    0,
    { call: 'status' },
    0,
  ])
  t.equal(machine.path('proc', 'modules'), '/m/proc/modules')
})

t.test('a machine without dev/modbox cannot be called', async t => {
  const machine = new Machine(t.testdir())
  t.throws(
    () => machine.deleteModule('x', 0),
    /Cannot call the machine at .*: ENOENT on dev\/modbox/,
  )
})

t.test('reboot() is done when the machine is gone before it answered', async t => {
  const gone = (code: string) =>
    new Machine('/m', 1, () => {
      throw new MachineError('gone', code)
    })
  t.equal(gone('ENOTCONN').reboot(), 0)
  t.throws(() => gone('EACCES').reboot(), /gone/)
})
