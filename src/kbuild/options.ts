// What one asks of kbuild(), and what one gets.

export interface KbuildOptions {
  /** Called with each line of progress. */
  onLine?(line: string): void
  /** Called with each warning; they go to onLine() if this is not given. */
  onWarning?(text: string): void
  /** Where .ko files go, as a tree like that of the sources; beside the sources if not given. */
  output?: string
  /** The kernel's Module.symvers; made by `npm run build` and used from there if not given. */
  symvers?: string
  /** Module.symvers files of other modules: KBUILD_EXTRA_SYMBOLS. */
  extraSymbols?: readonly string[]
  /** The kernel's release, part of vermagic; os.release() if not given. */
  release?: string
  /** Folder that holds `linux/`; modbox's own if not given. */
  include?: string
  /** Check the types of what is compiled, with the `typescript` package: make's C=1. */
  check?: boolean
  /** Check the types of everything: make's C=2. */
  checkAll?: boolean
  /** Undefined symbols are warnings: KBUILD_MODPOST_WARN=1. */
  modpostWarn?: boolean
  /** Build even what is up to date: make's -B. */
  force?: boolean
  /** Paths in messages are shown from here on; process.cwd() if not given. */
  cwd?: string
  /** Variables for Kbuild files, such as CONFIG_FOO. */
  defines?: Record<string, string>
}

export interface BuiltModule {
  name: string
  /** The .ko, absolute. */
  file: string
  /** False if it was up to date. */
  rebuilt: boolean
}

export interface BuildResult {
  /** obj-m, in the order of the Kbuild file. */
  modules: BuiltModule[]
  /** obj-y: loaded at boot, in this order. */
  builtin: BuiltModule[]
  /** The Module.symvers written, absolute: what these modules export. */
  symvers: string
}
