"""Goal: the older ways to make a process, by number."""

for name, number in {"fork": 57, "vfork": 58, "clone": 56}.items() if X86 else ():
    attempt(name, syscall, number, 17, 0, 0, 0, 0)
