"""Goal: fill the disk through the descriptors for printed output."""


def double(x):
    for fd in (1, 2, 4):
        try:
            while True:
                os.write(fd, b"x" * 1_000_000)
        except OSError:
            pass
        if os.lseek(fd, 0, 2) > 1 << 21:
            breached(f"more than 2 MiB in descriptor {fd}")
    raise RuntimeError(report())
