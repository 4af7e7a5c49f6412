// What C passes as `void *`: memory of the kernel, whatever is in it.

import { BYTES, type struct_view } from './struct_types.ts'

/** An array of bytes or of any numbers, or a view of a struct(). */
export type void_ptr = ArrayBufferView | struct_view

/** The memory itself, as bytes: what is written there is in the array or view. */
export function bytesOf(memory: void_ptr): Uint8Array {
  return memory instanceof Uint8Array ? memory : otherBytes(memory)
}

/** Throws a TypeError if it is no memory at all. */
function otherBytes(memory: void_ptr): Uint8Array {
  if (ArrayBuffer.isView(memory)) {
    return new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength)
  }
  const bytes = memory[BYTES]
  if (!bytes) throw new TypeError('Not memory that can be copied')
  return bytes
}
