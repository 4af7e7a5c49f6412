// Character devices: numbers, nodes, every file operation, blocking, signals, registration errors.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('e_chardev')
