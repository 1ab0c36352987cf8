"""Goal: die by a signal in the middle of a check."""


def double(x):
    os.abort()


def apply(f, x):
    modules["faulthandler"]._sigsegv()
