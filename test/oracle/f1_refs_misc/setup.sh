# The numbers that other drivers had on the recorded machine are taken here, too.
insmod others.ko
rmmod others
