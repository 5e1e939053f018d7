"""A program's definitions as one JavaScript module."""

import ast
import json
from collections.abc import Collection
from pathlib import Path

from demos.browser.translation.functions import FunctionWriter, constant, global_name
from demos.browser.translation.modules import Module, Target
from demos.browser.translation.program import Program, walk_code

HEADER = """// Made by demos/browser/translation from the Python sources of digitrec; do not edit.
import * as np from "./runtime/numpy.js";
import * as op from "./runtime/operators.js";
import * as py from "./runtime/python.js";
import { Image } from "./runtime/pillow.js";

// What the page provides: see engine.js.
export const host = {};
"""


def translate(
    root: Path,
    roots: Collection[Target],
    *,
    provided: Collection[str],
    awaited: Collection[str],
    called: Collection[str] = (),
) -> str:
    """Translate definitions and all that they need.

    Args:
        root: The folder that holds the package `digitrec`.
        roots: Functions and classes to export.
        provided: What the host provides, as `module.name` or `module.Class.method`; it is called as `host.name` or as
            a method of the same object.
        awaited: Names of functions and methods of the host's that return promises.
        called: Names of methods that the host calls.

    Returns:
        A JavaScript module that exports each root under its name, and `host`.

    Raises:
        TranslationError: The source holds something that is not translated.
    """
    program = Program(root, roots, provided, awaited, called)
    constants = [
        (target, node) for target, node in program.wanted.items() if isinstance(node, ast.Assign | ast.AnnAssign)
    ]
    parts = [HEADER, *_constants(program, constants)]
    for target, node in program.wanted.items():
        module = program.module(target.module)
        if isinstance(node, ast.FunctionDef):
            name = global_name(target)
            parts.append(FunctionWriter(program, module, node).declaration(f"function {name}"))
        elif isinstance(node, ast.ClassDef):
            parts.append(_class(program, module, target, node))
    parts += [f"export {{ {global_name(target)} as {target.name} }};" for target in roots]
    return "\n".join(parts) + "\n"


def _constants(program: Program, constants: list[tuple[Target, ast.Assign | ast.AnnAssign]]) -> list[str]:
    """Assignments, each behind those that it needs."""
    waiting = dict(constants)
    lines: list[str] = []
    done: set[int] = set()

    def write(target: Target) -> None:
        node = waiting.pop(target)
        module = program.module(target.module)
        for child in walk_code(node):
            needed = program.resolve(module.target_of(child.id)) if isinstance(child, ast.Name) else None
            if needed in waiting:
                write(needed)
        if id(node) not in done:  # names of one tuple share it
            done.add(id(node))
            lines.append(constant(program, module, node))

    while waiting:
        write(next(iter(waiting)))
    return lines


def _class(program: Program, module: Module, target: Target, node: ast.ClassDef) -> str:
    lines = [f"class {global_name(target)} {{"]
    fields = field_names(node)
    if fields:
        defaults = {
            each.target.id: each.value
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value is not None
        }
        given = [
            f"{name} = {FunctionWriter(program, module, None).expression(defaults[name])}" if name in defaults else name
            for name in fields
        ]
        lines.append(f"  static fields = {json.dumps(fields)};")
        lines.append(f"  constructor({', '.join(given)}) {{ Object.assign(this, {{ {', '.join(fields)} }}); }}")
        if any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in node.bases):
            lines.append(f"  *[Symbol.iterator]() {{ yield* [{', '.join(f'this.{name}' for name in fields)}]; }}")
    for method in program.methods(target, node):
        decorators = [each.id for each in method.decorator_list if isinstance(each, ast.Name)]
        if "overload" in decorators:
            continue
        kind = "get " if "property" in decorators else ""
        body = FunctionWriter(program, module, method).declaration(kind + method.name, method=True)
        lines += ["  " + line for line in body.splitlines()]
    lines.append("}")
    return "\n".join(lines)


def field_names(node: ast.ClassDef) -> list[str]:
    """The fields of a dataclass or a named tuple, in order."""
    return [
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
