# The machine has a sample driver of the same name in its /lib/modules.
rm -r /lib/modules/*/kernel/drivers/hello
