# Of the kernel's own modules there are to be those that post.sh makes, and no others.
rm -r /lib/modules/*/kernel
# Debian lists its own in the order in which they were linked, and depmod keeps to it.
printf "kernel/fs/fuse/%s.ko\n" fuse cuse >"$(echo /lib/modules/*/modules.order)"
# And unix is part of its kernel.
echo kernel/net/unix/unix.ko >>"$(echo /lib/modules/*/modules.builtin)"
printf 'unix.%s\0' alias=net-pf-1 license=GPL file=net/unix/unix \
  >>"$(echo /lib/modules/*/modules.builtin.modinfo)"
