// pr_debug() one by one: which there are, which are on, what they print.
// Linux: lib/dynamic_debug.c.

import type { call_site } from '../include/linux/call_site.ts'
import {
  _DPRINTK_FLAGS_INCL_FUNCNAME,
  _DPRINTK_FLAGS_INCL_LINENO,
  _DPRINTK_FLAGS_INCL_MODNAME,
  _DPRINTK_FLAGS_INCL_TID,
} from '../include/linux/dynamic_debug.ts'
import { E2BIG, EINVAL } from '../include/linux/errno.ts'
import { KERN_DEBUG, KERN_ERR, KERN_WARNING } from '../include/linux/printk.ts'
import type { ProcFs } from '../fs/proc/generic.ts'
import type { DebugFs } from '../fs/debugfs/inode.ts'
import {
  type DebugQuery,
  describeFlags,
  parseQuery,
  QueryError,
  siteMatches,
  wildcard,
} from './dynamic_debug_query.ts'
import type { Printk } from './printk.ts'
import type { Scheduler } from './sched.ts'

/** What can be written to the control file at once, in bytes. */
const USER_BUF_PAGE = 4096

/** The macros whose calls can be switched on. */
const DEBUG_MACROS = /^(?:pr_debug|dev_dbg|print_hex_dump_(?:debug|bytes))/

/** A module as dynamic debug sees it. */
export interface DebugModule {
  readonly name: string
  readonly sites: readonly call_site[]
}

interface Needs {
  log: Printk
  sched: Scheduler
  procfs: ProcFs
  debugfs: DebugFs
  /** Those that are loaded, the oldest first. */
  modules: () => readonly DebugModule[]
}

export class DynamicDebug {
  static readonly EXPORT_SYMBOL = ['__dynamic_pr_debug', '__dynamic_prefix'] as const

  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
    const { procfs, debugfs } = needs
    const show = () => this.#show()
    const store = (text: string) => this.#store(text)
    procfs.create('dynamic_debug/control', 0o644, show, store)
    const dir = debugfs.debugfs_create_dir('dynamic_debug', null)
    debugfs.create_text('control', 0o644, dir, { show, store })
  }

  /** The message of a pr_debug() that is on, with what its flags put in front. */
  __dynamic_pr_debug(site: call_site, fmt: string, args: readonly unknown[]): number {
    return this.#needs.log.vprintk(`${KERN_DEBUG}%s${fmt}`, [
      this.__dynamic_prefix(site),
      ...args,
    ])
  }

  /** "[550] pk:p_init:15: ", as far as the flags ask for it. */
  __dynamic_prefix(site: call_site): string {
    const { flags } = site
    const tid =
      flags & _DPRINTK_FLAGS_INCL_TID ? `[${this.#needs.sched.current.pid}] ` : ''
    const parts = [
      flags & _DPRINTK_FLAGS_INCL_MODNAME ? `${this.#moduleOf(site)}:` : '',
      flags & _DPRINTK_FLAGS_INCL_FUNCNAME ? `${site.func}:` : '',
      flags & _DPRINTK_FLAGS_INCL_LINENO ? `${site.line}:` : '',
    ].join('')
    return tid + (parts ? `${parts} ` : '')
  }

  /**
   * `dyndbg=…` among a module's parameters, which is none of its own: true if it was that.
   * A query with a mistake is logged, and stops nothing.
   */
  module_param(param: string, value: string | undefined, modname: string): boolean {
    const [name, module] = param.split('.').toReversed()
    if (name !== 'dyndbg') return false
    this.exec_queries(value ?? '+p', module ?? modname)
    return true
  }

  /** Queries separated by newlines or semicolons: how many places they met, or an error. */
  exec_queries(text: string, modname?: string): number {
    let found = 0
    let result = 0
    for (const line of text.split(/[;\n]/)) {
      const query = line.trim()
      if (query === '' || query.startsWith('#')) continue
      const n = this.#exec_query(query, modname)
      if (n < 0) result = n
      else found += n
    }
    return result || found
  }

  #exec_query(text: string, modname: string | undefined): number {
    try {
      return this.#change(parseQuery(text, modname))
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      for (const line of error.lines)
        this.#needs.log.printk(`${KERN_ERR}dyndbg: %s\n`, line)
      return -EINVAL
    }
  }

  #change(query: DebugQuery): number {
    let found = 0
    for (const module of this.#needs.modules()) {
      if (query.module && !wildcard(query.module, module.name)) continue
      for (const site of debugSites(module)) {
        if (!siteMatches(query, site)) continue
        found++
        site.flags = (site.flags & query.mask) | query.flags
      }
    }
    return found
  }

  #show(): string {
    const lines = this.#needs.modules().flatMap(module =>
      debugSites(module).map(site => {
        const place = `${site.file}:${site.line} [${module.name}]${site.func}`
        return `${place} =${describeFlags(site.flags)} "${escapeSpace(siteFormat(site))}"\n`
      }),
    )
    return ['# filename:lineno [module]function flags format\n', ...lines].join('')
  }

  #store(text: string): number {
    if (text.length > USER_BUF_PAGE - 1) {
      const format = `${KERN_WARNING}dyndbg: expected <%d bytes into control\n`
      this.#needs.log.printk(format, USER_BUF_PAGE)
      return -E2BIG
    }
    return Math.min(this.exec_queries(text), 0)
  }

  #moduleOf(site: call_site): string {
    const owner = this.#needs.modules().find(({ sites }) => sites.includes(site))
    return owner?.name ?? ''
  }
}

function debugSites({ sites }: DebugModule): call_site[] {
  return sites.filter(({ macro }) => DEBUG_MACROS.test(macro))
}

/** The format that a call was written with. */
function siteFormat(site: call_site): string {
  return site.format?.() ?? ''
}

const SPACES: Record<string, string> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\f': '\\f',
}

function escapeSpace(text: string): string {
  return text.replace(/[\n\r\t\v\f]/g, char => SPACES[char] ?? char)
}
