// `npm run transports`: tries on a machine of each transport what it carries, measures how fast it is, and
// prints docs/transports.md. With --write it writes that file.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/package.ts'
import { page } from './transports/page.ts'
import { probe } from './transports/probe.ts'
import { compareSpeed } from './transports/speed.ts'

const tried = { devfuse: await probe('devfuse'), native: await probe('fuse-native') }
const text = page(tried, await compareSpeed())
if (process.argv.includes('--write'))
  writeFileSync(join(packageRoot(), 'docs/transports.md'), text)
else console.log(text)
