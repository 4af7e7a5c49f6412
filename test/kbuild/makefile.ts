import t from 'tap'
import { KbuildError } from '../../src/kbuild/errors.ts'
import { Makefile } from '../../src/kbuild/makefile.ts'

const words = (text: string, name: string, defines = {}): string[] =>
  new Makefile(text, 'Kbuild', defines).words(name)

t.test('assignments are those of make', async t => {
  t.same(words('obj-m := a.o b.o # not c.o', 'obj-m'), ['a.o', 'b.o'])
  t.same(words('obj-m = a.o\nobj-m += b.o', 'obj-m'), ['a.o', 'b.o'])
  t.same(words('obj-m += a.o', 'obj-m'), ['a.o'], 'nothing to add to')
  t.same(words('A ?= 1\nA ?= 2', 'A'), ['1'])
  t.same(words('obj-m := a.o \\\n  b.o \\\n  c.o\n', 'obj-m'), ['a.o', 'b.o', 'c.o'])
  t.same(words('A := x\nA := $(A) y', 'A'), ['x', 'y'])
  t.same(words('A = $(B)\nB = later', 'A'), ['later'])
  t.same(words('A = $(A)', 'A'), [], 'a variable that names itself ends')
  t.same(words('', 'obj-m'), [])
})

t.test('unknown variables are empty, so options that are off name nothing', async t => {
  const text = 'obj-$(CONFIG_SCULL) += scull.o\nobj-$(CONFIG_HELLO) += hello.o'
  t.same(words(text, 'obj-m', { CONFIG_SCULL: 'm' }), ['scull.o'])
})

t.test('the stock Makefile of an external module is understood', async t => {
  const text = [
    'ifneq ($(KERNELRELEASE),)',
    'obj-m := ownname.o',
    'ownname-objs := ret-1.o ret-2.o',
    'else',
    'KDIR ?= /lib/modules/$(shell uname -r)/build',
    'obj-m := wrong.o',
    'all:',
    '\t$(MAKE) -C $(KDIR) M=$(PWD) modules',
    'endif',
  ].join('\n')
  const make = new Makefile(text, 'Makefile', { KERNELRELEASE: '6.1.0' })
  t.same(make.words('obj-m'), ['ownname.o'])
  t.same(make.words('ownname-objs'), ['ret-1.o', 'ret-2.o'])
  t.equal(make.place('ownname-objs'), 'Makefile:3')
  t.same(words(text, 'obj-m'), ['wrong.o'])
})

t.test('conditionals nest', async t => {
  const text = [
    'ifdef A',
    'ifeq ($(A),1)',
    'X := one',
    'else',
    'X := other',
    'endif',
    'endif',
    'ifndef A\nX := none\nendif\nifeq \'x\' "x"\nY := y\nendif',
  ].join('\n')
  t.same(words(text, 'X', { A: '1' }), ['one'])
  t.same(words(text, 'X', { A: '2' }), ['other'])
  t.same(words(text, 'X'), ['none'])
  t.same(words(text, 'Y'), ['y'])
})

t.test('mistakes say file and line', async t => {
  const cases: [string, string][] = [
    ['ifdef A', "Kbuild:1: error: missing 'endif'"],
    ['\nendif', "Kbuild:2: error: extraneous 'endif'"],
    ['ifeq nonsense\nendif', 'Kbuild:1: error: invalid syntax in conditional'],
    [
      '\n\nobj-m := $(shell ls)',
      'Kbuild:3: error: Cannot expand "$(shell ls)": only plain variables can be used here',
    ],
  ]
  for (const [text, message] of cases) {
    t.throws(() => words(text, 'obj-m'), { name: KbuildError.name, message })
  }
})
