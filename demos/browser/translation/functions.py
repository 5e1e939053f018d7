"""A Python function as a JavaScript one: statements here, expressions in `expressions`."""

import ast
from typing import Any

from demos.browser.translation.expressions import ExpressionWriter, global_name, safe
from demos.browser.translation.modules import Module
from demos.browser.translation.program import Program, walk_code

__all__ = ["FunctionWriter", "constant", "global_name"]


class FunctionWriter(ExpressionWriter):
    """Writes one function; with none, expressions of a module's own."""

    def __init__(
        self, program: Program, module: Module, function: ast.FunctionDef | None, outer: frozenset[str] = frozenset()
    ) -> None:
        self._function = function
        self._outer = outer
        super().__init__(program, module, outer | (_locals(function) if function else set()))

    def declaration(self, head: str, *, method: bool = False) -> str:
        """The whole function; `head` is what comes before its parameters."""
        function = self._function
        assert function is not None
        arguments = function.args
        names = [*arguments.args, *arguments.kwonlyargs][1 if method else 0 :]
        defaults = dict(zip(reversed(arguments.args), reversed(arguments.defaults), strict=False))
        defaults |= {
            name: value for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
        }
        given = [
            f"{safe(name.arg)} = {self.expression(defaults[name])}" if name in defaults else safe(name.arg)
            for name in names
        ]
        prefix = "async " if function.name in self.program.asynchronous else ""
        own = sorted(_locals(function) - {name.arg for name in [*arguments.args, *arguments.kwonlyargs]} - self.inner)
        lines = [f"{prefix}{head}({', '.join(given)}) {{"]
        if own:
            lines.append(f"  let {', '.join(safe(name) for name in own)};")
        lines += self._block(function.body)
        lines.append("}")
        return "\n".join(lines)

    def _block(self, statements: list[ast.stmt]) -> list[str]:
        return ["  " + line for statement in statements for line in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return []  # a docstring
            case ast.FunctionDef(name=name):
                inner = FunctionWriter(self.program, self.module, node, frozenset(self.locals))
                return [f"{safe(name)} = {inner.declaration('function ')};"]
            case ast.Expr(value=value):
                return [f"{self.expression(value)};"]
            case ast.Return(value=value):
                return [f"return {self.expression(value) if value else 'null'};"]
            case ast.Assign(targets=targets, value=value):
                return self._assign(targets, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                return self._assign([target], value)
            case ast.AugAssign(target=target, op=operator, value=value):
                changed = ast.BinOp(_loaded(target), operator, value, lineno=node.lineno)
                return self._assign([target], changed)
            case ast.If(test=test, body=body, orelse=orelse):
                lines = [f"if ({self.condition(test)}) {{", *self._block(body)]
                if orelse:
                    lines += ["} else {", *self._block(orelse)]
                return [*lines, "}"]
            case ast.While(test=test, body=body, orelse=[]):
                return [f"while ({self.condition(test)}) {{", *self._block(body), "}"]
            case ast.For(target=target, iter=values, body=body, orelse=[]):
                head = f"for ({self.target(target)} of py.iter({self.expression(values)})) {{"
                return [head, *self._block(body), "}"]
            case ast.Break():
                return ["break;"]
            case ast.Continue():
                return ["continue;"]
            case ast.Pass():
                return []
            case ast.Raise(exc=None):
                return ["throw error;"]
            case ast.Raise(exc=value) if value is not None:
                return [f"throw {self.expression(value)};"]
            case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
                return self._try(body, handlers)
            case ast.With(body=body):  # a lock: here nothing runs at the same time
                return [line[2:] for line in self._block(body)]
            case _:
                raise self.module.refuse(node, f"{type(node).__name__} is not translated")

    def _assign(self, targets: list[Any], value: ast.expr) -> list[str]:
        if len(targets) != 1:
            raise self.module.refuse(value, "an assignment to several targets is not translated")
        (target,) = targets
        written = self.expression(value)
        if isinstance(target, ast.Subscript):
            return [f"op.set({self.expression(target.value)}, {self.index(target.slice)}, {written});"]
        if isinstance(target, ast.Tuple | ast.List):
            written = f"py.iter({written})"
        return [f"{self.target(target)} = {written};"]

    def _try(self, body: list[ast.stmt], handlers: list[ast.ExceptHandler]) -> list[str]:
        (handler,) = handlers
        if handler.type is None or handler.name:
            raise self.module.refuse(handler, "only `except Error:` is translated")
        known = f"if (!(error instanceof {self.expression(handler.type)})) throw error;"
        return ["try {", *self._block(body), "} catch (error) {", f"  {known}", *self._block(handler.body), "}"]


def constant(program: Program, module: Module, node: ast.Assign | ast.AnnAssign) -> str:
    """A module's constant as JavaScript."""
    assert node.value is not None
    writer = FunctionWriter(program, module, None)
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    value = writer.expression(node.value)
    return f"const {writer.target(target)} = {f'py.iter({value})' if isinstance(target, ast.Tuple) else value};"


def _locals(function: ast.FunctionDef) -> set[str]:
    """The names that are local to a function."""
    names = {each.arg for each in [*function.args.args, *function.args.kwonlyargs]}
    for node in walk_code(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef) and node is not function:
            names.add(node.name)
    return names


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as the value that it has before."""
    match target:
        case ast.Subscript():
            return ast.Subscript(target.value, target.slice, ast.Load(), lineno=target.lineno)
        case ast.Attribute():
            return ast.Attribute(target.value, target.attr, ast.Load(), lineno=target.lineno)
        case ast.Name():
            return ast.Name(target.id, ast.Load(), lineno=target.lineno)
    raise AssertionError(ast.dump(target))
