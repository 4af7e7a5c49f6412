// Cursors over bytes: read and write little-endian C structs field by field.
//
// A reader never looks outside its bytes: it throws BytesError instead, so that code which
// decodes untrusted input needs no checks of its own around each field.

/** Too few bytes, or a number that does not fit. */
export class BytesError extends RangeError {
  override readonly name = 'BytesError'
  readonly code = 'ERR_BYTES'
}

/** Reads fields one after the other. All offsets are in bytes from the start of `bytes`. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #offset: number

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = 0
    this.seek(offset)
  }

  get offset(): number {
    return this.#offset
  }

  get remaining(): number {
    return this.bytes.length - this.#offset
  }

  /** Go to `offset`, at most the end. */
  seek(offset: number): this {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.bytes.length) {
      throw new BytesError(`Cannot go to byte ${offset} of ${this.bytes.length}`)
    }
    this.#offset = offset
    return this
  }

  skip(count: number): this {
    this.#take(count)
    return this
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  /** 64 bits as a number; throws if a number cannot hold them exactly. */
  u64(): number {
    const value = Number(this.u64big())
    if (Number.isSafeInteger(value)) return value
    throw new BytesError(`Cannot read byte ${this.#offset - 8}: number above 2^53`)
  }

  u64big(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  /** The next `count` bytes: a view, not a copy. */
  take(count: number): Uint8Array {
    const start = this.#take(count)
    return this.bytes.subarray(start, start + count)
  }

  /** What is left: a view, not a copy. */
  rest(): Uint8Array {
    return this.take(this.remaining)
  }

  /** Text up to the next NUL, which is read as well. */
  cstring(): string {
    const end = this.bytes.indexOf(0, this.#offset)
    if (end < 0) throw new BytesError(`Cannot read byte ${this.#offset}: text has no end`)

    const text = decode(this.take(end - this.#offset))
    this.#offset++
    return text
  }

  /** Text in a field of `size` bytes: up to its first NUL, or all of it. */
  fixed(size: number): string {
    const field = this.take(size)
    const end = field.indexOf(0)
    return decode(end < 0 ? field : field.subarray(0, end))
  }

  #take(count: number): number {
    const start = this.#offset
    if (!Number.isSafeInteger(count) || count < 0 || count > this.remaining) {
      throw new BytesError(
        `Cannot read ${count} bytes at byte ${start} of ${this.bytes.length}`,
      )
    }
    this.#offset = start + count
    return start
  }
}

/** Writes fields one after the other into memory that grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#grow(1)
    this.#view.setUint8(at, inRange(value, 0xff))
    return this
  }

  u16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, inRange(value, 0xffff), true)
    return this
  }

  u32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, inRange(value, 0xffffffff), true)
    return this
  }

  /** A number from 0 to 2^53 - 1, or a bigint below 2^64. */
  u64(value: number | bigint): this {
    if (typeof value === 'number') inRange(value, Number.MAX_SAFE_INTEGER)
    const wide = BigInt(value)
    if (BigInt.asUintN(64, wide) !== wide) throw outOfRange(value)

    const at = this.#grow(8)
    this.#view.setBigUint64(at, wide, true)
    return this
  }

  put(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** Text and a NUL. */
  cstring(text: string): this {
    return this.put(encode(text)).u8(0)
  }

  /** Text in a field of `size` bytes, filled up with NULs; there is always at least one. */
  fixed(text: string, size: number): this {
    const bytes = encode(text)
    if (bytes.length >= size) {
      throw new BytesError(`Cannot write "${text}": longer than ${size - 1} bytes`)
    }
    return this.put(bytes).zeros(size - bytes.length)
  }

  zeros(count: number): this {
    this.#grow(count)
    return this
  }

  /** Fill with zeros until the length is a multiple of `size`. */
  align(size: number): this {
    return this.zeros((size - (this.#length % size)) % size)
  }

  /** What was written: a view that later writes may leave behind. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(count: number): number {
    const start = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      bigger.set(this.#bytes.subarray(0, start))
      this.#bytes = bigger
      this.#view = new DataView(bigger.buffer)
    }
    return start
  }
}

function inRange(value: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value
  throw outOfRange(value)
}

function outOfRange(value: number | bigint): BytesError {
  return new BytesError(`Cannot write ${value}: does not fit`)
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
