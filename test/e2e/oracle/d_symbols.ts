// Symbols, dependencies, bad files, depmod and modprobe.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('d_symbols')
