"""Errors that a user can act on.

UserError            one clear sentence; the command line prints it and exits with its status
    UsageError       the command was called wrongly (exit status 2)
"""


class UserError(Exception):
    """Something the user can mend: the text says what is wrong, where, and what to do."""

    status = 1


class UsageError(UserError):
    """The command line asked for something that does not exist or does not go together."""

    status = 2
