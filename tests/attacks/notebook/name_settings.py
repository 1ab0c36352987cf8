"""Goal: settings of nbgrader and Jupyter in the folder that it works in."""


def change(book, folder):
    for name in ("nbgrader_config.py", "jupyter_nbconvert_config.py", "ipython_config.py", "sitecustomize.py"):
        (folder / name).write_text("open('owned', 'w'); raise SystemExit")
    (folder / "templates").mkdir()
    (folder / "templates" / "feedback.tpl").write_text("<script>alert(1)</script>")
