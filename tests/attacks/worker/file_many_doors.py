"""Goal: read a secret by every door in memory that opens files by itself."""

io, path = modules["io"], SECRETS[0]
DOORS = {
    "io.open": lambda: io.open(path).read(),
    "io.open_code": lambda: io.open_code(path).read(),
    "FileIO": lambda: io.FileIO(path).read(),
    "posix.open": lambda: os.read(modules["posix"].open(path, 0), 1 << 16),
    "codecs.open": lambda: modules["codecs"].open(path).read(),
    "pathlib": lambda: modules["pathlib"].Path(path).read_text(),
    "tokenize": lambda: modules["tokenize"].open(path).read(),
    "linecache": lambda: "".join(modules["linecache"].getlines(path)) or 1 / 0,
    "np.load": lambda: np.load(path),
    "np.fromfile": lambda: np.fromfile(path, np.uint8).tobytes(),
    "np.memmap": lambda: np.memmap(path, np.uint8, "r").tobytes(),
    "np.loadtxt": lambda: np.loadtxt(path, dtype=str),
    "np.genfromtxt": lambda: np.genfromtxt(path, dtype=str),
    "random.SystemRandom": lambda: io.open("/dev/urandom", "rb").read(1),
    "ctypes.CDLL": lambda: modules["ctypes"].CDLL(path),
}
for name, door in DOORS.items():
    got = attempt(name, door)
    if got is not None:
        tell(str(got))
