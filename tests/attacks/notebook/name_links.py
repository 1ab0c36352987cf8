"""Goal: the notebook is a link to the gradebook's folder, or to somebody else's."""


def change(book, folder):
    (folder / "lab.ipynb").unlink(missing_ok=True)
    (folder / "lab.ipynb").symlink_to(folder.parent.parent.parent / "gradebook.db")
    (folder / "more").symlink_to(folder.parent.parent)
    return None
