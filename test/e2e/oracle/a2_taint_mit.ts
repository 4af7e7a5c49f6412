// The first module of a boot has the licence MIT.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('a2_taint_mit')
