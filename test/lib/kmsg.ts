import t from 'tap'
import {
  decodeText,
  encodeText,
  escapeText,
  formatKmsgRecord,
  formatSyslogRecord,
  formatTime,
  parseKmsg,
  parseSyslog,
  unescapeText,
} from '../../src/lib/kmsg.ts'
import type { LogRecord } from '../../src/lib/kmsg.ts'

const hello: LogRecord = {
  seq: 403,
  usec: 5726126,
  level: 6,
  facility: 0,
  cont: false,
  text: 'hello: Hello, world',
}

t.test('formatKmsgRecord() and parseKmsg() are each other’s reverse', async t => {
  const rows = new Map<string, LogRecord>([
    ['6,403,5726126,-;hello: Hello, world\n', hello],
    [
      '4,403,5726126,c;late cont\n',
      { ...hello, level: 4, cont: true, text: 'late cont' },
    ],
    ['30,403,5726126,-;daemon\n', { ...hello, facility: 3, text: 'daemon' }],
    ['999,403,5726126,-;big\n', { ...hello, level: 7, facility: 124, text: 'big' }],
    ['6,403,5726126,-;\n', { ...hello, text: '' }],
    ['6,403,5726126,-;one\\x0a\\x0atwo\n', { ...hello, text: 'one\n\ntwo' }],
    [
      '6,403,5726126,-;attrclass attrdev0: text\n SUBSYSTEM=attrclass\n DEVICE=+attrclass:attrdev0\n',
      {
        ...hello,
        text: 'attrclass attrdev0: text',
        dict: [
          ['SUBSYSTEM', 'attrclass'],
          ['DEVICE', '+attrclass:attrdev0'],
        ],
      },
    ],
  ])
  for (const [line, record] of rows) {
    t.equal(formatKmsgRecord(record), line)
    t.same(parseKmsg(line), [record])
  }
  t.same(parseKmsg([...rows.keys()].join('')), [...rows.values()], 'many in one chunk')
})

t.test('parseKmsg() leaves out what is no record', async t => {
  t.same(parseKmsg(''), [])
  t.same(parseKmsg(' KEY=value\nnonsense\n'), [])
  t.match(parseKmsg('6,1,2,-,caller=T1;text\n'), [{ seq: 1, text: 'text' }])
})

t.test('escapeText() writes unprintable bytes as \\xNN', async t => {
  const rows = new Map([
    ['plain ~ text', 'plain ~ text'],
    ['tab[\t] cr[\r] bell[\x07]', 'tab[\\x09] cr[\\x0d] bell[\\x07]'],
    ['esc[\x1b[1m] del[\x7f]', 'esc[\\x1b[1m] del[\\x7f]'],
    ['utf8[é] backslash[\\] quote["]', 'utf8[\\xc3\\xa9] backslash[\\x5c] quote["]'],
    ['hi[\udcff]', 'hi[\\xff]'],
    ['\x013embedded', '\\x013embedded'],
  ])
  for (const [text, escaped] of rows) {
    t.equal(escapeText(text), escaped)
    t.equal(unescapeText(escaped), text)
  }
})

t.test('decodeText() keeps every byte', async t => {
  const rows = new Map([
    ['61c3a9', 'aé'],
    ['61ff62', 'a\udcffb'],
    ['e282ac80', '€\udc80'],
    ['f09f9880c3', '😀\udcc3'],
    ['efbbbf61', '\ufeffa'],
    ['edb080', '\udced\udcb0\udc80'],
  ])
  for (const [hex, text] of rows) {
    t.equal(decodeText(Buffer.from(hex, 'hex')), text)
    t.equal(encodeText(text).toString('hex'), hex)
  }
})

t.test('formatSyslogRecord() gives each line its own prefix', async t => {
  t.equal(formatSyslogRecord(hello), '<6>[    5.726126] hello: Hello, world\n')
  t.equal(
    formatSyslogRecord({ ...hello, facility: 1, text: 'a\n\nb' }),
    '<14>[    5.726126] a\n<14>[    5.726126] \n<14>[    5.726126] b\n',
  )
})

t.test('parseSyslog() takes lines with and without level and time', async t => {
  const [first, second, third, ...rest] = parseSyslog(
    '[12345.000001] [x] y\n<6>[    5.726126] hello\n  more\n<12>  indented\n',
  )
  t.match(first, { level: -1, facility: -1, usec: 12345000001, text: '[x] y', seq: 0 })
  t.match(second, { level: 6, facility: 0, usec: 5726126, text: 'hello\n  more', seq: 1 })
  t.match(third, { level: 4, facility: 1, usec: 0, text: '  indented', seq: 2 })
  t.same(rest, [])
})

t.test('formatTime() has five places for the seconds, and more if needed', async t => {
  t.equal(formatTime(0), '    0.000000')
  t.equal(formatTime(5726126), '    5.726126')
  t.equal(formatTime(123456789012345), '123456789.012345')
})
