import t from 'tap'
import { maskSource, scanSource } from '../../src/kbuild/scan.ts'

t.test('scanSource() finds names declared without a body at top level', async t => {
  const facts = scanSource(
    [
      "import type { x } from './x.ts'",
      'export declare const printk: (fmt: string) => number',
      'export declare function f(a: number): void',
      'export declare function f(a: string): void',
      'declare let jiffies: number; declare const $odd: { a: 1; b: 2 }',
      'declare global {',
      '  var inner: number',
      '  declare const nested: number',
      '}',
      'export declare class NotASymbol {}',
      'export const body = () => printk(`',
      'declare const inTemplate: ${ "declare const x" }',
      '`)',
      '// declare const inComment: number',
      '/*',
      'declare const inBlock: number',
      '*/',
      'const re = /[/"]/; declare const afterRegExp: number',
      'const half = 1 / 2 / "declare const inString"',
    ].join('\n'),
  )
  t.same(facts.exportedExterns, ['printk', 'f'])
  t.same(facts.ownExterns, ['jiffies', '$odd', 'afterRegExp'])
})

t.test('scanSource() finds EXPORT_SYMBOL calls and what they export', async t => {
  const source = [
    'export async function read(a: number,',
    "  b = '{'): Promise<number> { return a }",
    'let count: number = 5',
    'EXPORT_SYMBOL(read)',
    'EXPORT_SYMBOL_GPL( count ); EXPORT_SYMBOL(imported)',
    'function f() {',
    '  EXPORT_SYMBOL(notHere)',
    '}',
  ].join('\n')
  const calls = scanSource(source).exportSymbols

  t.same(
    calls.map(({ name }) => name),
    ['read', 'count', 'imported'],
  )
  for (const { end } of calls) t.equal(source.charAt(end), ')')
  t.equal(calls[1]?.signature, 'let count:number')
  t.equal(calls[2]?.signature, 'imported', 'declared elsewhere')
})

t.test('a signature does not change with layout, but with types', async t => {
  const signature = (source: string): string | undefined =>
    scanSource(`${source}\nEXPORT_SYMBOL(f)`).exportSymbols[0]?.signature

  t.equal(
    signature('export function f(a: number):\n  void {}'),
    signature('export  function f(a: number): void { return }'),
  )
  t.not(signature('function f(a: number) {}'), signature('function f(a: string) {}'))
})

t.test('maskSource() keeps length and lines', async t => {
  const source = "a /* x\ny */ = 'it\\'s' + `b${`c${1}`}` / d // e"
  const masked = maskSource(source)
  t.equal(masked.length, source.length)
  t.equal(masked, "a     \n     = '     ' + `           ` / d     ")
})
