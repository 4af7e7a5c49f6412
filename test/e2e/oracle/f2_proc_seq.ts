// Files of records in /proc, read in every way, removed, and made twice.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('f2_proc_seq')
