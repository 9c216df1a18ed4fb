# wait-for-socket: waits on a socket to which nobody connects.
import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("nobody-comes")
listener.listen()
print("listening", flush=True)
listener.accept()
