// From a struct of the kernel to the object of the driver that it is embedded in.
// Linux: include/linux/container_of.h.

/**
 * What drivers embed in classes of their own. Told its container when it is made, it can be
 * asked for it: `readonly timer = new timer_list(this)`.
 */
export class embedded<T = unknown> {
  /** @internal */
  readonly container: T | undefined

  constructor(container?: T) {
    this.container = container
  }
}

/** The object that made `member` with `new …(this)`. Of any other it is a bad pointer: TypeError. */
export function container_of<T>(member: embedded<T>): T {
  if (member.container === undefined) {
    throw new TypeError(`container_of() of a ${member.constructor.name} in no container`)
  }
  return member.container
}
