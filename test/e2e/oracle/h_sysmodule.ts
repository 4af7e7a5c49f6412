// /sys/module and its events.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('h_sysmodule')
