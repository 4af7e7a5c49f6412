# Of the kernel's own modules there are to be those that post.sh makes, and no others.
rm -r /lib/modules/*/kernel
