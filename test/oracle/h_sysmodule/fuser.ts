// fuser: a module that uses another one.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'

declare function full_export(): number

module_init(() => full_export() - 1)
module_exit(() => {})
MODULE_LICENSE('GPL')
