"""From a hand-in to a Result: intake, marking in the sandbox, storage."""
