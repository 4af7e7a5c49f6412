#!/bin/bash
# Runs a scenario's script as the one user program of a machine: in a mount namespace of its own
# whose /dev, /proc, /sys and /lib/modules are the machine's, and whose other files are the host's.
#
#   unshare -m enter.sh ROOT MNT WORK PACKAGE
#
# ROOT: an empty folder, the root to be; MNT: where the machine is mounted; WORK: the folder with
# modules and tools, which the script knows as /t; PACKAGE: the folder of modbox itself.
# A setup.sh in WORK prepares the machine before the script is played. What both print goes to stdout.
set -euo pipefail
root=$1 mnt=$2 work=$3 package=$4

mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$root"

# Everything of the host's, but for what is the machine's or the script's own.
for entry in /*; do
  name=${entry#/}
  case $name in
    dev | lib | proc | run | sys | t | tmp) continue ;;
  esac
  if [[ -L $entry ]]; then
    cp -P "$entry" "$root/$name"
  elif [[ -d $entry ]]; then
    mkdir "$root/$name" && mount --rbind "$entry" "$root/$name"
  fi
done

mkdir -p "$root"/{dev,lib/modules,proc,.proc,run,sys,t,tmp,.host/lib,.host/proc,opt}
mount --rbind "$mnt/dev" "$root/dev"
mount --rbind "$mnt/sys" "$root/sys"
mount --rbind "$mnt/proc" "$root/.proc"
mount --rbind "$mnt/lib/modules" "$root/lib/modules"
mount --rbind "$work" "$root/t"
# Nodes that a script makes in /tmp are to be the machine's: the host's would open the host's devices.
mkdir "$mnt/dev/shm"
mount --bind "$mnt/dev/shm" "$root/tmp"
# The tools find the machine by its own path.
for folder in "$mnt" "${MODBOX_RUNTIME_DIR:?}"; do
  mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder"
done
mount --rbind /lib "$root/.host/lib"
mount --rbind /proc "$root/.host/proc"
mount -t tmpfs none "$root/run"
for entry in /lib/*; do
  name=${entry#/lib/}
  [[ $name == modules || ! -e $entry ]] || ln -s "/.host/lib/$name" "$root/lib/$name"
done
if [[ -d $mnt/etc/modprobe.d ]]; then
  for folder in modprobe.d depmod.d; do
    if [[ -d $mnt/etc/$folder && -d /etc/$folder ]]; then
      mount --bind "$mnt/etc/$folder" "$root/etc/$folder"
    fi
  done
fi

# /proc: the machine's files, and links to the host's where it has none of that name.
mount -t tmpfs -o mode=555 none "$root/proc"
for entry in "$mnt"/proc/*; do
  name=${entry##*/}
  if [[ -L $entry ]]; then
    cp -P "$entry" "$root/proc/$name"
  elif [[ -d $entry ]]; then
    mkdir "$root/proc/$name" && mount --bind "$entry" "$root/proc/$name"
  else
    : >"$root/proc/$name" && mount --bind "$entry" "$root/proc/$name"
  fi
done
for entry in /proc/*; do
  name=${entry##*/}
  [[ -e $root/proc/$name || -L $root/proc/$name ]] || ln -s "/.host/proc/$name" "$root/proc/$name"
done

# The users that the recordings know.
printf '%s\n' root:x:0:0:root:/root:/bin/bash user:x:1000:1000::/:/bin/bash >"$root/.host/passwd"
mount --bind "$root/.host/passwd" "$root/etc/passwd"

# Ordinary users run the tools, too, wherever the package is.
mkdir "$root/.modbox" "$root/.tools"
mount --bind "$package" "$root/.modbox"
mount --bind "$work/../tools" "$root/.tools"
cp "$package/test/oracle/lib.sh" "$root/lib.sh"

# shellcheck disable=SC2016 # expanded inside
exec chroot "$root" /usr/bin/env -i \
  PATH=/.tools:/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/root TERM=dumb TZ=UTC \
  MODBOX_RUNTIME_DIR="$MODBOX_RUNTIME_DIR" \
  bash --norc -c 'cd /t; [ ! -e setup.sh ] || . ./setup.sh; . /lib.sh; newmsg -q; . "/.modbox/test/oracle/$0/test.sh"' \
  "${SCENARIO:?}"
