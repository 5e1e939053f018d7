"""The Python modules that are translated: their definitions, and what each name in them stands for."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class TranslationError(ValueError):
    """The source holds something that is not translated; the message says where and what."""


@dataclass(frozen=True)
class Target:
    """What a name in a module stands for: another module, or a definition in one.

    Attributes:
        module: Such as `digitrec.ink` or `numpy`.
        name: The definition there; None for the module itself.
    """

    module: str
    name: str | None = None


@dataclass(frozen=True)
class Module:
    """A parsed module.

    Attributes:
        name: Such as `digitrec.ink`.
        path: The file.
        definitions: Functions, classes and constants by name. Names of one tuple share its assignment.
        imports: What imported names stand for.
    """

    name: str
    path: Path
    definitions: dict[str, Definition] = field(default_factory=dict)
    imports: dict[str, Target] = field(default_factory=dict)

    def target_of(self, name: str) -> Target | None:
        """What a global name stands for; None if it is not defined here, as a built-in function is not."""
        return Target(self.name, name) if name in self.definitions else self.imports.get(name)

    def refuse(self, node: ast.AST, problem: str) -> TranslationError:
        """An error that names the file and the line of a node."""
        return TranslationError(f"{self.path}:{getattr(node, 'lineno', '?')}: {problem}")


def load(root: Path, name: str) -> Module:
    """Read a module of the project.

    Args:
        root: The folder that holds its top package.
        name: Such as `digitrec.detection`, which may be a package.
    """
    path = root.joinpath(*name.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    module = Module(name, path)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                module.definitions[node.name] = node
            case ast.Assign(targets=[target]):
                for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                    if isinstance(each, ast.Name):
                        module.definitions[each.id] = node
            case ast.AnnAssign(target=ast.Name(id=constant)):
                module.definitions[constant] = node
            case ast.Import():
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = Target(alias.name)
            case ast.ImportFrom(module=str(source)):
                for alias in node.names:
                    submodule = root.joinpath(*source.split("."), f"{alias.name}.py").exists()
                    target_ = Target(f"{source}.{alias.name}") if submodule else Target(source, alias.name)
                    module.imports[alias.asname or alias.name] = target_
            case _:
                pass  # docstrings, and what runs on import, which nothing here does
    return module
