// Where something was done, kept until somebody wants to know.

/** As an Error, but of as few calls as are wanted: each costs about half a microsecond. */
export class KeptStack {
  /** JavaScript's text, made when it is read: for StackTraces.frames(). */
  declare readonly stack: string

  /** The first call is that of who makes it. */
  constructor(depth: number) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = depth
    Error.captureStackTrace(this, new.target)
    Error.stackTraceLimit = stackTraceLimit
  }
}
