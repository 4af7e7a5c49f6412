// What modprobe.d says: the commands of a configuration, and how its lines are read.
//
// The rules are libkmod's, odd ones included: they decide what a line means that was not written
// with care.

import { normalizeAlias } from './names.ts'

/** All commands, each kind in the order in which they were read: the first that fits counts. */
export interface Config {
  readonly aliases: { readonly name: string; readonly module: string }[]
  readonly blacklist: string[]
  readonly options: { readonly module: string; readonly text: string }[]
  readonly install: ConfigCommand[]
  readonly remove: ConfigCommand[]
  readonly softdeps: Softdep[]
}

/** A command line to run instead of loading or removing. `module` may have wildcards. */
export interface ConfigCommand {
  readonly module: string
  readonly command: string
}

/** Modules to load before and after `module`, which may have wildcards. */
export interface Softdep {
  readonly module: string
  readonly pre: readonly string[]
  readonly post: readonly string[]
}

/** What is wrong with a file. `line` counts from 1; a continued line counts as its last. */
export type ConfigProblem =
  | { readonly kind: 'bad line'; readonly line: number; readonly word: string }
  | { readonly kind: 'deprecated'; readonly word: string }

export function emptyConfig(): Config {
  return {
    aliases: [],
    blacklist: [],
    options: [],
    install: [],
    remove: [],
    softdeps: [],
  }
}

/** Add what `text`, the contents of one file, says. Bad lines are reported and left out. */
export function parseConfig(
  text: string,
  config: Config,
  report: (problem: ConfigProblem) => void,
): void {
  for (const { line, number } of logicalLines(text)) {
    if (line.startsWith('#')) continue
    const { word, rest } = firstWord(line)
    if (word === '') continue
    if (word === 'include' || word === 'config') report({ kind: 'deprecated', word })
    else if (!addCommand(config, word, rest)) {
      report({ kind: 'bad line', line: number, word })
    }
  }
}

/** Whether it was a command, and complete. */
function addCommand(config: Config, command: string, args: string): boolean {
  const { word, rest } = firstWord(args)
  const module = word === '' ? undefined : normalizeAlias(word)
  if (module === undefined) return false
  if (command === 'blacklist') config.blacklist.push(module)
  else if (command === 'alias') return addAlias(config, module, rest)
  else if (rest === '') return false
  else if (command === 'options') {
    config.options.push({ module, text: rest.replaceAll('\t', ' ') })
  } else if (command === 'install') config.install.push({ module, command: rest })
  else if (command === 'remove') config.remove.push({ module, command: rest })
  else if (command === 'softdep') config.softdeps.push({ module, ...softdep(rest) })
  else return false
  return true
}

function addAlias(config: Config, name: string, rest: string): boolean {
  const { word } = firstWord(rest)
  const module = word === '' ? undefined : normalizeAlias(word)
  if (module === undefined) return false
  config.aliases.push({ name, module })
  return true
}

/** "pre: a b post: c"; what stands before both belongs to none. */
function softdep(text: string): Pick<Softdep, 'pre' | 'post'> {
  const pre: string[] = []
  const post: string[] = []
  let list: string[] = []
  for (const word of text.split(/[\s\v]+/).filter(Boolean)) {
    if (word === 'pre:') list = pre
    else if (word === 'post:') list = post
    else list.push(word)
  }
  return { pre, post }
}

/** One blank after the word is its end; further ones belong to what follows, as with strtok(3). */
function firstWord(text: string): { word: string; rest: string } {
  const [whole = '', word = ''] = /^[\t ]*([^\t ]*)[\t ]?/.exec(text) ?? []
  return { word, rest: text.slice(whole.length) }
}

/** A backslash joins a line with the next; before any other character it is dropped. */
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = []
  let line = ''
  let number = 1
  for (let at = 0; at < text.length; at++) {
    const escaped = text[at] === '\\'
    if (escaped) at++
    const char = text[at] ?? ''
    if (char !== '\n') line += char
    else {
      if (!escaped) {
        lines.push({ line, number })
        line = ''
      }
      number++
    }
  }
  return line === '' ? lines : [...lines, { line, number }]
}
