// Loading, taints, licences, options, raw calls, strangers.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('a_hello')
