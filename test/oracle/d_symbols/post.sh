# The modules that modpost would refuse, or would compare with the others: each is built in a
# folder of its own. Then the damaged files.
K=$PWD
sub() { # NAME [VARIABLE=VALUE…]
  local name=$1
  shift
  mkdir "sub_$name" && cp "$name.ts" "sub_$name"
  echo "obj-m := $name.o" >"sub_$name/Makefile"
  node "$MODBOX" make "sub_$name" "$@" >"build_$name.log" 2>&1
  [ ! -e "sub_$name/$name.ko" ] || cp "sub_$name/$name.ko" .
  rm -r "sub_$name"
}
sub symdup
sub symdupk
sub symns KBUILD_EXTRA_SYMBOLS="$K/Module.symvers"
sub symp KBUILD_EXTRA_SYMBOLS="$K/Module.symvers"
sub undef KBUILD_MODPOST_WARN=1

python3 - <<'P'
def read(name): return open(name, 'rb').read()
def write(name, data): open(name, 'wb').write(data)

write('symp.ko', read('symp.ko').replace(b'license=GPL\0', b'license=Pro\0'))
write('symdupk.ko', read('symdupk.ko').replace(b'kstrtoint_oracle', b'alloc_chrdev_reg'))

b = read('symb.ko')
at = b.find(b'vermagic=')
end = b.find(b' ', at)
other = bytes(ord('9') if 48 <= c <= 57 else c for c in b[at:end])
write('badmagic.ko', b[:at] + other + b[end:])
write('trunc.ko', b[:len(b) // 2])
write('trunc1.ko', b[:-1])
write('trunc100.ko', b[:100])
write('trunc63.ko', b[:63])
write('empty.ko', b'')
write('text.ko', b'this is not a module\n')
write('script.ko', b'#!/bin/sh\necho hi\n')
def poked(at, value):
    c = bytearray(b)
    c[at] = value
    return bytes(c)
write('arm.ko', poked(18, 0x28))
write('exec.ko', poked(16, 2))
write('elf32.ko', poked(4, 1))
# An entry of __versions: 8 bytes of CRC, then the name in 56.
entry = [k for k in range(len(b) - 64) if b[k + 8:k + 12] == b'foo\0' and not any(b[k + 12:k + 40])]
write('badcrc.ko', poked(entry[0], b[entry[0]] ^ 0xff))
P
xz -k -f symb.ko && mv symb.ko.xz symb_xz.ko.xz
gzip -k -c symb.ko >symb_gz.ko.gz

# realmods: stand-ins for three of Debian's modules, with the names that those export and are
# known by, so that depmod and modprobe have them to find.
mkdir realmods sub_real
cat >sub_real/fuse.ts <<'T'
import { EXPORT_SYMBOL_GPL, MODULE_ALIAS, MODULE_AUTHOR, MODULE_DESCRIPTION, MODULE_INFO, MODULE_LICENSE } from '#linux/module'
MODULE_ALIAS('fs-fusectl')
MODULE_AUTHOR('Miklos Szeredi <miklos@szeredi.hu>')
MODULE_DESCRIPTION('Filesystem in Userspace')
MODULE_LICENSE('GPL')
MODULE_ALIAS('fs-fuse')
MODULE_ALIAS('fs-fuseblk')
MODULE_ALIAS('char-major-10-229')
MODULE_ALIAS('devname:fuse')
MODULE_INFO('intree', 'Y')
T
for name in abort_conn conn_destroy conn_get conn_init conn_put dax_cancel_work dequeue_forget \
  dev_alloc dev_alloc_install dev_fiq_ops dev_free dev_install dev_operations dev_release \
  direct_io do_ioctl do_open file_poll fill_super_common free_conn get_unique \
  init_fs_context_submount len_args mount_destroy mount_remove request_end send_init \
  simple_background sync_release; do
  printf 'export function fuse_%s(): number { return 0 }\nEXPORT_SYMBOL_GPL(fuse_%s)\n' \
    "$name" "$name" >>sub_real/fuse.ts
done
cat >sub_real/cuse.ts <<'T'
import { MODULE_ALIAS, MODULE_INFO, MODULE_LICENSE, module_init } from '#linux/module'
MODULE_LICENSE('GPL')
MODULE_ALIAS('char-major-10-203')
MODULE_ALIAS('devname:cuse')
MODULE_INFO('intree', 'Y')
declare function fuse_do_open(): number
module_init(() => fuse_do_open())
T
cat >sub_real/loop.ts <<'T'
import { MODULE_ALIAS, MODULE_INFO, MODULE_LICENSE } from '#linux/module'
MODULE_LICENSE('GPL')
MODULE_ALIAS('block-major-7-*')
MODULE_ALIAS('char-major-10-237')
MODULE_ALIAS('devname:loop-control')
MODULE_INFO('intree', 'Y')
T
echo 'obj-m := fuse.o cuse.o loop.o' >sub_real/Makefile
node "$MODBOX" make sub_real >build_real.log 2>&1
cp sub_real/*.ko realmods
rm -r sub_real
