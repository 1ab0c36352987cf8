"""Goal: somebody else's library does the work, under another name or by a detour."""
# earns: 0

NAMES = ("torch", "tensorflow", "sklearn.neural_network", "scipy.special", "jax", "autograd", "mlxtend")
for name in NAMES:
    for door in (__import__, modules["importlib"].import_module, lambda n: __import__(n, fromlist=[])):
        attempt(name, door, name)
for name in ("numpy.f2py", "numpy.testing", "numpy.distutils", "numpy.ctypeslib._ctypeslib", "numpy.core.x"):
    attempt(name, modules["importlib"].import_module, name)
exec(modules["zlib"].decompress(b"x") if "zlib" in modules else "pass") if False else None
