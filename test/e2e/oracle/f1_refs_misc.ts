// References that open files take, misc devices, what a module leaves behind.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('f1_refs_misc')
