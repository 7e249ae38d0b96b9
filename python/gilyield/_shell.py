# SPDX-License-Identifier: MIT
"""What a shell wrapper starts, as far as reading it tells. Nothing is executed.

Wrappers of applications set a few variables and end in `exec /usr/lib/app/app "$@"`. That much of the shell's language is
understood: assignments, `$VAR`, `${VAR:-word}`, `${0%/*}`, and `$(...)` with dirname, basename, readlink, realpath, `cd ... && pwd`.
Branches are not decided: each line counts. A word that is not understood is None, and what depends on it is passed over.
"""

import os
import re
import shlex
from typing import Dict, Iterator, List, NamedTuple, Optional

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)", re.DOTALL)
_LEADING = re.compile(r"^(?:then|else|do|if|elif|while|\{|\(|!)\s+")


class Command(NamedTuple):
    """A command that the wrapper may end in."""

    words: List[str]
    variables: Dict[str, str]  #: that the wrapper has set by then, exported or not


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """Index of the bracket that ends what begins before `start`, or -1."""
    depth = 1
    for index in range(start, len(text)):
        depth += (text[index] == opening) - (text[index] == closing)
        if depth == 0:
            return index
    return -1


class _Reader:
    def __init__(self, script: str, environment: Dict[str, str]) -> None:
        self._script = script
        self.variables: Dict[str, str] = {}
        self._environment = environment

    def _value(self, name: str) -> str:
        if name in ("0", "BASH_SOURCE"):
            return self._script
        return self.variables.get(name, self._environment.get(name, ""))

    def _parameter(self, text: str) -> Optional[str]:
        """${text}"""
        match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*|0)(?:\[0\])?(.*)", text, re.DOTALL)
        if not match:
            return None
        value, operator = self._value(match.group(1)), match.group(2)
        if operator == "":
            return value
        if operator.startswith((":-", "-")):
            return value or self.expand(operator.lstrip(":")[1:])
        if operator.startswith((":+", "+")):
            return self.expand(operator.lstrip(":")[1:]) if value else ""
        if operator in ("%/*", "%%/*"):
            return value.rpartition("/")[0] if operator == "%/*" else value.partition("/")[0]
        if operator == "##*/":
            return value.rpartition("/")[2]
        return None

    def _substitution(self, text: str) -> Optional[str]:
        """$(text)"""
        try:
            expanded = [self.expand(word) for word in _split(text)]
        except ValueError:
            return None
        if None in expanded:
            return None
        words = [word for word in expanded if word and word not in ("--", ">/dev/null", "2>/dev/null", ">&-", "-P", "-L")]
        if len(words) == 4 and words[0] == "cd" and words[2:] == ["&&", "pwd"]:
            return os.path.abspath(os.path.join(os.path.dirname(self._script), words[1]))
        if words == ["pwd"]:
            return os.getcwd()
        options = [word for word in words[1:] if word.startswith("-")]
        operands = [word for word in words[1:] if not word.startswith("-")]
        if len(operands) != 1:
            return None
        if words[0] == "dirname":
            return os.path.dirname(operands[0]) or "."
        if words[0] == "basename":
            return os.path.basename(operands[0])
        if words[0] == "realpath" or (words[0] == "readlink" and options in (["-f"], ["-e"], ["-m"], ["-nf"], ["-fn"])):
            return os.path.realpath(operands[0])
        return None

    def expand(self, word: str) -> Optional[str]:
        """Return the word after expansion and quote removal, or None if that takes a shell."""
        result, index, single, double = "", 0, False, False
        while index < len(word):
            char = word[index]
            index += 1
            if single:
                single = char != "'"
                result += char if single else ""
            elif char == "'" and not double:
                single = True
            elif char == '"':
                double = not double
            elif char == "\\" and index < len(word):
                result += word[index]
                index += 1
            elif char == "`":
                end = word.find("`", index)
                piece = self._substitution(word[index:end]) if end >= 0 else None
                if piece is None:
                    return None
                result, index = result + piece, end + 1
            elif char == "~" and index == 1:
                result += os.path.expanduser("~")
            elif char != "$":
                result += char
            else:
                bracket = word[index : index + 1]
                match = _NAME.match(word, index)
                if bracket in ("(", "{"):
                    end = _closing(word, index + 1, bracket, ")" if bracket == "(" else "}")
                    inner = word[index + 1 : end]
                    piece = None if end < 0 else self._substitution(inner) if bracket == "(" else self._parameter(inner)
                    index = end + 1
                elif match:
                    piece, index = self._value(match.group()), match.end()
                elif bracket == "0":
                    piece, index = self._script, index + 1
                else:
                    piece = None
                if piece is None:
                    return None
                result += piece
        return None if single or double else result

    def assign(self, word: str) -> bool:
        """Take `NAME=value` into account. Return whether the word is one."""
        match = _ASSIGNMENT.fullmatch(word)
        if not match:
            return False
        name, plus, text = match.groups()
        value = self.expand(text)
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = (self._value(name) if plus else "") + value
        return True


