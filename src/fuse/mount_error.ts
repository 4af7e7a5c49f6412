// Why there is no mount, in one sentence for the user.

export class MountError extends Error {
  override name = 'MountError'
}
