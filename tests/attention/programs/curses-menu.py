# curses-menu [MS]: draws a menu and waits for a key, looking up every MS milliseconds.
import curses
import sys


def menu(screen):
    if len(sys.argv) > 1:
        screen.timeout(int(sys.argv[1]))
    screen.addstr(2, 2, "choose one")
    while screen.getch() != ord("q"):
        screen.refresh()


curses.wrapper(menu)
