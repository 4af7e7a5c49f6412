// Letting time pass without sleeping: the whole machine waits. Linux: arch/x86/lib/delay.c.

function wait(msecs: number): void {
  const end = performance.now() + msecs
  while (performance.now() < end);
}

function __udelay(usecs: number): void {
  wait(usecs / 1000)
}

function __ndelay(nsecs: number): void {
  wait(nsecs / 1_000_000)
}

/** What drivers may use of this file. */
export const EXPORT_SYMBOL = { __udelay, __ndelay }
