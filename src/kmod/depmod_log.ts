// What depmod has to say while it works, and how important it is.

/** Most important first. `show` is what -v shows, on standard output; `info` needs -v twice. */
export type DepmodLevel = 'FATAL' | 'ERROR' | 'WARNING' | 'show' | 'INFO'

/** Takes a line without its end. */
export type DepmodLog = (level: DepmodLevel, message: string) => void
