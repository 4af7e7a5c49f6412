# Nodes that the script makes in /tmp are to lead to the machine, not to the host. The tools find the
# machine through a folder that was there.
mkdir /run/modbox
mount --bind "$MODBOX_RUNTIME_DIR" /run/modbox
export MODBOX_RUNTIME_DIR=/run/modbox
mkdir -m 1777 /dev/.tmp
mount --bind /dev/.tmp /tmp
# The numbers that other drivers had on the recorded machine are taken here, too.
insmod others.ko
rmmod others
