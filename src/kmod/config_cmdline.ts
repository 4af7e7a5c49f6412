// Options of modules on the kernel's command line: "par.p_int=5 modprobe.blacklist=a,b".

import type { Config } from './config.ts'
import { normalizeAlias } from './names.ts'

/** libkmod reads no more of it, in bytes. */
const CMDLINE_SIZE = 4095

/**
 * Add what the kernel's command line says about modules. `bad` is told of a module's name that
 * cannot be one.
 */
export function parseKernelCommandLine(
  cmdline: string,
  config: Config,
  bad: (module: string) => void,
): void {
  const [line = ''] = cmdline.slice(0, CMDLINE_SIZE).split('\n')
  for (const word of words(line)) {
    const option = moduleOption(word)
    if (option) addOption(config, option, bad)
  }
}

interface ModuleOption {
  module: string
  /** "name=value", or a bare name. */
  text: string
}

/** Blanks separate, but not within double quotes. */
function words(line: string): string[] {
  return line.match(/(?:"[^"]*(?:"|$)|[^ "])+/g) ?? []
}

/**
 * "module.name=value". Quotes may be around something in the value or around the whole word, and
 * then belong around the value. One dot before the equals sign, or it is something else.
 */
function moduleOption(word: string): ModuleOption | undefined {
  const plain = word.replace(/^"([^=" ]*=)/, '$1"')
  const [, module, text] = /^([^.="]*)\.([^.="]*(?:=.*)?)$/.exec(plain) ?? []
  if (module === undefined || text === undefined) return undefined
  const quotes = word.split('"').length - 1
  return quotes % 2 === 0 ? { module, text } : undefined
}

function addOption(
  config: Config,
  { module, text }: ModuleOption,
  bad: (module: string) => void,
): void {
  if (module === 'modprobe' && text.startsWith('blacklist=')) {
    config.blacklist.push(...text.slice('blacklist='.length).split(','))
    return
  }
  const name = normalizeAlias(module)
  if (name === undefined) bad(module)
  else config.options.push({ module: name, text })
}
