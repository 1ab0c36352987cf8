"""From what an author writes to what a student sees: stubs and lab notebooks."""
