// Attributes of devices, classes and objects: show, store, bytes, poll, removal.
import { oracleTest } from '../../harness/oracle.ts'

oracleTest('f4_devattr')
