# read-in-thread: its main thread waits for another one, which asks for a name.
import threading

reader = threading.Thread(target=lambda: input("name: "))
reader.start()
reader.join()
