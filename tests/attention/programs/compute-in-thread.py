# compute-in-thread: its main thread waits for another one, which sleeps.
import threading
import time

worker = threading.Thread(target=time.sleep, args=(60,))
worker.start()
print("begun", flush=True)
worker.join()
