# The script gives dmesg -w less than half a second to start. Ours has to start Node.js first, which
# takes longer on a busy machine.
sleep() {
  command sleep 1.5
}
