// hello: the smallest driver worth loading. It says a line when it comes and one when it goes.
//
//     insmod hello.ko whom=Horatio howmany=2

import {
  MODULE_AUTHOR,
  MODULE_DESCRIPTION,
  MODULE_LICENSE,
  module_exit,
  module_init,
} from '#linux/module'
import { MODULE_PARM_DESC, module_param } from '#linux/moduleparam'
import { pr_info } from '#linux/printk'
import type { errno_t } from '#linux/types'

MODULE_LICENSE('Dual MIT/GPL')
MODULE_AUTHOR('The modbox authors')
MODULE_DESCRIPTION('Greets whom you like, in the words of Shakespeare')

const whom = module_param('whom', 'charp', 'Horatio', 0o644)
MODULE_PARM_DESC('whom', 'who is greeted')

const howmany = module_param('howmany', 'int', 1, 0o644)
MODULE_PARM_DESC('howmany', 'how many greetings')

// Lines from the plays in which somebody is made welcome, in the order of the day.
const greetings = [
  'Good morrow to thee, %s; well be with thee', // after Timon of Athens
  'Hail, %s! I am glad to see thee well', // after Hamlet, act 1
  'Welcome, good %s; my house is thine', // after Much Ado About Nothing
  'Good night, good night, %s! Parting is such sweet sorrow', // after Romeo and Juliet
]

function hello_init(): errno_t {
  for (let n = 0; n < howmany.value; n++) {
    const line = greetings[n % greetings.length] ?? ''
    pr_info(`hello: ${line}\n`, whom.value)
  }
  return 0
}

function hello_exit(): void {
  pr_info('hello: Farewell, %s; I must be gone\n', whom.value)
}

module_init(hello_init)
module_exit(hello_exit)
