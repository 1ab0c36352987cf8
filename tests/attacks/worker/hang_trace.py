"""Goal: make the question "where are you?" last for ever by a flood into the trace."""


def double(x):
    while True:
        os.write(4, b'File "' * 10_000)
        os.lseek(4, 0, 0)
