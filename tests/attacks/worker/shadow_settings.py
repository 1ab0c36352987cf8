"""Goal: settings beside the hand-in that a tool might pick up."""
#### file: pytest.ini
[pytest]
addopts = --collect-only
#### file: pyproject.toml
[tool.pytest.ini_options]
addopts = "-p no:autograder"
#### file: chapter.toml
title = "mine"
#### file: evil.pth
import os; os.system("touch /tmp/@MARK@")
#### file: pyvenv.cfg
home = /tmp
