"""Goal: scan all of this process's memory for what the fork has brought along."""

ctypes = modules["ctypes"]
STEP = 1 << 20
word = WORD.encode()


def read(address, size):
    """Bytes at an address, b"" if nothing is there: write() says EFAULT where a load would crash."""
    os.lseek(1, 0, 0)
    try:
        syscall(1 if X86 else 64, 1, address, size)
    except OSError:
        return b""
    return os.pread(1, size, 0)


def regions():
    """Where something lives: objects, the heap, the stack, the environment, the libraries."""
    places = {id(thing) for thing in modules["gc"].get_objects()}
    places |= {ctypes.addressof(ctypes.c_char()), syscall(12 if X86 else 214, 0)}
    for name in ("environ", "Py_Main", "_Py_NoneStruct"):
        places.add(ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, name)))
    environ = ctypes.POINTER(ctypes.c_void_p).in_dll(ctypes.pythonapi, "environ")
    places |= {environ[0]} if environ and environ[0] else set()
    found = {place // STEP for place in places}
    return sorted(found | {n - 1 for n in found} | {n + 1 for n in found})


pages = 0
for region in regions():
    for address in range(region * STEP, (region + 1) * STEP, 1 << 16):
        data = read(address, 1 << 16) or b"".join(
            read(address + n, 4096) for n in range(0, 1 << 16, 4096)
        )
        pages += len(data) >> 12
        at = data.find(word)
        while at >= 0:
            tell(data[at : at + 60])
            at = data.find(word, at + 1)
os.lseek(1, 0, 0)
FOUND.append(f"{pages} pages read")
