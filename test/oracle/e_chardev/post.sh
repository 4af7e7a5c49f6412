# The program that several processes and threads use a device with.
cc -O1 -w -pthread -o user1 user1.c
