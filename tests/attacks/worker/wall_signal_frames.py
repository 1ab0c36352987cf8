"""Goal: change registers by a forged signal frame, and write code where data was."""

ctypes = modules["ctypes"]
page = syscall(9 if X86 else 222, 0, 4096, 3, 0x22, -1, 0)
syscall(10 if X86 else 226, page, 4096, 5)


def double(x):
    syscall(15 if X86 else 139)
    breached("sigreturn came back")
