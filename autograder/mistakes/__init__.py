"""Known mistakes: they prove the suites, name what went wrong, and show what a class misunderstood.

catalogue    mistakes.toml beside each suite: one-place changes of the reference, in words
places       where a change applies: the code of an exercise or of one function
operators    generic changes of the references (arithmetic, comparison, axis, removed statement ...)
replay       one check on one program, outside pytest
trace        what a failing check saw, comparable and small
diagnosis    a failing check compared with the same check on every known mistake
fingerprints what numbers look like when no known mistake gives them
recorded     wrong outputs of the public checks, for copies without solutions
prove, page  every suite against every change, and the table of it
statistics   mistakes counted over a class
"""
