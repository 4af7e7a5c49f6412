// Whose code a function is. Each module's runs in a vm context of its own, a realm, and what all
// objects of a realm come from in the end, its Object.prototype, stands for it.

/** The realm that a function or an object was made in. */
export function realmOf(its: object): object {
  let at = its
  for (let up: unknown = Object.getPrototypeOf(at); up; up = Object.getPrototypeOf(at))
    at = up as object
  return at
}
