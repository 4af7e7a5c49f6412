// A shell in a terminal, for tests that type and look.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import { until } from './until.ts'

/** A shell in a terminal of tmux's, of 200 columns. */
export class Terminal {
  readonly folder: string
  readonly #socket: string

  constructor(t: Test, folder: string) {
    this.folder = folder
    this.#socket = join(folder, 'tmux')
    t.teardown(() => this.#tmux('kill-server'))
    this.#tmux('new-session', '-d', '-x', '200', '-y', '50', 'bash --norc --noprofile')
  }

  /** Type a line, or a key such as C-c, and wait until the screen shows what is expected. */
  async types(line: string, expected: RegExp): Promise<void> {
    const isKey = /^C-.$/.test(line)
    this.#tmux('clear-history')
    this.#tmux('send-keys', ...(isKey ? [line] : [line, 'Enter']))
    await until(() => expected.test(this.#screen()))
  }

  #screen(): string {
    return this.#tmux('capture-pane', '-p').trimEnd()
  }

  #tmux(...args: string[]): string {
    const { NODE_OPTIONS: _tap, TMUX: _outer, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(
      'tmux',
      ['-S', this.#socket, '-f', '/dev/null', ...args],
      {
        cwd: this.folder,
        env: {
          ...env,
          PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`,
          MODBOX_RUNTIME_DIR: join(this.folder, 'run'),
          HOME: this.folder,
          LC_ALL: 'C',
          DEBUG: '',
        },
        encoding: 'utf8',
      },
    )
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`)
    return stdout
  }
}
