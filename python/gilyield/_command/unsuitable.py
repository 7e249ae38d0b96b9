# SPDX-License-Identifier: MIT
"""Why a program cannot be started with gilyield, and the exit codes of the command."""

NOT_FOUND, CANNOT, USAGE = 127, 126, 2  #: exit codes, as shells use them


class Unsuitable(Exception):
    """gilyield cannot be put into that program; the text says why in one sentence."""

    def __init__(self, sentence: str, code: int = CANNOT) -> None:
        super().__init__(sentence)
        self.code = code
