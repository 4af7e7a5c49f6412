# What enter.sh runs in the root that it has made: boots the machine, plays the scenario's script, halts it.
modbox() {
  node /.modbox/bin/modbox.js "$@"
}
modbox boot "$@" /.machine >/dev/null || exit
umount -l /dev/fuse && rm /dev/fuse

# Nodes that a script makes in /tmp are to be the machine's: the host's would open the host's devices.
mkdir /.machine/dev/.tmp
mount --bind /.machine/dev/.tmp /tmp

# The recorded machine's ps lists all processes with their arguments; here not before those that it is piped to.
ps() {
  sleep 0.3
  command ps -e -o pid,user,args
}
export -f ps

# shellcheck disable=SC2016 # expanded inside
modbox run bash --norc -c \
  'cd /t; [ ! -e setup.sh ] || . ./setup.sh; . /lib.sh; newmsg -q; . "/.modbox/test/oracle/$SCENARIO/test.sh"'
umount /tmp
modbox halt >/dev/null
