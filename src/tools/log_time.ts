// Times of day as dmesg writes them, in the local time zone.

export const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** "Sat Nov 21 02:08:45 2026" */
export function clockTime(date: Date): string {
  const day = String(date.getDate()).padStart(2)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${time} ${date.getFullYear()}`
}

/** "Nov21 02:08" */
export function minuteTime(date: Date): string {
  const day = String(date.getDate()).padStart(2)
  return `${MONTHS[date.getMonth()]}${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** "2026-11-21T02:08:45,450264+00:00". `boot` in milliseconds since 1970, `usec` since then. */
export function isoTime(boot: number, usec: number): string {
  const total = Math.round(boot * 1000) + usec
  const date = new Date(Math.floor(total / 1000))
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day}T${time},${String(total % 1e6).padStart(6, '0')}${zone(date)}`
}

function zone(date: Date): string {
  const east = -date.getTimezoneOffset()
  const minutes = Math.abs(east)
  return `${east < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
