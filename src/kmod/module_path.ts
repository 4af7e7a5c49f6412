// What a path says about a module: whether it is one, and what it is called.

/** A module file's name ends in one of these. */
const MODULE_EXTENSIONS = ['.ko', '.ko.gz', '.ko.xz', '.ko.zst'] as const

export function isModulePath(path: string): boolean {
  return MODULE_EXTENSIONS.some(
    extension => path.endsWith(extension) && path.length > extension.length,
  )
}

/**
 * The name of the module in a file: the folder goes, and all from the first dot on; dashes become
 * underscores.
 */
export function pathToModname(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return file.replace(/\..*$/s, '').replaceAll('-', '_')
}
