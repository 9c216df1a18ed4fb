# ask-until-told [hide]: asks on a line, hiding the answer if so told, until somebody writes to the fifo "go"; then says that it
# is too late, and sleeps.
import os
import select
import sys
import termios
import time

before = termios.tcgetattr(0)
if "hide" in sys.argv:
    hidden = termios.tcgetattr(0)
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, hidden)
go = os.open("go", os.O_RDONLY | os.O_NONBLOCK)
os.write(1, b"go on? ")
select.select([0, go], [], [])
termios.tcsetattr(0, termios.TCSANOW, before)
os.write(1, b"\r\ntoo late\r\n")
time.sleep(60)
