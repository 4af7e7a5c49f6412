// fuse: stands for Debian's, with the names that it exports and is known by.
import {
  EXPORT_SYMBOL_GPL,
  MODULE_ALIAS,
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
} from '#linux/module'
import { MODULE_ALIAS_FS } from '#linux/fs'
import { MODULE_ALIAS_MISCDEV } from '#linux/miscdevice'

MODULE_ALIAS_FS('fusectl')
MODULE_AUTHOR('Miklos Szeredi <miklos@szeredi.hu>')
MODULE_DESCRIPTION('Filesystem in Userspace')
MODULE_LICENSE('GPL')
MODULE_ALIAS_FS('fuse')
MODULE_ALIAS_FS('fuseblk')
MODULE_ALIAS_MISCDEV(229)
MODULE_ALIAS('devname:fuse')

export function fuse_abort_conn(): void {}
export function fuse_conn_destroy(): void {}
export function fuse_conn_get(): void {}
export function fuse_conn_init(): void {}
export function fuse_conn_put(): void {}
export function fuse_dax_cancel_work(): void {}
export function fuse_dequeue_forget(): void {}
export function fuse_dev_alloc(): void {}
export function fuse_dev_alloc_install(): void {}
export function fuse_dev_fiq_ops(): void {}
export function fuse_dev_free(): void {}
export function fuse_dev_install(): void {}
export function fuse_dev_operations(): void {}
export function fuse_dev_release(): void {}
export function fuse_direct_io(): void {}
export function fuse_do_ioctl(): void {}
export function fuse_do_open(): void {}
export function fuse_file_poll(): void {}
export function fuse_fill_super_common(): void {}
export function fuse_free_conn(): void {}
export function fuse_get_unique(): void {}
export function fuse_init_fs_context_submount(): void {}
export function fuse_len_args(): void {}
export function fuse_mount_destroy(): void {}
export function fuse_mount_remove(): void {}
export function fuse_request_end(): void {}
export function fuse_send_init(): void {}
export function fuse_simple_background(): void {}
export function fuse_sync_release(): void {}

EXPORT_SYMBOL_GPL(fuse_abort_conn)
EXPORT_SYMBOL_GPL(fuse_conn_destroy)
EXPORT_SYMBOL_GPL(fuse_conn_get)
EXPORT_SYMBOL_GPL(fuse_conn_init)
EXPORT_SYMBOL_GPL(fuse_conn_put)
EXPORT_SYMBOL_GPL(fuse_dax_cancel_work)
EXPORT_SYMBOL_GPL(fuse_dequeue_forget)
EXPORT_SYMBOL_GPL(fuse_dev_alloc)
EXPORT_SYMBOL_GPL(fuse_dev_alloc_install)
EXPORT_SYMBOL_GPL(fuse_dev_fiq_ops)
EXPORT_SYMBOL_GPL(fuse_dev_free)
EXPORT_SYMBOL_GPL(fuse_dev_install)
EXPORT_SYMBOL_GPL(fuse_dev_operations)
EXPORT_SYMBOL_GPL(fuse_dev_release)
EXPORT_SYMBOL_GPL(fuse_direct_io)
EXPORT_SYMBOL_GPL(fuse_do_ioctl)
EXPORT_SYMBOL_GPL(fuse_do_open)
EXPORT_SYMBOL_GPL(fuse_file_poll)
EXPORT_SYMBOL_GPL(fuse_fill_super_common)
EXPORT_SYMBOL_GPL(fuse_free_conn)
EXPORT_SYMBOL_GPL(fuse_get_unique)
EXPORT_SYMBOL_GPL(fuse_init_fs_context_submount)
EXPORT_SYMBOL_GPL(fuse_len_args)
EXPORT_SYMBOL_GPL(fuse_mount_destroy)
EXPORT_SYMBOL_GPL(fuse_mount_remove)
EXPORT_SYMBOL_GPL(fuse_request_end)
EXPORT_SYMBOL_GPL(fuse_send_init)
EXPORT_SYMBOL_GPL(fuse_simple_background)
EXPORT_SYMBOL_GPL(fuse_sync_release)
