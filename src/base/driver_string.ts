// Who is meant when a message says "mydriver mydev0:". Linux: dev_driver_string() in drivers/base/core.c.

import type { device } from '../include/linux/device.ts'

/** The name of its class; "" if it belongs nowhere. */
export function driver_string(dev: device): string {
  return dev.class?.name ?? ''
}
