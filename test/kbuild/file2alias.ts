// Aliases as Linux's modpost wrote them into real modules.
import t from 'tap'
import { deviceAliases } from '../../src/kbuild/file2alias.ts'

const ANY = 0xffffffff

t.test('device trees have two aliases an entry', async t => {
  t.strictSame(
    deviceAliases('of', [{ compatible: 'acme,led 1' }, { name: 'led', type: 't' }, {}]),
    ['of:N*T*Cacme,led_1', 'of:N*T*Cacme,led_1C*', 'of:NledTt', 'of:NledTtC*'],
  )
  t.strictSame(deviceAliases('of', [{ type: 't', compatible: 'c' }]), [
    'of:N*Tt*Cc',
    'of:N*Tt*CcC*',
  ])
})

t.test('PCI: numbers, any number, classes', async t => {
  t.strictSame(
    deviceAliases('pci', [
      { vendor: 0x8086, device: 0x100e, subvendor: ANY, subdevice: ANY },
      {
        vendor: ANY,
        device: ANY,
        subvendor: ANY,
        subdevice: ANY,
        class: 0x0c0330,
        class_mask: ANY,
      },
      {},
    ]),
    ['pci:v00008086d0000100Esv*sd*bc*sc*i*', 'pci:v*d*sv*sd*bc0Csc03i30*'],
  )
})

t.test('USB: what match_flags names', async t => {
  t.strictSame(
    deviceAliases('usb', [
      { match_flags: 3, idVendor: 0x46d, idProduct: 0xc077 },
      {
        match_flags: 0x380,
        bInterfaceClass: 8,
        bInterfaceSubClass: 6,
        bInterfaceProtocol: 0x50,
      },
      {
        match_flags: 0xf,
        idVendor: 1,
        idProduct: 2,
        bcdDevice_lo: 0x100,
        bcdDevice_hi: 0x100,
      },
      {},
    ]),
    [
      'usb:v046DpC077d*dc*dsc*dp*ic*isc*ip*in*',
      'usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*',
      'usb:v0001p0002d0100dc*dsc*dp*ic*isc*ip*in*',
    ],
  )
})

t.test('names', async t => {
  t.strictSame(deviceAliases('platform', [{ name: 'leds-gpio' }, {}]), [
    'platform:leds-gpio',
  ])
  t.strictSame(deviceAliases('i2c', [{ name: 'lm75', driver_data: 3 }]), ['i2c:lm75'])
  t.strictSame(deviceAliases('spi', [{ name: 'm25p80' }]), ['spi:m25p80'])
  t.strictSame(deviceAliases('acpi', [{ id: 'PNP0C0A' }]), ['acpi*:PNP0C0A:*'])
  t.strictSame(deviceAliases('virtio', [{ device: 1, vendor: ANY }]), [
    'virtio:d00000001v*',
  ])
  t.strictSame(
    deviceAliases('nosuchbus', [{ name: 'x' }]),
    [],
    'which Linux ignores, too',
  )
})
