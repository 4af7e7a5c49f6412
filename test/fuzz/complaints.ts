// What the kernel says in its log when it, or a driver, has gone wrong.

const COMPLAINT =
  /^(BUG: |WARNING: |Oops: |kernel BUG at |general protection fault|=====|DEBUG_LOCKS_WARN|ODEBUG: )/

/** Before the text, as dmesg prints it and syslog(2) gives it. */
const PREFIX = /^(?:<\d+>)?(?:\[ *\d+\.\d+\] )?/

export function isComplaint(text: string): boolean {
  return COMPLAINT.test(text)
}

/** The lines of a log that are complaints, without their times. */
export function complaintsIn(log: string): string[] {
  return log
    .split('\n')
    .map(line => line.replace(PREFIX, ''))
    .filter(isComplaint)
}
