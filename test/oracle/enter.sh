#!/bin/bash
# Boots a machine and plays a scenario's script on it as the recorded sessions were played: as the one
# user of a machine that has little beside the kernel. The files are the host's, but for /t, where the
# modules are, and for a /dev and /sys that are bare: what the host has there shows through under
# `modbox run`, and is another on each host.
#
#   unshare --mount --pid --fork --kill-child enter.sh ROOT WORK PACKAGE [BOOT-OPTION…]
#
# ROOT: an empty folder, the root to be; WORK: the folder with modules, which the script knows as /t,
# beside one with tools; PACKAGE: the folder of modbox itself. A setup.sh in WORK prepares the machine
# before the script is played. What both print goes to stdout.
set -euo pipefail
root=$1 work=$2 package=$3
shift 3

mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$root"

# Everything of the host's, but for what is the script's own.
for entry in /*; do
  name=${entry#/}
  case $name in
    dev | proc | run | sys | t | tmp) continue ;;
  esac
  if [[ -L $entry ]]; then
    cp -P "$entry" "$root/$name"
  elif [[ -d $entry ]]; then
    mkdir "$root/$name" && mount --rbind "$entry" "$root/$name"
  fi
done
mkdir "$root"/{dev,proc,run,sys,t,tmp,.machine,.modbox,.tools}
mount -t proc none "$root/proc"
mount -t tmpfs none "$root/run"
mount --rbind "$work" "$root/t"

mkdir "$root"/dev/{pts,shm}
mount --rbind /dev/pts "$root/dev/pts"
mount -t tmpfs -o mode=755 none "$root/dev/shm"
for device in fuse null; do
  : >"$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
done

# The users that the recordings know.
printf '%s\n' root:x:0:0:root:/root:/bin/bash user:x:1000:1000::/:/bin/bash >"$root/.passwd"
mount --bind "$root/.passwd" "$root/etc/passwd"

# Ordinary users run the tools, too, wherever the package is.
mount --bind "$package" "$root/.modbox"
mount --bind "$work/../tools" "$root/.tools"
cp "$package/test/oracle/lib.sh" "$root/lib.sh"

# shellcheck disable=SC2016 # expanded inside
exec chroot "$root" /usr/bin/env -i \
  PATH=/.tools:/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/root TERM=dumb TZ=UTC \
  SCENARIO="${SCENARIO:?}" \
  bash --norc /.modbox/test/oracle/play.sh "$@"
