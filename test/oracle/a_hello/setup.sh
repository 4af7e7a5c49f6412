# The recording found no modules in /lib/modules.
rm -r /lib/modules/*/kernel
depmod
# The script sleeps for half a second, in which insmod has loaded slow.ko. Ours has to start Node.js
# first, which takes longer on a busy machine; slow.ts is slower, too.
sleep() {
  command sleep 1.5
}
