# read-stars: asks for a password in raw mode, and prints a star for each of its characters.
import os
import sys
import tty

tty.setcbreak(0)
sys.stdout.write("Password: ")
sys.stdout.flush()
while os.read(0, 1) not in (b"\r", b"\n", b""):
    sys.stdout.write("*")
    sys.stdout.flush()