def _split(line: str) -> List[str]:
    """Return the words with their quotes; $(...) and `...` stay in one word. Raises ValueError for an open quote."""
    words: List[str] = []
    word, index, quote = "", 0, ""
    while index < len(line):
        char = line[index]
        if char == "\\" and quote != "'":
            word += line[index : index + 2]
            index += 2
            continue
        if char == "$" and line[index + 1 : index + 2] in ("(", "{") and quote != "'":
            end = _closing(line, index + 2, line[index + 1], ")" if line[index + 1] == "(" else "}")
            if end < 0:
                raise ValueError("open substitution")
            word += line[index : end + 1]
            index = end + 1
            continue
        if char == "`" and quote != "'":
            end = line.find("`", index + 1)
            if end < 0:
                raise ValueError("open substitution")
            word += line[index : end + 1]
            index = end + 1
            continue
        if quote:
            quote = "" if char == quote else quote
            word += char
        elif char in "'\"":
            quote = char
            word += char
        elif char == "#" and not word:
            break
        elif char.isspace():
            if word:
                words.append(word)
            word = ""
        elif char in ";" or line[index : index + 2] in ("&&", "||"):
            separator = ";" if char == ";" else line[index : index + 2]
            words += [word, separator] if word else [separator]
            word = ""
            index += len(separator)
            continue
        else:
            word += char
        index += 1
    if quote:
        raise ValueError("open quote")
    return words + [word] if word else words


def _statements(text: str) -> Iterator[List[str]]:
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        while _LEADING.match(line):
            line = _LEADING.sub("", line, count=1)
        try:
            words = _split(line)
        except ValueError:
            continue
        statement: List[str] = []
        for word in words:
            if word in (";", ";;", "&&", "||"):
                if statement:
                    yield statement
                statement = []
            else:
                statement.append(word)
        if statement:
            yield statement


def commands(script: str, text: str, environment: Dict[str, str]) -> List[Command]:
    """Return what the wrapper may end in, the likeliest first: `exec` lines, then lines that pass its arguments on."""
    reader = _Reader(script, environment)
    sure: List[Command] = []
    likely: List[Command] = []
    for words in _statements(text):
        if words[0] in ("export", "declare", "local", "readonly"):
            words = words[1:]
        while words and reader.assign(words[0]):
            words = words[1:]
        if words and words[0] == "export":
            for word in words[1:]:
                reader.assign(word)
            continue
        executes = bool(words) and words[0] == "exec"
        passes = any(word in ('"$@"', "$@", "$*", '"${@}"', '${1+"$@"}', '"$*"') for word in words)
        if executes:
            words = words[1:]
            while words and words[0].startswith("-"):
                words = words[2 if words[0] == "-a" else 1 :]
        if words and words[0] == "env":
            words = words[1:]
            while words and (reader.assign(words[0]) or words[0].startswith("-")):
                words = words[1:]
        if not words or not (executes or passes):
            continue
        first = reader.expand(words[0])
        rest = [reader.expand(word) for word in words[1:]]
        if first:
            command = Command([first] + [word for word in rest if word is not None], dict(reader.variables))
            (sure if executes else likely).append(command)
    return sure + likely


def interpreter(first_line: bytes) -> List[str]:
    """Return the words of a `#!` line, without `env` and its options; [] if it is none."""
    if first_line[:2] != b"#!":
        return []
    try:
        words = shlex.split(os.fsdecode(first_line[2:].strip()))
    except ValueError:
        return []
    if words and os.path.basename(words[0]) == "env":
        words = words[1:]
        while words and (words[0].startswith("-") or "=" in words[0]):
            words = words[1:]
    return words
