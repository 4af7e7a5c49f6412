# insmod shows the error that it met last when a module's init returns no error number. On the recorded
# machine that was the missing list of soft dependencies.
rm /lib/modules/*/modules.softdep
