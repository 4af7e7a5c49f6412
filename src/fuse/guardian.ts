// A small process that takes the mount away when the daemon is killed, and kills it when it is stopped.
//
// It is a shell that waits for a line on its input. The daemon says goodbye after an orderly unmount;
// if it dies instead, the pipe closes, and the shell unmounts what is dead. A shell needs a
// hundredth of a second node's memory. It has a session of its own, so a signal to the
// daemon's process group does not reach it, and it has no /dev/fuse descriptor.
//
// A daemon that is stopped (SIGSTOP, Ctrl-Z) answers nobody, and its programs cannot even be killed. So a
// second shell looks at it. One that a debugger holds is in another state, and left alone.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** How often the daemon is looked at, in seconds. */
const INTERVAL = 2
/** So many looks in a row it may be stopped. */
const LOOKS = 3

// A living mount is left alone: someone has mounted there anew in the meantime. `test` on a
// dead one fails at once. The signals are those with which a user ends a terminal's programs.
const SCRIPT = `
trap '' HUP INT TERM
watch() {
  looks=0
  while sleep ${INTERVAL} 2>&-; do
    read -r stat < /proc/$PPID/stat || exit
    case "\${stat##*) }" in
      T*) looks=$((looks + 1)) ;;
      *) looks=0 ;;
    esac
    [ $looks -lt ${LOOKS} ] && continue
    echo "modbox: killed, because it was stopped, and its programs would hang" >&2
    kill -KILL $PPID
  done
}
watch &
exec 2> /dev/null
read -r goodbye
ended=$?
kill -KILL $!
[ $ended = 0 ] && exit 0
test -d "$1" && exit 0
umount -l "$1" || fusermount3 -u -z -- "$1" || fusermount -u -z -- "$1"
`

export class Guardian {
  readonly #shell: ChildProcess

  /** Start guarding `mountpoint`, an absolute path. */
  constructor(mountpoint: string) {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'modbox-guardian', mountpoint], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    // Without a shell there is no guardian, and the next boot cleans up.
    this.#shell.on('error', () => {})
    this.#shell.stdin?.on('error', () => {})
    this.#shell.unref()
  }

  /** undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#shell.pid
  }

  /** The mount is gone in good order: the guardian ends at once. */
  dismiss(): void {
    this.#shell.stdin?.end('goodbye\n')
  }
}
