// The first module of a boot is proprietary.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('a2_taint_prop')
