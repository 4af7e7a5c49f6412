// From the devices that a driver says it serves to the aliases by which modprobe finds it.
// Linux: scripts/mod/file2alias.c
//
// Each kind of bus writes an alias in its own way: a letter before each field, `*` for any value.

/** An entry of a device table, with the names its struct has in mod_devicetable.h. */
type DeviceId = Readonly<Record<string, unknown>>

/** Aliases of one table. An unknown bus has none, as on Linux. The last, empty entry counts not. */
export function deviceAliases(type: string, table: readonly object[]): string[] {
  const write = BUSES[type]
  if (!write) return []
  return table
    .map(entry => ({ ...entry }) as DeviceId)
    .filter(entry => Object.values(entry).some(isGiven))
    .flatMap(write)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== 0
}

const BUSES: Record<string, (id: DeviceId) => string[]> = {
  of: openFirmware,
  pci: id => [pci(id)],
  usb: id => [usb(id)],
  platform: id => [`platform:${text(id, 'name')}`],
  i2c: id => [`i2c:${text(id, 'name')}`],
  spi: id => [`spi:${text(id, 'name')}`],
  acpi: id => [`acpi*:${text(id, 'id')}:*`],
  virtio: id => {
    const ids = field('d', id.device, 8) + field('v', id.vendor, 8)
    return [openEnded(`virtio:${ids}`)]
  },
}

/** Two for each entry: the second also fits devices that are compatible with more. */
function openFirmware(id: DeviceId): string[] {
  const type = text(id, 'type')
  const compatible = text(id, 'compatible')
  const names = `of:N${text(id, 'name') || '*'}T${type || '*'}`
  const more = compatible === '' ? '' : `${type === '' ? '' : '*'}C${compatible}`
  const alias = (names + more).replace(/\s/g, '_')
  return [alias, `${alias}C*`]
}

/** PCI_ANY_ID, which matches whatever there is. */
const ANY_ID = 0xffffffff

const PCI_CLASSES = [
  ['bc', 16],
  ['sc', 8],
  ['i', 0],
] as const

function pci(id: DeviceId): string {
  const ids = [
    field('v', id.vendor, 8),
    field('d', id.device, 8),
    field('sv', id.subvendor, 8),
    field('sd', id.subdevice, 8),
  ]
  const value = number(id.class)
  const mask = number(id.class_mask)
  const classes = PCI_CLASSES.map(([letters, shift]) =>
    ((mask >>> shift) & 0xff) === 0xff
      ? letters + hex((value >>> shift) & 0xff, 2)
      : `${letters}*`,
  )
  return openEnded(`pci:${ids.join('')}${classes.join('')}`)
}

const USB_DEV_LO_HI = 0xc
const USB_FIELDS = [
  ['v', 'idVendor', 0x1, 4],
  ['p', 'idProduct', 0x2, 4],
  ['d', 'bcdDevice_lo', USB_DEV_LO_HI, 4],
  ['dc', 'bDeviceClass', 0x10, 2],
  ['dsc', 'bDeviceSubClass', 0x20, 2],
  ['dp', 'bDeviceProtocol', 0x40, 2],
  ['ic', 'bInterfaceClass', 0x80, 2],
  ['isc', 'bInterfaceSubClass', 0x100, 2],
  ['ip', 'bInterfaceProtocol', 0x200, 2],
  ['in', 'bInterfaceNumber', 0x400, 2],
] as const

/** match_flags says which fields count. Of a range of bcdDevice any value matches. */
function usb(id: DeviceId): string {
  const oneDevice = number(id.bcdDevice_lo) === number(id.bcdDevice_hi)
  const flags = number(id.match_flags) & (oneDevice ? ~0 : ~USB_DEV_LO_HI)
  const fields = USB_FIELDS.map(([letters, name, flag, digits]) =>
    (flags & flag) === flag ? letters + hex(number(id[name]), digits) : `${letters}*`,
  )
  return openEnded(`usb:${fields.join('')}`)
}

/** Fields may follow some day. */
function openEnded(alias: string): string {
  return alias.endsWith('*') ? alias : `${alias}*`
}

/** Letters and digits, or a star for any value. */
function field(letters: string, value: unknown, digits: number): string {
  const isAny = number(value) >>> 0 === ANY_ID
  return letters + (isAny ? '*' : hex(number(value), digits))
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(digits, '0')
}

function text(id: DeviceId, name: string): string {
  const value = id[name]
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
