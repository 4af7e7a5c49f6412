// What a macro of C knows of the place where it is used: __FILE__, __LINE__, __func__, the pr_fmt
// of that file, and variables of its own. Linux has no such file: the preprocessor does it.
//
// kbuild gives each use of one of these macros its call site, as one more argument at the end:
// `pr_debug('%d\n', n)` becomes `pr_debug('%d\n', n, __call_sites$[3])`. A header's
// function takes it off again with take_call_site().

/** @internal The place of a call in a driver. */
export class call_site {
  /** __FILE__: from the parent of the driver's folder on. */
  readonly file: string
  /** __LINE__ */
  readonly line: number
  /** __func__ */
  readonly func: string
  /** The macro. */
  readonly macro: string
  /** What the macro is given for a format; undefined if that is no constant. */
  readonly format: (() => string) | undefined
  /** The file's own `pr_fmt`. */
  readonly pr_fmt: ((fmt: string) => string) | undefined
  /** Flags of dynamic debug; with -DDEBUG it is on from the start. */
  flags: number
  /** For what happens once. */
  already_done = false
  /** What a macro keeps here: a limit for its messages. */
  state: unknown

  constructor(
    [file, line, func, macro]: readonly [string, number, string, string],
    format?: () => string,
    pr_fmt?: (fmt: string) => string,
    debug = false,
  ) {
    this.flags = debug ? 1 : 0
    this.file = file
    this.line = line
    this.func = func
    this.macro = macro
    this.format = format
    this.pr_fmt = pr_fmt
  }
}

/** @internal Tell the module of its call sites. What kbuild writes calls this. */
export function define_call_sites(sites: readonly call_site[]): readonly call_site[] {
  __this_module.call_sites?.(sites)
  return sites
}

/** @internal The call site at the end of `args`, which is taken off; undefined if there is none. */
export function take_call_site(args: unknown[]): call_site | undefined {
  const last = args[args.length - 1]
  if (!(last instanceof call_site)) return undefined
  args.pop()
  return last
}
