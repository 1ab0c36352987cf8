"""`dlfs demo`: the whole round on a sample class, which then checks its own marks."""
