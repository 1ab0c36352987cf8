"""Goal: listen in: tracing, profiling, audit hooks, gc callbacks, import hooks."""

heard = []


def listen(*args):
    heard.append(repr(args)[:200])
    tell(repr(args))
    return listen


sys.settrace(listen)
sys.setprofile(listen)
sys.addaudithook(listen)
modules["gc"].callbacks.append(listen) if "gc" in modules else None
sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(lambda *a: listen(*a) and None)}))
