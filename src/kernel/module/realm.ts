// Whose code a function is. Each module's runs in a vm context of its own, a realm, and what all
// objects of a realm come from in the end, its Object.prototype, stands for it.

type Function = (...args: never[]) => unknown

/** The realm that `fn` was made in. */
export function realmOf(fn: Function): object {
  let at: object = fn
  for (let up: unknown = Object.getPrototypeOf(at); up; up = Object.getPrototypeOf(at))
    at = up as object
  return at
}
