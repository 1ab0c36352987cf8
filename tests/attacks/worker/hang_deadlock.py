"""Goal: wait for a lock that nobody will release."""


def double(x):
    lock = modules["_thread"].allocate_lock()
    lock.acquire()
    lock.acquire()
