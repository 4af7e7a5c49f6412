// Makes dist/kerneld.js, which is src/kerneld.ts with all that it imports, and the index of it that
// src/bundle.ts reads. Part of `npm run build`.

import { writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapping } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type BundleIndex, bundleFile, bundleIndexFile } from '../src/bundle.ts'
import { packageRoot } from '../src/package.ts'

/** Of node, the oldest that package.json allows. */
const TARGET = 'node20.19'

async function main(): Promise<void> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: packageRoot(),
    entryPoints: [join('src', 'kerneld.ts')],
    outfile: bundleFile(),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: TARGET,
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  for (const { path, contents } of outputFiles) writeFileSync(path, contents)
  const textOf = (file: string) =>
    outputFiles.find(({ path }) => path === file)?.text ?? ''
  const lines = textOf(bundleFile()).split('\n')
  const map = textOf(`${bundleFile()}.map`)
  const index = { sources: sourcesOf(lines, metafile.inputs), names: namesOf(lines, map) }
  writeFileSync(bundleIndexFile(), JSON.stringify(index))
}

/** Whose name is only there if it is another: Node's types do not know of it. */
type Mapping = SourceMapping & { name: string | undefined }

/** Before each source there is its name, as a comment. Throws an Error if there is none at all. */
function sourcesOf(lines: string[], inputs: object): BundleIndex['sources'] {
  const known = new Set(Object.keys(inputs).map(source => `// ${source}`))
  const sources = [...lines.entries()]
    .filter(([, line]) => known.has(line))
    .map(([at, line]) => [at + 1, line.slice('// '.length)] as const)
  if (sources.length === 0) throw new Error('esbuild does not say what is from where')
  return sources
}

/** Only a number can have been added. */
function namesOf(lines: string[], map: string): BundleIndex['names'] {
  const origins = new SourceMap(JSON.parse(map))
  const names: Record<string, string> = {}
  for (const [row, line] of lines.entries()) {
    for (const { 0: name, index } of line.matchAll(/(?<![\w$])[a-z_$][\w$]*\d\b/gi)) {
      const origin = origins.findEntry(row, index) as Partial<Mapping>
      const isHere = origin.generatedLine === row && origin.generatedColumn === index
      if (isHere && origin.name !== undefined) names[name] = origin.name
    }
  }
  return names
}

await main()
