# Drivers find what they found on the recorded machine, and the first numbers that it had free.
insmod others.ko && rmmod others
mknod -m 600 /dev/mem c 1 1
mknod -m 600 /dev/port c 1 4
mknod -m 600 /dev/rtc0 c 251 0
