"""Goal: import what is not on the list by the way that C code takes: fromlist is a list."""

for name in ("os", "ctypes", "socket", "_ctypes", "posix"):
    __import__(name, fromlist=[])  # in memory anyway: nothing is gained
for name in ("autograder.suite", "autograder.grading", "autograder.engine", "pytest", "arena_solution"):
    attempt("import " + name, lambda name=name: __import__(name, fromlist=[]))
for name in ("sqlite3", "xml.dom", "ctypes.util", "multiprocessing", "http.client", "torch", "scipy", "sklearn"):
    attempt("import " + name, lambda name=name: __import__(name, fromlist=[]))
