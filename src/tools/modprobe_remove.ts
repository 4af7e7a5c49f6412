// modprobe -r: a module, then what it needed and nobody needs any more.

import { setTimeout as sleep } from 'node:timers/promises'
import { EAGAIN, EBUSY, EEXIST, ENOENT, ENOSYS } from '../include/uapi/errno.ts'
import { O_NONBLOCK, O_TRUNC } from '../include/uapi/fcntl.ts'
import type { KmodModule } from '../kmod/lookup_module.ts'
import { strerror } from './errors.ts'
import { holders, refCount } from './loaded_modules.ts'
import { expandCommand, runCommandFor } from './modprobe_command.ts'
import { type Context, stateOf } from './modprobe_context.ts'
import { isDryRun } from './modprobe_insert.ts'

/** How long to wait before looking again, in milliseconds: at first, and at most. */
const WAIT_FIRST = 1
const WAIT_MOST = 500

/** Remove what `name` means: 0 or a negative error number, already reported. */
export async function remove(context: Context, name: string): Promise<number> {
  const { log, lookup, options } = context
  const modules = lookup.find(name)
  if (modules === undefined) return -ENOENT // no name at all: kmod says nothing
  if (modules.length === 0) {
    log.fatal(`Module ${name} not found.`)
    return -ENOENT
  }
  const removeHolders =
    options.has('remove-holders') || options.has('remove-dependencies')
  for (const module of modules) {
    const err = await removeModule(context, module, { removeHolders })
    if (err < 0) return err
  }
  return 0
}

interface How {
  removeHolders?: boolean
  ignoreBuiltin?: boolean
}

async function removeModule(
  context: Context,
  module: KmodModule,
  how: How,
): Promise<number> {
  const plain = ['ignore-install', 'ignore-remove'].some(name =>
    context.options.has(name),
  )
  const command = plain ? undefined : module.removeCommand
  if (command === undefined) {
    const nothing = nothingToRemove(context, module, how)
    if (nothing !== undefined) return nothing
  }
  const { pre, post } = plain ? { pre: [], post: [] } : module.softdeps()
  await removeList(context, post)
  if (how.removeHolders) {
    const err = await removeHolders(context, module)
    if (err < 0) return err
  }
  const err =
    command === undefined
      ? await removeUnused(context, module)
      : runRemove(context, module, command)
  if (err < 0) return err
  await removeList(context, pre)
  return 0
}

/** Why there is nothing to do: 0, or an error. -D only shows, and looks at no state. */
function nothingToRemove(
  context: Context,
  module: KmodModule,
  { ignoreBuiltin = false }: How,
): number | undefined {
  const { log, options } = context
  if (options.has('show-depends')) return undefined
  const state = stateOf(context, module)
  if (state === undefined) {
    if (!options.has('first-time')) return 0
    log.fatal(`Module ${module.name} is not in kernel.`)
    return -ENOENT
  }
  if (state !== 'builtin') return undefined
  if (ignoreBuiltin) return 0
  log.fatal(`Module ${module.name} is builtin.`)
  return -ENOENT
}

/** The last one first; it goes on after one that cannot be removed. */
async function removeList(
  context: Context,
  modules: readonly KmodModule[],
): Promise<void> {
  for (const module of modules.toReversed()) {
    await removeModule(context, module, { ignoreBuiltin: true })
  }
}

async function removeHolders(context: Context, module: KmodModule): Promise<number> {
  const { machine, lookup } = context
  const names = machine ? holders(machine, module.name) : []
  for (const name of names.toReversed()) {
    const err = await removeModule(context, lookup.named(name), { ignoreBuiltin: true })
    if (err < 0) return err
  }
  return 0
}

/** The module, unless it is in use; then those of its dependencies that have become unused. */
async function removeUnused(context: Context, module: KmodModule): Promise<number> {
  const { log, options, settings } = context
  const references = (one: KmodModule) =>
    context.machine ? refCount(context.machine, one.name) : -ENOENT
  const looks = !options.has('show-depends') && settings.wait === 0
  if (looks && references(module) > 0) {
    log.fatal(`Module ${module.name} is in use.`)
    return -EBUSY
  }
  const err = await deleteModule(context, module.name)
  if (err < 0) return err
  for (const needed of module.dependencies()) {
    if (references(needed) === 0) await deleteModule(context, needed.name)
  }
  return 0
}

function runRemove(context: Context, { name }: KmodModule, command: string): number {
  const text = expandCommand(command, '')
  showAction(context, `remove ${text}`)
  if (isDryRun(context)) return 0
  const status = runCommandFor(name, text, context)
  if (status !== 0) context.log.fatal(`Error running remove command for ${name}`)
  return -status
}

function showAction({ world, log, options }: Context, text: string): void {
  if (options.has('show-depends') || log.verbose) world.out(`${text}\n`)
}

async function deleteModule(context: Context, name: string): Promise<number> {
  const { log, machine, options, settings } = context
  showAction(context, `rmmod ${name}`)
  if (isDryRun(context)) return 0
  if (!machine) return -ENOSYS

  const flags = O_NONBLOCK | (options.has('force') ? O_TRUNC : 0)
  const deadline = performance.now() + settings.wait
  let ret = machine.deleteModule(name, flags)
  for (let pause = WAIT_FIRST; ret === -EAGAIN && performance.now() < deadline;) {
    await sleep(Math.min(pause, deadline - performance.now()))
    pause = Math.min(pause * 2, WAIT_MOST)
    ret = machine.deleteModule(name, flags)
  }
  if (ret === -EEXIST && !options.has('first-time')) return 0
  if (ret < 0) report(log, name, settings.wait > 0, strerror(-ret))
  return ret
}

/** With -w the tool speaks, else the library does, with its place in kmod 30. */
function report(
  log: Context['log'],
  name: string,
  waited: boolean,
  reason: string,
): void {
  const message = `could not remove '${name}': ${reason}`
  if (waited) log.error(message)
  else log.library('libkmod-module.c:856 kmod_module_remove_module()', message)
}
