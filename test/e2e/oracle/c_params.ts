// Every spelling of every type of parameter, given and written.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('c_params')
