// plain: a module that has nothing.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'

module_init(() => 0)
module_exit(() => {})
MODULE_LICENSE('GPL')
