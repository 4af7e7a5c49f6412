// undef: uses what nobody exports.
import { MODULE_LICENSE, module_exit, module_init } from '#linux/module'

MODULE_LICENSE('GPL')

declare function nowhere_at_all(x: number): number
declare function second_missing(): number

module_init(() => nowhere_at_all(1) + second_missing())
module_exit(() => {})
