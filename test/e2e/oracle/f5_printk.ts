// Messages, dmesg with its options, /dev/kmsg, dynamic debug.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('f5_printk')
