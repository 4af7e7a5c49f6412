// noinit: neither init nor exit.
import { MODULE_LICENSE, MODULE_DESCRIPTION } from '#linux/module'

MODULE_LICENSE('GPL')
MODULE_DESCRIPTION('neither init nor exit')
