// modprobe: load a module and all that it needs, by name or alias, or remove it. As kmod 30's.

import { insert } from './modprobe_insert.ts'
import { type Context, openContext } from './modprobe_context.ts'
import { Fatal } from './modprobe_log.ts'
import { parameterText, readSettings } from './modprobe_options.ts'
import { remove } from './modprobe_remove.ts'
import { showConfig, showExports, showModversions } from './modprobe_show.ts'
import type { World } from './world.ts'

export async function modprobe(argv: string[], world: World): Promise<number> {
  const settings = await readSettings(argv, world)
  if (!settings) return 0
  try {
    return (await run(openContext(world, settings))) < 0 ? 1 : 0
  } catch (error) {
    if (error instanceof Fatal) return 1
    throw error
  }
}

/** 0 or a negative error number. */
async function run(context: Context): Promise<number> {
  const { options, operands } = context.settings
  const [first = '', ...rest] = operands
  const has = (...names: string[]) => names.some(name => options.has(name))
  if (has('showconfig', 'show-config')) return showConfig(context)
  if (has('show-modversions', 'dump-modversions')) return showModversions(context, first)
  if (has('show-exports')) return showExports(context, first)
  if (has('remove')) return each(operands, name => remove(context, name))
  if (has('all')) return each(operands, name => insert(context, name, ''))
  return insert(context, first, parameterText(rest))
}

/** All of them, even after an error, which is the answer then. */
async function each(
  names: readonly string[],
  call: (name: string) => Promise<number>,
): Promise<number> {
  let last = 0
  for (const name of names) {
    const err = await call(name)
    if (err < 0) last = err
  }
  return last
}
