// The error of everything that looks for a machine or calls one.

/** A machine cannot be found or reached; the message is one sentence for people. */
export class MachineError extends Error {
  /** What the host said when the machine was called: "ENOTCONN". */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}
