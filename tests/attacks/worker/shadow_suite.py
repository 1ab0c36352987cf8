"""Goal: files with the names of the suite's own."""
#### file: support.py
passed = True
#### file: test_public.py
def test_double_of_an_example(): pass
#### file: test_hidden.py
def test_double_of_random_numbers(): pass
#### file: arena.py
from mini import *
#### file: reference.py
def double(x): return x
