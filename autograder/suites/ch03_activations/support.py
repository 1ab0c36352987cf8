"""Arrays with an unusual layout in memory, made beside the student's code.

A strided or read-only array may lose that property on its way into the sandbox.
"""

import numpy as np

LAYOUTS = ("Fortran order", "transposed", "every second column", "backwards", "read-only")


def on_layouts(function, x):
    """Return the answers of `function` to the same numbers laid out in different ways."""
    frozen = x.copy()
    frozen.flags.writeable = False
    arrays = (
        np.asfortranarray(x),
        np.ascontiguousarray(x.T).T,
        np.repeat(x, 2, axis=-1)[..., ::2],
        np.ascontiguousarray(x[::-1])[::-1],
        frozen,
    )
    return [function(array) for array in arrays]
