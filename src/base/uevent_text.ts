// What may be written to a `uevent` file: "add", or "add UUID KEY=value KEY=value". Linux:
// kobject_action_type() and kobject_action_args() in lib/kobject_uevent.c.

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i
const ARGUMENT = /^ ([A-Za-z\d]+)=([A-Za-z\d]+)/

/** The first word, and what stands behind the blank after it. One newline at the end is fine. */
export function kobject_action_type(text: string): {
  action: string
  args: string | undefined
} {
  const line = /[\n\0]$/.test(text) ? text.slice(0, -1) : text
  const blank = line.indexOf(' ')
  if (blank < 0) return { action: line, args: undefined }
  return { action: line.slice(0, blank), args: line.slice(blank + 1) }
}

/** The variables that the arguments become; undefined if something is wrong with them. */
export function kobject_action_args(args: string): string[] | undefined {
  const [uuid] = UUID.exec(args) ?? []
  if (uuid === undefined) return undefined
  const envp = [`SYNTH_UUID=${uuid}`]
  let rest = args.slice(uuid.length)
  while (rest) {
    const [whole, key, value] = ARGUMENT.exec(rest) ?? []
    if (whole === undefined) return undefined
    envp.push(`SYNTH_ARG_${key}=${value}`)
    rest = rest.slice(whole.length)
  }
  return envp
}
