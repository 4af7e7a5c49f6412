// Two transcripts side by side: which lines are equal, which differ, and which of these the
// documentation knows.

import { diffArrays } from 'diff'

export interface Comparison {
  /** Lines that are the same in both. */
  equal: number
  /** Places where one of the two has another line, or one more. */
  different: number
  /** The differing lines in order: "-" Linux's, "+" ours, "@" the command they belong to. */
  lines: string[]
}

/** Compare normalised transcripts. */
export function compare(
  expected: readonly string[],
  actual: readonly string[],
): Comparison {
  const comparison: Comparison = { equal: 0, different: 0, lines: [] }
  let command = ''
  let said = ''
  let removed = 0
  for (const part of diffArrays([...expected], [...actual])) {
    const { value, added } = part
    if (!added && !part.removed) {
      comparison.equal += value.length
      removed = 0
      command = value.findLast(line => line.startsWith('$ ')) ?? command
      continue
    }
    if (command !== said) comparison.lines.push(`@${command}`)
    said = command
    comparison.lines.push(...value.map(line => `${added ? '+' : '-'}${line}`))
    // Lines that stand for each other count once.
    comparison.different += added ? Math.max(0, value.length - removed) : value.length
    removed = added ? 0 : value.length
  }
  return comparison
}

/** Of 100. */
export function percentEqual({ equal, different }: Comparison): number {
  return (100 * equal) / (equal + different)
}

/**
 * The differing lines that `markdown` lists for a scenario, in code blocks that begin with
 * "```diff <scenario>".
 */
export function documentedDifferences(markdown: string, scenario: string): Set<string> {
  const blocks = markdown.matchAll(/^```diff (\S+)\n([^]*?)^```$/gm)
  return new Set(
    [...blocks]
      .filter(([, name]) => name === scenario)
      .flatMap(([, , body = '']) => body.split('\n'))
      .filter(line => /^[-+]/.test(line))
      .map(line => line.trimEnd()), // as formatters leave them
  )
}

/** Lines that differ but are not documented, and documented ones that no longer differ. */
export function undocumented(
  { lines }: Comparison,
  documented: ReadonlySet<string>,
): { missing: string[]; stale: string[] } {
  const differing = lines
    .filter(line => !line.startsWith('@'))
    .map(line => line.trimEnd())
  return {
    missing: [...new Set(differing)].filter(line => !documented.has(line)),
    stale: [...documented].filter(line => !differing.includes(line)),
  }
}
