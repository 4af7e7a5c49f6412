// A configuration written out again, as `modprobe -c` shows it.

import type { Config, Softdep } from './config.ts'

/** One command a line, by kinds, in libkmod's order of kinds. */
export function configText(config: Config): string {
  const lines = [
    ...config.blacklist.map(module => `blacklist ${module}`),
    ...config.install.map(({ module, command }) => `install ${module} ${command}`),
    ...config.remove.map(({ module, command }) => `remove ${module} ${command}`),
    ...config.aliases.map(({ name, module }) => `alias ${name} ${module}`),
    ...config.options.map(({ module, text }) => `options ${module} ${text}`),
    ...config.softdeps.map(
      softdep => `softdep ${softdep.module} ${softdepText(softdep)}`,
    ),
  ]
  return lines.map(line => `${line}\n`).join('')
}

/** libkmod puts nothing between the two lists: "pre: apost: b". */
function softdepText({ pre, post }: Softdep): string {
  const before = pre.length > 0 ? `pre: ${pre.join(' ')}` : ''
  const after = post.length > 0 ? `post: ${post.join(' ')}` : ''
  return before + after
}
