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
# Another kernel's release, which may be longer or shorter than ours.
objcopy -O binary --only-section=.modinfo --set-section-flags .modinfo=alloc symb.ko modinfo.bin
sed -i -z 's/^vermagic=[^ ]*/vermagic=5.9.0-99-amd64/' modinfo.bin
objcopy --update-section .modinfo=modinfo.bin symb.ko badmagic.ko
rm modinfo.bin

xz -k -f symb.ko && mv symb.ko.xz symb_xz.ko.xz
gzip -k -c symb.ko >symb_gz.ko.gz

# realmods: three of Debian's own modules, as built with its kernel.
mv realmods sub_realmods && mkdir realmods
node "$MODBOX" make sub_realmods >build_realmods.log 2>&1
cp sub_realmods/*.ko realmods
rm -r sub_realmods
