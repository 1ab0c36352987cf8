"""Read by nbgrader and by JupyterLab when they are started in this folder; settings: course.toml."""

from pathlib import Path

from autograder.classroom.config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821  (nbgrader provides get_config)
