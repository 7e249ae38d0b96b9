# SPDX-License-Identifier: MIT
"""python/docs/api.md is complete, and names nothing that is gone."""

import dataclasses
import inspect
import pathlib
import re
import unittest

import gilyield
import module_stub  # noqa: F401  takes the place of the shim
from gilyield import _gilyield


class Reference(unittest.TestCase):
    """Names, signatures, options, fields and commands."""

    @classmethod
    def setUpClass(cls):
        cls.text = (pathlib.Path(__file__).parents[2] / "python/docs/api.md").read_text(encoding="utf-8")

    def section(self, heading):
        """Return what is under a heading, up to the next one."""
        found = re.search(rf"(?m)^#+ {re.escape(heading)}.*\n((?:(?!#).*\n)*)", self.text)
        self.assertIsNotNone(found, heading)
        return found.group(1)

    def first_column(self, text):
        return re.findall(r"(?m)^\| `([^`]*)` \|", text)

    def test_names(self):
        in_headings = re.findall(r"`(\w+\.\w+)[(`]", "\n".join(re.findall(r"(?m)^### .*$", self.text)))
        modules = {"gilyield": gilyield, "gui": gilyield.gui, "jobs": gilyield.jobs}
        names = [f"{module}.{name}" for module, content in modules.items() for name in content.__all__]
        self.assertEqual(sorted(in_headings), sorted(names))

    def test_signatures(self):
        modules = {"gilyield": gilyield, "gui": gilyield.gui, "jobs": gilyield.jobs}
        documented = re.findall(r"(?m)^### `(\w+)\.(\w+)(\(.*\))`$", self.text)
        self.assertGreater(len(documented), 15)
        for module, name, text in documented:
            signature = inspect.signature(getattr(modules[module], name))
            if name not in ("enable", "configure"):  # test_options has those
                plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
                written = str(inspect.Signature(plain)).replace("'", '"')
                self.assertEqual(f"{name}{text}", f"{name}{written}")

    def test_options(self):
        parameters = list(inspect.signature(gilyield.enable).parameters)
        for name in "enable", "configure":
            self.section(f"`gilyield.{name}(*, {', '.join(parameters)})`")
        self.assertEqual(self.first_column(self.section("`gilyield.enable(")), parameters)

    def test_values_and_defaults_are_the_library_s(self):
        """In the reference and in the docstring; the library says in its own words what it accepts."""
        gilyield.enable()
        self.addCleanup(gilyield.disable)
        defaults = gilyield.status()
        rows = re.findall(r"(?m)^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", self.section("`gilyield.enable("))
        self.assertEqual(len(rows), len(inspect.signature(gilyield.enable).parameters))
        for name, values, default in rows:
            with self.assertRaises(ValueError) as caught:
                _gilyield.configure(**{name: "?"})
            accepted = str(caught.exception).split(" is not accepted: use ")[1]
            numbers = re.fullmatch(r"whole numbers from (\d+ to \d+) \((\w+)\)", accepted)
            if numbers:
                self.assertEqual(values, f"int, {numbers.group(1)} {numbers.group(2)}")
                unit = {"milliseconds": "ms"}.get(numbers.group(2), numbers.group(2))
                in_docstring = f"{numbers.group(1)} {unit}, default {getattr(defaults, name)}"
            else:
                self.assertEqual(values, ", ".join(f'`"{word}"`' for word in accepted.split(", ")))
                in_docstring = f'"{getattr(defaults, name)}" (default)'
            self.assertEqual(default.strip('`"'), str(getattr(defaults, name)))
            self.assertRegex(gilyield.enable.__doc__, rf"(?m)^(?:    )?{name}: .*(\n {{4,}}.*)*{re.escape(in_docstring)}")

    def test_fields(self):
        from gilyield import _doctor

        def names(kind):
            return [field.name for field in dataclasses.fields(kind) if not field.name.startswith("_")]

        self.assertEqual(self.first_column(self.section("`gilyield.Status`")), names(gilyield.Status))
        self.assertEqual(self.first_column(self.section("`gilyield.Stats`")), names(gilyield.Stats))
        self.assertEqual(self.first_column(self.section("`gilyield.Stall`")), names(gilyield.Stall))
        self.assertEqual(self.first_column(self.section("`gilyield.Thread`")), names(gilyield.Thread))
        self.assertEqual(
            self.first_column(self.section("`gilyield.doctor(")), [*names(_doctor.Report), "host", "next", *names(_doctor.Live)]
        )

    def test_members(self):
        for heading, kind, extra in ("`jobs.Job`", gilyield.jobs.Job, {"name", "future"}), ("`jobs.Pool(", gilyield.jobs.Pool, set()):
            rows = [re.match(r"\w+\.(\w+)", cell).group(1) for cell in self.first_column(self.section(heading))]
            self.assertEqual(sorted(rows), sorted({name for name in vars(kind) if not name.startswith("_")} | extra))

    def test_command(self):
        from gilyield._command import main

        def choices(parser):
            (action,) = [action for action in parser._actions if isinstance(action.choices, dict)]
            return action.choices

        section = self.section("The command")
        commands = choices(main._parser())
        rows = self.first_column(section)
        self.assertEqual({cell.split()[1] for cell in rows if cell.startswith("gilyield ")}, set(commands))
        options = [flag for action in commands["run"]._actions for flag in action.option_strings if action.dest != "help"]
        self.assertEqual([cell for cell in rows if cell.startswith("--")], options)
        for action in ("install", "remove", "show"):
            self.assertIn(f"`gilyield startup {action} ", section)


if __name__ == "__main__":
    unittest.main()
