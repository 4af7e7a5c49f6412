// The same machine where libc cannot be called: mount(8), and node's thread pool for reading.
import t from 'tap'
import { machineFolder, shell } from '../harness/mounted.ts'
import { modboxWithout } from '../harness/package_without.ts'
import { requireThat } from '../harness/require.ts'

t.test('without koffi the machine works, slower', async t => {
  if (!requireThat(t, process.getuid?.() === 0, 'mount(8) needs root')) return
  const dir = machineFolder(t)
  const { out, err } = shell(
    dir,
    `${modboxWithout(t, /koffi|koromix/)}
    modbox boot --load-samples mnt > /dev/null
    modbox dmesg -t | grep mounted | grep -o 'by [^,]*'
    ls -l mnt/dev/scull0 | cut -c1-10
    echo hello > mnt/dev/scull0 && cat mnt/dev/scull0
    head -c 100000 mnt/dev/zero | wc -c
    modbox rmmod scull && modbox lsmod
    (cat mnt/dev/kmsg > /dev/null & sleep 0.2; kill $!; wait $!; echo "interrupted")
    modbox halt`,
  )
  t.equal(
    out,
    `by mount(8)
crw-------
hello
100000
Module                  Size  Used by
interrupted
`,
    err,
  )
})
