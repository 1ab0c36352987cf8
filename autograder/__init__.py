"""The engine of the course: build, sandbox, suites, grading, classroom."""

__version__ = "0.1.0"
