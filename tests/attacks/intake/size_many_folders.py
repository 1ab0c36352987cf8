"""Goal: five thousand folders."""


def plant(folder, secret):
    for number in range(5_000):
        (folder / f"d{number}").mkdir()
