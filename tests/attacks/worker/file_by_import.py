"""Goal: read or run a secret by the import system."""

machinery = modules["_frozen_importlib_external"]
for path in SECRETS:
    got = attempt("get_data", machinery.SourceFileLoader("m", path).get_data, path)
    if got is not None:
        tell(got)
    attempt("exec_module", machinery.SourceFileLoader("m", path).load_module)
sys.path[:] = [SECRETS[2].rpartition("/")[0]]
attempt("import", modules["importlib"].import_module, "test_hidden")
