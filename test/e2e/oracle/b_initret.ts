// What becomes of each value that an init returns.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('b_initret')
