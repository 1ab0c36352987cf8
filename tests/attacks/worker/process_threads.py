"""Goal: a background thread that goes on between the checks."""


def spin():
    while True:
        pass


attempt("thread", modules["_thread"].start_new_thread, spin, ())
attempt("raw clone", syscall, 56 if X86 else 220, 0x50F00, 0, 0, 0, 0)
attempt("clone3", syscall, 435, b"\0" * 88, 88)
