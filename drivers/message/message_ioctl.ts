// The ioctl commands of message and what they carry, for the driver and for TypeScript that talks to it.
import { _IO, _IOR, _IOW, _IOWR } from '#linux/ioctl'
import { struct } from '#linux/struct'

const MESSAGE_IOC_MAGIC = 'm'

/** A part of the message, into memory of the program's. */
export const message_part = struct({
  offset: '__u32',
  size: '__u32', // bytes at `text`; the driver says how many it has put there
  text: 'char *',
})

/** About the message. */
export const message_info = struct({
  length: '__u32',
  upper: 'unsigned int:1', // it is shown in capitals
  times: 'unsigned int:31', // how often it was set
  who: 'char[16]', // the program that has set it
})

/** How the message is shown; later versions may have more members. */
export const message_options = struct({
  upper: '__u32',
})

/** Set the message: the argument points to a string. */
export const MESSAGE_IOCSET = _IOW(MESSAGE_IOC_MAGIC, 0, 'char *')
/** Get it with its NUL, to where the argument points. */
export const MESSAGE_IOCGET = _IOR(MESSAGE_IOC_MAGIC, 1, 'char *')
/** The byte whose number the argument is, as the answer. */
export const MESSAGE_IOCNTH = _IO(MESSAGE_IOC_MAGIC, 2)
export const MESSAGE_IOCGPART = _IOWR(MESSAGE_IOC_MAGIC, 3, message_part)
export const MESSAGE_IOCGINFO = _IOR(MESSAGE_IOC_MAGIC, 4, message_info)
export const MESSAGE_IOCSOPTIONS = _IOW(MESSAGE_IOC_MAGIC, 5, message_options)
