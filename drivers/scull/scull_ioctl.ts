// The ioctl commands of scull, for the driver and for TypeScript that talks to it.
import { _IO, _IOR, _IOW } from '#linux/ioctl'

const SCULL_IOC_MAGIC = 'k'

/** Empty the device. */
export const SCULL_IOCRESET = _IO(SCULL_IOC_MAGIC, 0)
/** How many bytes it can hold: an int is written to where the argument points. */
export const SCULL_IOCGCAPACITY = _IOR(SCULL_IOC_MAGIC, 1, 'int')
/** Make it hold as many bytes as the int that the argument points to says; empties it. */
export const SCULL_IOCSCAPACITY = _IOW(SCULL_IOC_MAGIC, 2, 'int')
/** How many bytes are in it: an int is written to where the argument points. */
export const SCULL_IOCGSIZE = _IOR(SCULL_IOC_MAGIC, 3, 'int')
