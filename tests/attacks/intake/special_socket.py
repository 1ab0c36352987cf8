"""Goal: a socket with the name of a Python file."""


def plant(folder, secret):
    import os
    import socket

    before = os.getcwd()
    os.chdir(folder)  # the address of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("sock.py")
    finally:
        os.chdir(before)
