// Layouts of structs are gcc's: the same members are declared to both, set to the same values, and
// sizes, offsets and bytes compared. By hand, and at random from a seed.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import {
  aligned,
  array,
  bytes_of,
  offsetof,
  packed,
  struct,
  type struct_options,
  type struct_type,
  union,
  unnamed,
} from '../../src/include/linux/struct.ts'
import { Random } from '../fuzz/random.ts'
import { requireTool } from '../harness/require.ts'

const SEED = 20261121
const HOW_MANY = 400

type Declarations = Parameters<typeof struct>[0]
type Values = Record<string, unknown>

/** One struct in both languages, and values for its members. */
interface Pair {
  /** The C text between `struct {` and `};`. */
  body: string
  /** Attributes behind the brace. */
  attributes: string
  type: struct_type<Values>
  values: Values
  /** C statements that set the same values in `s`. */
  sets: string[]
  /** Members that have an address. */
  members: string[]
}

const INTEGERS = [
  'char',
  'signed char',
  'unsigned char',
  'short',
  'unsigned short',
  'int',
  'unsigned int',
  'long',
  'unsigned long',
  'long long',
  'unsigned long long',
  '_Bool',
  'u8',
  's16',
  'u32',
  's64',
] as const
/** What C allows to have bits on x86-64. */
const WIDTHS: Record<string, number> = { char: 8, short: 16, int: 32, long: 64 }

class Generator {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  pair(depth = 0): Pair {
    const members = new Members()
    const isUnion = this.#random.below(6) === 0
    for (let i = this.#random.below(7) + 1; i > 0; i--) this.#member(members, depth)
    const { text, options } = this.#attributes()
    const declared = members.declared as Declarations
    const type = (isUnion ? union : struct)(declared, options)
    const kept = isUnion ? members.last : members
    return {
      body: `${isUnion ? 'union' : 'struct'} {\n${members.text}}`,
      attributes: text,
      type: type as struct_type<Values>,
      values: kept.values,
      sets: kept.sets,
      members: members.addressed,
    }
  }

  #member(members: Members, depth: number): void {
    const kind = this.#random.below(10)
    if (kind < 4) this.#scalar(members)
    else if (kind < 7) this.#bits(members)
    else if (kind < 8) this.#array(members)
    else if (depth < 2) this.#nested(members, depth)
  }

  #scalar(members: Members): void {
    const type = this.#random.below(8) === 0 ? 'void *' : this.#random.pick(INTEGERS)
    const value = this.#value(type)
    const name = members.next()
    const set = `s.${name} = (${type})${value}LL;`
    const way = this.#random.below(8)
    if (way === 0) {
      const n = 1 << this.#random.below(5)
      const text = `${type} ${name} __attribute__((aligned(${n})));`
      return members.add(name, text, aligned(type, n), value, set)
    }
    if (way === 1) {
      const text = `${type} ${name} __attribute__((packed));`
      return members.add(name, text, packed(type), value, set)
    }
    members.add(name, `${type} ${name};`, type, value, set)
  }

  #bits(members: Members): void {
    const bare = this.#random.pick(Object.keys(WIDTHS))
    const sign = this.#random.pick(['signed ', 'unsigned '])
    const type =
      bare === 'char' ? `${sign}char` : sign === 'signed ' ? bare : `unsigned ${bare}`
    const width = this.#random.below((WIDTHS[bare] ?? 0) + 1)
    const declared = `${type}:${width}` as 'int:1'
    const name = members.next()
    if (width === 0) return members.hide(name, `${type} : 0;`, declared)
    if (this.#random.below(6) === 0) {
      return members.hide(name, `${type} : ${width};`, unnamed(declared))
    }
    const value = width === 64 ? this.#random.u32() : this.#random.u32() % 2 ** width
    const fits =
      sign === 'signed ' && value >= 2 ** (width - 1) ? value - 2 ** width : value
    const set = `s.${name} = ${fits}LL;`
    const way = this.#random.below(8)
    const n = 1 << this.#random.below(5)
    const [attribute, as] =
      way === 0
        ? ['__attribute__((packed))', packed(declared)]
        : way === 1
          ? [`__attribute__((aligned(${n})))`, aligned(declared, n)]
          : ['', declared]
    const text = `${type} ${name} : ${width} ${attribute};`
    members.add(name, text, as, fits, set, false)
  }

  #array(members: Members): void {
    const n = this.#random.below(5) + 1
    const name = members.next()
    if (this.#random.below(3) === 0) {
      const text = 'abcdefgh'.slice(0, this.#random.below(n + 1))
      const set = `memcpy(s.${name}, "${text}", ${text.length});`
      return members.add(name, `char ${name}[${n}];`, `char[${n}]`, text, set)
    }
    const type = this.#random.pick(['short', 'u8', 's64', 'unsigned int'] as const)
    const values = Array.from({ length: n }, () => this.#value(type))
    const set = values.map((value, i) => `s.${name}[${i}] = ${value}LL;`).join(' ')
    members.add(name, `${type} ${name}[${n}];`, `${type}[${n}]`, values, set)
  }

  #nested(members: Members, depth: number): void {
    const inner = this.pair(depth + 1)
    const name = members.next()
    const head = `${inner.body} ${inner.attributes}`
    const inside = inner.sets.map(set => set.replaceAll('s.', `s.${name}.`))
    if (this.#random.below(2) === 0) {
      const text = `${head} ${name};`
      return members.add(name, text, inner.type, inner.values, inside.join(' '))
    }
    const second = inside.map(set => set.replaceAll(`s.${name}.`, `s.${name}[1].`))
    const values = [{}, inner.values]
    const text = `${head} ${name}[2];`
    // gcc refuses arrays of what is less large than it is aligned; there is none like that here.
    members.add(name, text, array(inner.type, 2), values, second.join(' '))
  }

  #attributes(): { text: string; options: struct_options } {
    const kind = this.#random.below(6)
    if (kind === 0) return { text: '__attribute__((packed))', options: { packed: true } }
    const n = 1 << this.#random.below(6)
    if (kind === 1) {
      return { text: `__attribute__((aligned(${n})))`, options: { aligned: n } }
    }
    if (kind === 2) {
      const text = `__attribute__((packed, aligned(${n})))`
      return { text, options: { packed: true, aligned: n } }
    }
    return { text: '', options: {} }
  }

  #value(type: string): number {
    if (type === '_Bool') return 1
    const value = this.#random.u32()
    return /char|8/.test(type)
      ? value & 0x7f
      : /short|16/.test(type)
        ? value & 0x7fff
        : value >>> 1
  }
}

