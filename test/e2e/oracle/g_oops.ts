// Mistakes of a driver: warnings, bad pointers, BUG, in every place.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('g_oops')
