// From nothing to nodes in /dev, and back: numbers, a class, and for each device a cdev and a node.

import { type cdev, cdev_add, cdev_del, cdev_init } from '#linux/cdev'
import { class_create, class_destroy, device_create, device_destroy } from '#linux/device'
import type { class as class_t } from '#linux/device'
import { IS_ERR } from '#linux/err'
import { alloc_chrdev_region, unregister_chrdev_region } from '#linux/fs'
import type { file_operations } from '#linux/fs'
import { ref } from '#linux/types'
import type { errno_t } from '#linux/types'

export interface scull_node {
  /** In /dev. */
  readonly name: string
  readonly cdev: cdev
  readonly fops: file_operations<any>
}

/** The devices of one module: the first has minor 0, the next one 1, … */
export class scull_nodes {
  readonly #region: string
  readonly #devno = ref(0)
  #nodes: readonly scull_node[] = []
  #cls: class_t | undefined

  /** `region` is the name in /proc/devices. */
  constructor(region: string) {
    this.#region = region
  }

  /** All of them, or an error and none. `devnode` decides on modes. */
  register(
    class_name: string,
    nodes: readonly scull_node[],
    devnode?: class_t['devnode'],
  ): errno_t {
    const err = alloc_chrdev_region(this.#devno, 0, nodes.length, this.#region)
    if (err) return err

    this.#nodes = nodes
    const failed = this.#populate(class_name, devnode)
    if (failed) this.unregister()
    return failed
  }

  unregister(): void {
    for (const [minor, { cdev }] of this.#nodes.entries()) {
      if (this.#cls) device_destroy(this.#cls, this.#devno.value + minor)
      cdev_del(cdev)
    }
    if (this.#cls) class_destroy(this.#cls)
    unregister_chrdev_region(this.#devno.value, this.#nodes.length)
  }

  #populate(class_name: string, devnode: class_t['devnode']): errno_t {
    const cls = class_create(class_name)
    if (IS_ERR<class_t>(cls)) return cls
    this.#cls = cls
    if (devnode) cls.devnode = devnode
    for (const [minor, node] of this.#nodes.entries()) {
      const err = this.#add(cls, minor, node)
      if (err) return err
    }
    return 0
  }

  #add(cls: class_t, minor: number, { name, cdev, fops }: scull_node): errno_t {
    const devno = this.#devno.value + minor
    cdev_init(cdev, fops)
    cdev.owner = fops.owner
    const err = cdev_add(cdev, devno, 1)
    if (err) return err

    const device = device_create(cls, undefined, devno, null, name)
    return IS_ERR(device) ? device : 0
  }
}
