// User and group ids, inside and outside.
//
// Whoever boots a machine is root in it: outside user 1000, inside user 0, as in a user namespace. So
// the two change places; for a machine that root booted nothing changes.

export class Ids {
  readonly #uid: number
  readonly #gid: number

  /** The ids of the user who boots. */
  constructor(uid: number, gid: number) {
    this.#uid = uid
    this.#gid = gid
  }

  /** Inside and outside mean the same. */
  get ownerIsRoot(): boolean {
    return this.#uid === 0
  }

  /** From outside to inside, and the same way back. */
  uid(uid: number): number {
    return swap(uid, this.#uid)
  }

  gid(gid: number): number {
    return swap(gid, this.#gid)
  }
}

function swap(id: number, owner: number): number {
  if (id === owner) return 0
  return id === 0 ? owner : id
}
