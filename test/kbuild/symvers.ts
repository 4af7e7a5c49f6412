import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { kernelSymbols } from '../../scripts/symvers.ts'
import { formatSymvers, parseSymvers } from '../../src/kbuild/symvers.ts'
import type { SymversEntry } from '../../src/kbuild/symvers.ts'

const root = resolve(import.meta.dirname, '../..')

t.test('Module.symvers has the format of Linux', async t => {
  const entries: SymversEntry[] = [
    { name: 'printk', crc: 0x0badcafe, module: 'vmlinux', gpl: false, namespace: '' },
    { name: 'foo', crc: 1, module: 'drivers/syma', gpl: true, namespace: 'NS' },
  ]
  const text =
    '0x0badcafe\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n' +
    '0x00000001\tfoo\tdrivers/syma\tEXPORT_SYMBOL_GPL\tNS\n'
  t.equal(formatSymvers(entries), text)
  t.same(parseSymvers(text), entries)
})

t.test('a line that makes no sense is named', async t => {
  for (const line of [
    'printk',
    '0x1\tprintk\tvmlinux\tEXPORT',
    'x\ta\tb\tEXPORT_SYMBOL',
  ]) {
    t.throws(() => parseSymvers(`\n${line}\n`, 'My.symvers'), {
      name: 'KbuildError',
      message: 'My.symvers:2: parse error in symbol dump file',
    })
  }
})

t.test('each name a header declares without a body is a symbol', async t => {
  const symbols = new Map(kernelSymbols(root).map(symbol => [symbol.name, symbol]))
  const folder = join(root, 'src/include/linux')
  for (const name of readdirSync(folder)) {
    const source = readFileSync(join(folder, name), 'utf8')
    for (const [, extern = ''] of source.matchAll(
      /^export declare (?:const|function) (\w+)/gm,
    )) {
      t.ok(symbols.has(extern), `${extern} of ${name}`)
    }
  }
  t.match(symbols.get('_printk'), { module: 'vmlinux', gpl: false, namespace: '' })
  t.equal(symbols.get('MKDEV'), undefined, 'a name with a body is compiled in')
  t.ok(symbols.has('module_layout'))
  t.not(symbols.get('cdev_add')?.crc, symbols.get('cdev_del')?.crc)
})

t.test('the CRC follows the signature, and GPL-only lists are found', async t => {
  const tree = (parameter: string): string =>
    t.testdir({
      'tsconfig.json': readFileSync(join(root, 'tsconfig.json'), 'utf8'),
      src: {
        include: {
          linux: {
            'x.ts':
              "import type { Things } from '../../things.ts'\n" +
              "export declare const take: Things['take']\n" +
              "export declare const same: Things['same']\n",
          },
        },
        'things.ts':
          'export class Things {\n' +
          "  static readonly EXPORT_SYMBOL = ['take'] as const\n" +
          "  static readonly EXPORT_SYMBOL_GPL = ['same'] as const\n" +
          `  take(n: ${parameter}): void {}\n  same(): void {}\n}\n`,
      },
    })
  const [same1, take1] = withoutLayout(kernelSymbols(tree('number')))
  const [same2, take2] = withoutLayout(kernelSymbols(tree('string')))

  t.match([same1?.name, take1?.name], ['same', 'take'])
  t.match([same1?.gpl, take1?.gpl], [true, false])
  t.equal(same1?.crc, same2?.crc)
  t.not(take1?.crc, take2?.crc)
})

function withoutLayout(symbols: SymversEntry[]): SymversEntry[] {
  return symbols.filter(({ name }) => name !== 'module_layout')
}
