# The program that polls an attribute.
cc -O1 -w -o user1 user1.c
