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
