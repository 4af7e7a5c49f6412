#!/bin/bash
# Runs a scenario's script as the recorded sessions were run: in a root whose files are the host's,
# but for /t, where the modules are, and for what makes it the recorded machine's.
#
#   unshare -m enter.sh ROOT MNT WORK PACKAGE
#
# ROOT: an empty folder, the root to be; MNT: where the machine is mounted; WORK: the folder with
# modules, which the script knows as /t, beside one with tools; PACKAGE: the folder of modbox itself.
# A setup.sh in WORK prepares the machine before the script is played. What both print goes to stdout.
set -euo pipefail
root=$1 mnt=$2 work=$3 package=$4

mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$root"

# Everything of the host's, but for what is the script's own.
for entry in /*; do
  name=${entry#/}
  case $name in
    run | t | tmp) continue ;;
  esac
  if [[ -L $entry ]]; then
    cp -P "$entry" "$root/$name"
  elif [[ -d $entry ]]; then
    mkdir "$root/$name" && mount --rbind "$entry" "$root/$name"
  fi
done
mkdir "$root"/{run,t,tmp,.modbox,.tools}
mount -t tmpfs none "$root/run"
mount --rbind "$work" "$root/t"
# Nodes that a script makes in /tmp are to be the machine's: the host's would open the host's devices.
mkdir "$mnt/dev/.tmp"
mount --bind "$mnt/dev/.tmp" "$root/tmp"
# The machine is found by its own path.
for folder in "$mnt" "${MODBOX_RUNTIME_DIR:?}"; do
  mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder"
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
  MODBOX_RUNTIME_DIR="$MODBOX_RUNTIME_DIR" \
  node /.modbox/bin/modbox.js run --machine "$mnt" \
  bash --norc -c 'cd /t; [ ! -e setup.sh ] || . ./setup.sh; . /lib.sh; newmsg -q; . "/.modbox/test/oracle/$0/test.sh"' \
  "${SCENARIO:?}"
