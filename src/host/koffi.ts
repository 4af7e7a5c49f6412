// koffi, which calls C functions from JavaScript. It is loaded when asked for: a machine
// without a build of it still works, by slower ways.

/** The functions of koffi's package. */
export type Koffi = (typeof import('koffi'))['default']
/** libc's symbols, since node itself is linked with it. */
export type Library = ReturnType<Koffi['load']>

/** koffi, or undefined where it is not installed or has no build for this machine. */
export async function loadKoffi(): Promise<Koffi | undefined> {
  try {
    return (await import('koffi')).default
  } catch {
    return undefined
  }
}
