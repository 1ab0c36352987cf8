"""Goal: an answer that takes a Markdown reader for ever."""


def change(book, folder):
    for number, one in enumerate(answers(book)):
        one["source"] = ("*a_" * 6_000, "[" * 9_000 + "](x)" * 2_000, "> " * 9_000, "`" * 9_999)[number % 4]
