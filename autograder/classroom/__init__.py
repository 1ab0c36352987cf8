"""The classroom: nbgrader carries hand-ins and keeps the gradebook; marks come from the sandbox."""
