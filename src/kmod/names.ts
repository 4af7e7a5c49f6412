// Names of modules and aliases in the one spelling in which they are compared.

/**
 * An alias, dashes made underscores but for those within brackets: `char-major-[0-9]` is
 * char_major_[0-9]. Undefined if a bracket has no partner.
 */
export function normalizeAlias(alias: string): string | undefined {
  const parts = alias.split(/(\[[^\]]*\])/)
  const outside = parts.filter((_, at) => at % 2 === 0)
  if (outside.some(part => /[[\]]/.test(part))) return undefined
  return parts
    .map((part, at) => (at % 2 === 0 ? part.replaceAll('-', '_') : part))
    .join('')
}
