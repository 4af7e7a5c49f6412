// What the documents name is there: files, npm scripts, commands, headers.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { stop } from 'esbuild'
import t from 'tap'
import { kbuild } from '../src/kbuild/kbuild.ts'
import { COMMANDS } from '../src/tools/cli.ts'

const root = resolve(import.meta.dirname, '..')

/** npm's own commands, which need no entry in package.json. */
const NPM_COMMANDS = ['ci', 'install']
/** A path in one of these is a path of this package. */
const FOLDERS = readdirSync(root, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && !['mnt', 'dist'].includes(entry.name))
  .map(entry => entry.name)

const documents = [...markdown('.'), ...markdown('docs')]
const sources = new Set(
  ['src', 'drivers', 'test', 'scripts', 'bench', '.'].flatMap(folder =>
    readdirSync(join(root, folder), {
      recursive: folder !== '.',
      encoding: 'utf8',
    }).map(name => basename(name)),
  ),
)

for (const document of documents) {
  const text = readFileSync(join(root, document), 'utf8')
  const code = [...inlineCode(text), ...blocks(text)]

  t.test(`${document}: every file it names exists`, async t => {
    for (const word of inlineCode(text).flatMap(words)) {
      if (isPath(word)) t.ok(existsSync(join(root, word)), word)
      else if (/^[\w.]+\.(?:ts|json|md)$/.test(word)) t.ok(sources.has(word), word)
    }
    for (const link of links(text)) {
      t.ok(existsSync(join(root, dirname(document), link)), `link to ${link}`)
    }
  })

  t.test(`${document}: every npm script it names exists`, async t => {
    const scripts = [...Object.keys(packageScripts()), ...NPM_COMMANDS]
    for (const name of matches(code, /\bnpm (?:run )?([a-z][a-z:-]*)/g)) {
      t.ok(scripts.includes(name), `npm run ${name}`)
    }
  })

  t.test(`${document}: every command it names exists`, async t => {
    for (const name of matches(code, /\bmodbox ([a-z]+)(?![\w.:/])/g)) {
      t.ok(Object.hasOwn(COMMANDS, name), `modbox ${name}`)
    }
  })

  t.test(`${document}: every header it names exists`, async t => {
    for (const name of matches([text], /#linux\/(\w+)/g)) {
      t.ok(existsSync(join(root, 'src/include/linux', `${name}.ts`)), `#linux/${name}`)
    }
  })
}

t.test('the documents a reader expects are there', async t => {
  for (const name of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    t.ok(documents.includes(name), name)
  }
})

t.test('docs/porting.md: its driver builds, types and all', async t => {
  const text = readFileSync(join(root, 'docs/porting.md'), 'utf8')
  const [source] = matches([text], /^```ts mailbox\.ts\n([^]*?)^```/gm)
  const dir = t.testdir({ Kbuild: 'obj-m := mailbox.o\n', 'mailbox.ts': source ?? '' })
  t.teardown(stop) // esbuild's service
  const { modules } = await kbuild(dir, { check: true })
  t.strictSame(
    modules.map(({ name }) => name),
    ['mailbox'],
  )
})

function markdown(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name))
}

function packageScripts(): Record<string, string> {
  const text = readFileSync(join(root, 'package.json'), 'utf8')
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts
}

/** Text between single backticks, outside blocks. */
function inlineCode(text: string): string[] {
  return matches([text.replace(/^```[^]*?^```/gm, '')], /`([^`\n]+)`/g)
}

/** What is between fences, but for TypeScript and C. */
function blocks(text: string): string[] {
  return matches([text], /^```(?:console|sh|)\n([^]*?)^```/gm)
}

function links(text: string): string[] {
  return matches([text], /\]\((?!https?:)([^)#]+)[^)]*\)/g)
}

function words(code: string): string[] {
  return code.split(/[\s,:()]+/)
}

/** Is it a path in this package, without wildcards, that is not made by a build? */
function isPath(word: string): boolean {
  const [top = ''] = word.split('/')
  return (
    word.includes('/') &&
    FOLDERS.includes(top) &&
    !/[*<>…{}]|\.ko$|Module\.symvers/.test(word)
  )
}

function matches(texts: string[], pattern: RegExp): string[] {
  return texts.flatMap(text => [...text.matchAll(pattern)].map(([, found = '']) => found))
}
