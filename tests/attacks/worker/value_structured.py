"""Goal: dtypes that compare in their own way: structured, dates, void, text."""


def double(x):
    return np.zeros(np.shape(x), dtype=[("a", "f8"), ("b", "f8")])


def apply(f, x):
    return np.array("nan", dtype="datetime64[s]") if x is None else np.datetime64("NaT")


class Box:
    def __init__(self, w):
        self.w = np.zeros(3, "V8")

    def scale(self, x):
        return np.array(["1.0", "2.0"])
