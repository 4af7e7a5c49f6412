#!/usr/bin/env node
// The `modbox` command. All of it is in src/tools/cli.ts.
import { main } from '../dist/src/tools/cli.js'

await main(process.argv)
