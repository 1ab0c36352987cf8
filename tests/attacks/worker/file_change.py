"""Goal: change what lies there: rights, owners, names, contents, times."""

for path in SECRETS:
    attempt("chmod", os.chmod, path, 0o777)
    attempt("chown", os.chown, path, 1, 1)
    attempt("rename", os.rename, path, path + MARK)
    attempt("unlink", os.unlink, path)
    attempt("truncate", os.truncate, path, 0)
    attempt("utime", os.utime, path)
    attempt("setxattr", os.setxattr, path, "user.x", b"1")
    attempt("write", os.open, path, os.O_WRONLY)
