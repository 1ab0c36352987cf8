"""Goal: leave a file anywhere."""

for folder in ("/tmp", "/var/tmp", "/dev/shm", ".", *(s.rpartition("/")[0] for s in SECRETS)):
    path = f"{folder}/{MARK}"
    attempt("open", os.open, path, os.O_CREAT | os.O_WRONLY)
    attempt("io", modules["io"].open, path, "w")
    attempt("mkdir", os.mkdir, path)
    attempt("mknod", os.mknod, path)
    attempt("mkfifo", os.mkfifo, path)
    attempt("symlink", os.symlink, "/etc/passwd", path)
    attempt("link", os.link, SECRETS[0], path)
    attempt("np.save", np.save, path, np.ones(2))
    attempt("tofile", np.ones(2).tofile, path)
