"""A stub that changes under a learner's hands: what they have not begun is new, the rest theirs."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from autograder.bundle.merge import merge

OLD = '''"""Two functions and a class."""

import numpy as np

EPS = 1e-8


def relu(x):
    """Return max(x, 0)."""
    raise NotImplementedError("relu")


def tanh(x):
    """Return tanh."""
    raise NotImplementedError("tanh")


class Dense:
    """y = x W."""

    def forward(self, x):
        """Return y."""
        raise NotImplementedError("Dense")

    def backward(self, dout):
        """Return dx."""
        raise NotImplementedError("Dense")
'''


def changed(*pairs: tuple[str, str], text: str = OLD) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


WRITTEN = ('raise NotImplementedError("relu")', "return np.maximum(x, 0)  # mine")


def test_an_untouched_function_is_renewed_and_a_written_one_stays():
    new = changed(("Return max(x, 0).", "Return the larger."), ("Return tanh.", "Return it."))

    merged = merge(changed(WRITTEN), OLD, new)

    assert merged.text == changed(WRITTEN, ("Return tanh.", "Return it."))
    assert merged.taken == ["tanh"]
    assert merged.yours == {"relu": 8}


def test_methods_are_told_apart():
    new = changed(("Return y.", "Return x W."), ("Return dx.", "Return dout W^T."))
    mine = changed(('y."""\n        raise NotImplementedError("Dense")', 'y."""\n        return x'))

    merged = merge(mine, OLD, new)

    assert merged.taken == ["Dense.backward"]
    assert merged.yours == {"Dense.forward": 21}
    assert "Return dout W^T." in merged.text
    assert "return x\n" in merged.text


def test_the_head_of_a_class_is_renewed_where_its_methods_are_written():
    new = changed(('"""y = x W."""', '"""y = x W + b."""'))
    mine = changed(
        ('dx."""\n        raise NotImplementedError("Dense")', 'dx."""\n        return 1')
    )

    merged = merge(mine, OLD, new)

    assert merged.taken == ["Dense"]
    assert merged.text == changed(('"""y = x W."""', '"""y = x W + b."""'), text=mine)


def test_the_head_of_a_class_that_was_edited_stays():
    new = changed(('"""y = x W."""', '"""y = x W + b."""'))
    mine = changed(('"""y = x W."""', '"""Mine."""'), (", dout):", ", dy):"))

    merged = merge(mine, OLD, new)

    assert merged.text == mine
    assert merged.yours == {"Dense": 18}


def test_what_would_be_no_python_any_more_is_left_alone():
    """A method with four spaces does not fit into a class that somebody has set with two."""
    mine = changed(WRITTEN).replace("    ", "  ")
    new = OLD + '\n    def predict(self, x):\n        raise NotImplementedError("Dense")\n'

    merged = merge(mine, OLD, new)

    assert merged.text == mine
    assert merged.taken == []
    assert list(merged.yours) == ["Dense.predict"]


def test_an_untouched_class_is_renewed_whole():
    new = changed(
        ('"""y = x W."""', '"""y = x W + b."""'),
        ('    def backward(self, dout):\n        """Return dx."""', "    def backward(self, dy):"),
    )

    merged = merge(changed(WRITTEN), OLD, new)

    assert merged.text == changed(WRITTEN, text=new)
    assert merged.taken == ["Dense"]
    assert merged.yours == {}


def test_what_is_new_is_added():
    extra = "\n\ndef softplus(x):\n    raise NotImplementedError('softplus')\n"
    method = '\n    def predict(self, x):\n        raise NotImplementedError("Dense")\n'
    new = changed(("import numpy as np\n", "import math\n\nimport numpy as np\n")) + method + extra

    merged = merge(changed(WRITTEN), OLD, new)

    names = [getattr(node, "name", "") for node in ast.parse(merged.text).body]
    assert merged.taken == ["Dense", "softplus", "import math"]
    assert "softplus" in names
    assert "    def predict(self, x):" in merged.text
    assert "import math\n" in merged.text
    assert "# mine" in merged.text


def test_what_is_gone_goes_unless_it_is_written():
    without_tanh = OLD[: OLD.index("def tanh")] + OLD[OLD.index("class Dense") :]
    without_both = OLD[: OLD.index("def relu")] + OLD[OLD.index("class Dense") :]

    merged = merge(changed(WRITTEN), OLD, without_both)

    assert merged.text == changed(WRITTEN, text=without_tanh)


def test_a_function_of_the_same_name_is_the_learners():
    own = OLD + "\n\ndef softplus(x):\n    return 1\n"
    new = OLD + "\n\ndef softplus(x):\n    raise NotImplementedError('softplus')\n"

    merged = merge(own, OLD, new)

    assert merged.text == own
    assert list(merged.yours) == ["softplus"]


def test_a_function_that_was_taken_away_is_named_and_stays_away():
    mine = OLD[: OLD.index("def tanh")] + OLD[OLD.index("class Dense") :]

    merged = merge(mine, OLD, changed(("Return tanh.", "Return it.")))

    assert merged.text == mine
    assert list(merged.yours) == ["tanh"]


def test_a_constant_is_renewed_where_it_is_untouched():
    new = changed(("EPS = 1e-8", "EPS = 1e-12"))

    assert merge(changed(WRITTEN), OLD, new).text == changed(WRITTEN, text=new)
    assert merge(changed(("EPS = 1e-8", "EPS = 0")), OLD, new).yours == {"EPS": 5}


def test_a_file_that_is_no_python_stays_as_it_is():
    mine = changed(WRITTEN) + "\ndef broken(:\n"

    merged = merge(mine, OLD, changed(("Return tanh.", "Return it.")))

    assert merged.text == mine
    assert merged.yours == {"tanh": 13}


def test_a_stub_that_did_not_change_changes_nothing():
    mine = changed(WRITTEN, ("EPS = 1e-8", "EPS = 3"))

    merged = merge(mine, OLD, OLD)

    assert (merged.text, merged.taken, merged.yours) == (mine, [], {})


BODIES = st.sampled_from(
    ['raise NotImplementedError("f")', "return 1", "return x  # mine", "if x:\n        return 2"]
)
NAMES = ("a", "b", "c")


def module(bodies: dict[str, str]) -> str:
    return "\n\n".join(f"def {name}(x):\n    {body}\n" for name, body in bodies.items())


MODULES = st.dictionaries(st.sampled_from(NAMES), BODIES)


@given(mine=MODULES, old=MODULES, new=MODULES)
def test_whatever_is_written_is_still_there(mine, old, new):
    merged = merge(module(mine), module(old), module(new))

    functions = {node.name: ast.unparse(node) for node in ast.parse(merged.text).body}
    for name, body in mine.items():
        if old.get(name) != body:
            assert functions[name] == ast.unparse(ast.parse(module({name: body})))
        elif name in new:
            assert functions[name] == ast.unparse(ast.parse(module({name: new[name]})))
        else:
            assert name not in functions
    for name in new.keys() - mine.keys() - old.keys():
        assert name in functions
