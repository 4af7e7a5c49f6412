// Waiting for something that another process or a later event brings about.

/**
 * Wait until `condition` holds; it is looked at every few milliseconds. A test that waits too
 * long is ended by tap.
 */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}
