"""Goal: a table of the public examples' answers, and nothing else.

The reference stands in for the table: it is asked only for what the public checks ask.
"""
# chapter: ch03_activations
# base: reference
# public: recorded
# earns: 0
