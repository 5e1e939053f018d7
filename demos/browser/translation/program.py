"""All that a program needs of its modules, from a few roots: which definitions, and which of them must be awaited."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from demos.browser.translation.modules import Definition, Module, Target, load

PACKAGE = "digitrec"


class Program:
    """The definitions that a few roots need, gathered from their modules.

    Attributes:
        provided: Definitions that the host provides in JavaScript, as `module.name` or `module.Class.method`.
        wanted: What is translated, in the order in which it was found.
        attributes: Every attribute that is named anywhere in it; methods of other names are left out.
        asynchronous: Names of functions and methods that are awaited.
    """

    def __init__(
        self,
        root: Path,
        roots: Collection[Target],
        provided: Collection[str],
        awaited: Collection[str],
        called: Collection[str],
    ) -> None:
        """Gather the definitions.

        Args:
            root: The folder that holds the package.
            roots: What the host calls. Of a class, the methods that are named in `called` or in the program.
            provided: See the class.
            awaited: Names of what the host provides that returns a promise.
            called: Names of methods that the host calls.
        """
        self._root = root
        self._modules: dict[str, Module] = {}
        self.provided = set(provided)
        self.wanted: dict[Target, Definition] = {}
        self.attributes: set[str] = set(called)
        self.asynchronous: set[str] = set(awaited)
        self._gather(roots)
        self._spread_waiting()

    def module(self, name: str) -> Module:
        """A module by its name, read once."""
        if name not in self._modules:
            self._modules[name] = load(self._root, name)
        return self._modules[name]

    def resolve(self, target: Target | None) -> Target | None:
        """The definition that a name stands for, through modules that pass it on; others' modules as they are."""
        while target is not None and target.name is not None and target.module.split(".")[0] == PACKAGE:
            module = self.module(target.module)
            if target.name in module.definitions or target.name not in module.imports:
                return target
            target = module.imports[target.name]
        return target

    def is_provided(self, target: Target) -> bool:
        """Whether the host provides a definition."""
        return f"{target.module}.{target.name}" in self.provided

    def methods(self, target: Target, node: ast.ClassDef) -> list[ast.FunctionDef]:
        """The methods of a class that are translated."""
        return [
            method
            for method in node.body
            if isinstance(method, ast.FunctionDef)
            and (method.name in self.attributes or method.name in ("__len__", "__bool__"))
            and f"{target.module}.{target.name}.{method.name}" not in self.provided
        ]

    def _gather(self, roots: Collection[Target]) -> None:
        found = set(roots)
        size = -1
        while size != (size := len(self.wanted) + len(self.attributes)):
            for target in sorted(found, key=str):
                self.wanted.setdefault(target, self.module(target.module).definitions[str(target.name)])
            for target, node in list(self.wanted.items()):
                module = self.module(target.module)
                for part in self._parts(target, node):
                    for child in walk_code(part):
                        if isinstance(child, ast.Attribute):
                            self.attributes.add(child.attr)
                        found |= set(self._needed(module, child))

    def _parts(self, target: Target, node: Definition) -> list[ast.AST]:
        return list(self.methods(target, node)) if isinstance(node, ast.ClassDef) else [node]

    def _needed(self, module: Module, node: ast.AST) -> Iterator[Target]:
        named: Target | None = None
        if isinstance(node, ast.Name):
            named = module.target_of(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):  # a module's own function
            holder = module.target_of(node.value.id)
            if holder is not None and holder.name is None and holder.module.startswith(PACKAGE):
                named = Target(holder.module, node.attr)
        target = self.resolve(named)
        if target is None or target.name is None or target.module.split(".")[0] != PACKAGE:
            return
        if not self.is_provided(target) and target.name in self.module(target.module).definitions:
            yield target

    def _spread_waiting(self) -> None:
        """Whoever calls what must be awaited must be awaited too."""
        functions = [
            part for target, node in self.wanted.items() for part in self._parts(target, node)
            if isinstance(part, ast.FunctionDef)
        ]  # fmt: skip
        size = -1
        while size != (size := len(self.asynchronous)):
            for function in functions:
                if any(self.awaits(child) for child in walk_code(function)):
                    self.asynchronous.add(function.name)

    def awaits(self, node: ast.AST) -> bool:
        """Whether a node is a call that must be awaited."""
        if not isinstance(node, ast.Call):
            return False
        called = node.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else None
        return name in self.asynchronous


def walk_code(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it that runs: annotations, decorators and docstrings do not."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from walk_code(child)
