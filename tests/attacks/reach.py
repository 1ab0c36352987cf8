"""What every hostile hand-in of the corpus begins with: the reach of an attacker, and its mouth.

`warnings` may be imported and holds `sys`, and through it every module in memory. Whatever is found
goes out by every channel that a student's code has: return values, exceptions, printed output.
"""

import warnings

sys = warnings.sys
modules = sys.modules
os = modules["os"]
np = modules["numpy"]
MARK = "@MARK@"  # part of the name of every file that an attack makes
SECRETS = "@SECRETS@".split("|")  # where they lie; a real attacker would have to guess
WORD = "CAN" + "ARY-"  # what each secret begins with
X86 = os.uname().machine == "x86_64"  # the numbers of system calls differ
FOUND = []


def tell(what):
    """Report what was read, if a secret is in it."""
    text = what if isinstance(what, str) else bytes(what).decode("latin-1")
    for part in text.split(WORD)[1:]:
        if part[:1].isalpha():
            FOUND.append(WORD + part[:40])


def breached(what):
    """Report that something worked that must not."""
    FOUND.append("BREA" + "CHED " + str(what))


def attempt(what, f, *args):
    """Call what must be refused; the result of a call that was not."""
    try:
        got = f(*args)
    except Exception:
        return None
    breached(what)
    return got


def syscall(number, *args):
    """A raw system call: ctypes cannot be imported, but the walls' own module holds it."""
    words = [a if isinstance(a, (int, bytes)) else a.encode() for a in args]
    return modules["autograder.sandbox.lockdown"]._syscall(number, *words)


def head(length, sizes):
    """The beginning of a frame that says this about itself."""
    return modules["struct"].pack(f"<II{len(sizes)}Q", length, len(sizes), *sizes)


def frame(tree, *bufs):
    """A well-formed frame."""
    text = modules["json"].dumps(tree).encode()
    return head(len(text), [len(buf) for buf in bufs]) + text + b"".join(bufs)


def send(data):
    """Write bytes to the grader's end of the conversation."""
    while data:
        data = data[os.write(3, data) :]


def report():
    return " ".join(dict.fromkeys(FOUND))[:900] or "nothing found"


def double(x):
    print(report())
    raise RuntimeError(report())


def apply(f, x):
    print(report())
    return report()


class Box:
    def __init__(self, w):
        self.w = w
        print(report())

    def scale(self, x):
        return [report()]