/** The members of one struct, as they are added. */
class Members {
  declared: Record<string, unknown> = {}
  values: Values = {}
  sets: string[] = []
  addressed: string[] = []
  text = ''
  #n = 0

  next(): string {
    return `m${this.#n++}`
  }

  add(
    name: string,
    text: string,
    declared: unknown,
    value: unknown,
    set: string,
    addressed = true,
  ): void {
    this.hide(name, text, declared)
    this.values[name] = value
    this.sets.push(set)
    if (addressed) this.addressed.push(name)
  }

  hide(name: string, text: string, declared: unknown): void {
    this.declared[name] = declared
    this.text += `${text}\n`
  }

  /** Of a union only one member can be set. */
  get last(): { values: Values; sets: string[] } {
    const name = Object.keys(this.values).at(-1)
    if (name === undefined) return { values: {}, sets: [] }
    return { values: { [name]: this.values[name] }, sets: this.sets.slice(-1) }
  }
}

const HEAD = `#include <stddef.h>
#include <stdio.h>
#include <string.h>
typedef unsigned char u8; typedef short s16; typedef unsigned u32; typedef long long s64;
static void dump(const void *p, size_t n)
{ const unsigned char *b = p; while (n--) printf("%02x", *b++); printf("\\n"); }
`

/** What gcc makes of each: size, alignment, offsets; then the bytes. */
function askGcc(t: Test, pairs: Pair[]): string[][] {
  const parts = pairs.map(
    ({ body, attributes, sets, members }, i) => `static void f${i}(void) {
  static ${body.replace(/^(\w+)/, `$1 s${i}`)} ${attributes} s;
  printf("%zu %zu", sizeof s, _Alignof(__typeof__(s)));
  ${members.map(name => `printf(" %zu", offsetof(__typeof__(s), ${name}));`).join('\n  ')}
  printf("\\n");
  memset(&s, 0, sizeof s);
  ${sets.join('\n  ')}
  dump(&s, sizeof s);
}`,
  )
  const calls = pairs.map((_pair, i) => `f${i}();`).join('\n')
  const dir = t.testdir()
  const source = join(dir, 'layout.c')
  writeFileSync(
    source,
    `${HEAD}${parts.join('\n')}\nint main(void) {\n${calls}\nreturn 0; }\n`,
  )
  const program = join(dir, 'layout')
  execFileSync('gcc', ['-w', '-Wno-packed-bitfield-compat', '-O0', '-o', program, source])
  const lines = execFileSync(program, { encoding: 'utf8' }).trimEnd().split('\n')
  return pairs.map((_pair, i) => lines.slice(2 * i, 2 * i + 2))
}

function ours({ type, values, members }: Pair): string[] {
  const { sizeof: size } = type
  const align = struct({ pad: 'char', one: type })
  const numbers = [
    size,
    offsetof(align, 'one'),
    ...members.map(name => offsetof(type, name)),
  ]
  return [
    numbers.join(' '),
    Buffer.from(bytes_of(new type(values as object))).toString('hex'),
  ]
}

t.test('random structs lie in memory as gcc lays them out', async t => {
  if (!requireTool(t, 'gcc')) return
  const generator = new Generator(SEED)
  const pairs = Array.from({ length: HOW_MANY }, () => generator.pair())
  const theirs = askGcc(t, pairs)
  let equal = 0
  for (const [i, pair] of pairs.entries()) {
    const [expected, found] = [theirs[i] ?? [], ours(pair)]
    if (expected.join() === found.join()) equal++
    else t.strictSame(found, expected, `${pair.body} ${pair.attributes}`)
  }
  t.equal(equal, HOW_MANY, `of ${HOW_MANY} structs, seed ${SEED}`)
})
