// What fstat(2) shows as the size of an open device, which the host takes for a regular file.
//
// Tools draw conclusions from the size of a regular file that they would not from a device's: `dd
// skip=` warns of skipping past it, `tail -f` reads on only if it has grown, and says "file truncated" if
// it is smaller than what has been read. A size of 0 makes them read until the end comes, so that is what they get at
// the start; from then on there may always be more than they have seen.

/** How much more there may be, in bytes: what cat(1) asks for at once. */
const AHEAD = 131072

/** For a descriptor that stands at `position`. */
export function sizeOfOpenDevice(position: number): number {
  return position > 0 ? position + AHEAD : 0
}
