// Waiting for what comes soon after something else, but not for ever.

/** In milliseconds. */
const PAUSE = 10

/** Waits until it is so, for `patience` milliseconds at most: whether that comes in time. */
export async function soon(isSo: () => boolean, patience: number): Promise<boolean> {
  for (const end = performance.now() + patience; performance.now() < end;) {
    if (isSo()) return true
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
  return isSo()
}
