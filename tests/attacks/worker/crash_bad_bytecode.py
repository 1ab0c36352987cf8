"""Goal: run bytecode that no compiler makes."""


def double(x):
    code = (lambda: None).__code__
    exec(code.replace(co_code=bytes([100, 255]) * 100, co_consts=()))
