"""Goal: names of the greatest length, a thousand of them in the remarks."""


def plant(folder, secret):
    for number in range(1000):
        (folder / (f"{number:04}" + "n" * 245 + ".dat")).write_text("x")
