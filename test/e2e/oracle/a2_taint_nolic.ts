// The first module of a boot has no licence.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('a2_taint_nolic')
