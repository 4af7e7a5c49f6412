import t from 'tap'
import { signatureOf } from '../../src/kbuild/signature.ts'

t.test('a signature changes with types, whatever way they are written', async t => {
  const changes: [string, string][] = [
    ['function f(a: number): void {}', 'function f(a: string): void {}'],
    ['function f(): number { return 1 }', 'function f(): string { return 1 }'],
    ['function f(o: { a: number }): void {}', 'function f(o: { a: string }): void {}'],
    ['function f(): { a: number } { }', 'function f(): { a: string } { }'],
    ['const f = (a: number): number => a', 'const f = (a: string): number => a'],
    [
      'const f = async (): Promise<number> => 1',
      'const f = async (): Promise<string> => 1',
    ],
    ['let f: number = 1', 'let f: string = 1'],
    ["let f: 'a' | 'b' = 1", "let f: 'a' | 'c' = 1"],
    [
      'interface P { x: number }\nfunction f(p: P): void {}',
      'interface P { x: string }\nfunction f(p: P): void {}',
    ],
    [
      'interface P { q: Q }\ntype Q = { z: number }\nfunction f(p: P): void {}',
      'interface P { q: Q }\ntype Q = { z: string }\nfunction f(p: P): void {}',
    ],
    ['function f(a = (b: number) => b) {}', 'function f(a = (b: string) => b) {}'],
  ]
  for (const [before, after] of changes) {
    t.not(signatureOf(before, 'f'), signatureOf(after, 'f'), before)
  }
})

t.test('a signature does not change with bodies, values and layout', async t => {
  const same: [string, string][] = [
    ['function f(a: number): void { one() }', 'function f(a: number): void { two() }'],
    ['const f = (a: number): number => a', 'const f = (a: number): number => a + 1'],
    ['let f: number = 1', 'let f: number = 2'],
    [
      'function f(a: number, b: number) {}',
      'function f(\n  a: number,\n  b: number,\n) {}',
    ],
    ['function f() {}', 'function g() {}\nfunction f() {}'],
    ['function f() {}', 'interface P { x: number }\nfunction f() {}'],
  ]
  for (const [before, after] of same) {
    t.equal(signatureOf(before, 'f'), signatureOf(after, 'f'), before)
  }
})
