// A piece of TypeScript of ours run in a process of its own, as another user or elsewhere.

import { execFile } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '../..')

/**
 * Bundle `source`, whose imports are relative to the root of the project, into `dir`, which is
 * a folder of a test: what stays outside the bundle is found from there.
 */
export async function bundleScript(dir: string, source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    write: false,
  })
  const path = join(dir, 'script.mjs')
  writeFileSync(path, outputFiles[0]?.text ?? '')
  return path
}

/** Run `source` with node, behind `prefix`; what it prints. */
export async function runScript(
  dir: string,
  source: string,
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<string> {
  const script = await bundleScript(dir, source)
  const [command = '', ...rest] = [...prefix, process.execPath, script, ...args]
  const { stdout } = await promisify(execFile)(command, rest, { cwd: '/' })
  return stdout
}

/** May any user look into `path`? Not when the project lies in somebody's home. */
export function isPublic(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false
  return path === '/' || isPublic(dirname(path))
}
