"""Python expressions as JavaScript ones. Operators are functions: those of JavaScript know no arrays."""

import ast
import builtins
import json
from collections.abc import Set as AbstractSet

from demos.browser.translation.modules import Module, Target
from demos.browser.translation.program import PACKAGE, Program

BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "and", ast.BitOr: "or", ast.LShift: "shl", ast.RShift: "shr",
}  # fmt: skip
COMPARISONS = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip
RESERVED = {"in", "new", "function", "var", "let", "const", "this", "default", "delete", "void", "switch", "case", "do"}
METHODS = {"append": "push", "items": "entries"}
"""Methods of Python's lists and dictionaries that have another name in JavaScript."""

OF_SCALARS = {"all", "any"}
"""Methods that NumPy's numbers have like its arrays. JavaScript's numbers have none, so these become functions."""

LIBRARIES = {"numpy": "np", "PIL": "", "itertools": "py", "dataclasses": "py", "math": "py"}
"""The object of the runtime that holds what each library provides."""


def safe(name: str) -> str:
    """A local name as JavaScript allows it."""
    return f"{name}$" if name in RESERVED else name


def global_name(target: Target) -> str:
    """The name of a definition in the one JavaScript module: that of its module, and its own."""
    return f"{target.module.rpartition('.')[2]}${target.name}"


class ExpressionWriter:
    """Writes expressions of one function.

    Attributes:
        program: What is translated.
        module: Where the function stands.
        locals: The function's own names.
        inner: Of these, the ones that belong to a lambda alone.
    """

    def __init__(self, program: Program, module: Module, local: AbstractSet[str]) -> None:
        self.program, self.module, self.locals = program, module, set(local)
        self.inner: set[str] = set()

    def expression(self, node: ast.expr) -> str:
        """An expression's value."""
        match node:
            case ast.Constant(value=value):
                return "py.Ellipsis" if value is ... else json.dumps(value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=value, slice=index):
                return f"op.get({self.expression(value)}, {self.index(index)})"
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return f"[{', '.join(self._item(item) for item in items)}]"
            case ast.Dict(keys=keys, values=values):
                pairs = [
                    f"[{self.expression(key)}, {self.expression(value)}]" if key else f"...{self.expression(value)}"
                    for key, value in zip(keys, values, strict=True)
                ]
                return f"new Map([{', '.join(pairs)}])"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!{self.condition(operand)}"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
                return f"-{json.dumps(value)}"
            case ast.UnaryOp(op=ast.USub() | ast.Invert() as sign, operand=operand):
                return f"op.{'neg' if isinstance(sign, ast.USub) else 'invert'}({self.expression(operand)})"
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in BINARY:
                return f"op.{BINARY[type(operator)]}({self.expression(left)}, {self.expression(right)})"
            case ast.BoolOp(op=operator, values=values):
                joint = " && " if isinstance(operator, ast.And) else " || "
                return f"({joint.join(self.expression(value) for value in values)})"
            case ast.Compare():
                return self._comparison(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"({self.condition(test)} ? {self.expression(body)} : {self.expression(orelse)})"
            case ast.Call():
                return f"(await {self._call(node)})" if self.program.awaits(node) else self._call(node)
            case ast.ListComp(elt=item, generators=loops) | ast.GeneratorExp(elt=item, generators=loops):
                return self._comprehension(item, loops)
            case ast.Lambda(args=arguments, body=body):
                names = [each.arg for each in arguments.args]
                self.inner |= set(names)
                return f"(({', '.join(names)}) => {self.expression(body)})"
            case ast.NamedExpr(target=target, value=value):
                return f"({self.target(target)} = {self.expression(value)})"
            case ast.JoinedStr(values=values):
                return f"py.text({', '.join(self.expression(value) for value in values)})"
            case ast.FormattedValue(value=value, format_spec=None):
                return self.expression(value)
            case _:
                raise self.module.refuse(node, f"{type(node).__name__} is not translated")

    def condition(self, node: ast.expr) -> str:
        """An expression's truth: an empty list is false in Python, and true in JavaScript."""
        match node:
            case ast.BoolOp(op=operator, values=values):
                joint = " && " if isinstance(operator, ast.And) else " || "
                return f"({joint.join(self.condition(value) for value in values)})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!{self.condition(operand)}"
            case ast.Constant() | ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
                return f"({self.expression(node)})"
        return f"py.bool({self.expression(node)})"

    def index(self, node: ast.expr) -> str:
        """What stands between square brackets."""
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                return (
                    f"py.slice({', '.join(self.expression(part) if part else 'null' for part in (lower, upper, step))})"
                )
            case ast.Tuple(elts=items):
                return f"[{', '.join(self.index(item) for item in items)}]"
        return self.expression(node)

    def target(self, node: ast.expr) -> str:
        """The target of an assignment."""
        match node:
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return f"[{', '.join(self.target(item) for item in items)}]"
            case ast.Starred(value=value):
                return f"...{self.target(value)}"
            case _:
                raise self.module.refuse(node, f"an assignment to {type(node).__name__} is not translated")

    def _item(self, node: ast.expr) -> str:
        return f"...py.iter({self.expression(node.value)})" if isinstance(node, ast.Starred) else self.expression(node)

    def _name(self, node: ast.AST, name: str) -> str:
        if name in self.locals:
            return "this" if name == "self" else safe(name)
        target = self.program.resolve(self.module.target_of(name))
        if target is not None:
            return self._global(node, target)
        if not hasattr(builtins, name):
            raise self.module.refuse(node, f"{name} is not known")
        return f"py.{name}"

    def _global(self, node: ast.AST, target: Target) -> str:
        if target.module.split(".")[0] == PACKAGE:
            return f"host.{target.name}" if self.program.is_provided(target) else global_name(target)
        library = LIBRARIES.get(target.module)
        if library is None:
            raise self.module.refuse(node, f"the module {target.module} is not translated")
        return ".".join(part for part in (library, target.name) if part)

    def _attribute(self, node: ast.Attribute) -> str:
        held = node.value
        if isinstance(held, ast.Name) and held.id not in self.locals:
            holder = self.module.target_of(held.id)
            if holder is not None and holder.name is None and holder.module.startswith(PACKAGE):
                resolved = self.program.resolve(Target(holder.module, node.attr))
                assert resolved is not None
                return self._global(node, resolved)
        written = f"{self.expression(held)}.{METHODS.get(node.attr, node.attr)}"
        # A method that is handed over keeps its object.
        return f"{written}.bind({self.expression(held)})" if node.attr in self.program.asynchronous else written

    def _comparison(self, node: ast.Compare) -> str:
        sides = [node.left, *node.comparators]
        parts = []
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            one, other = self.expression(left), self.expression(right)
            match operator:
                case ast.Is():
                    parts.append(f"{one} === {other}")
                case ast.IsNot():
                    parts.append(f"{one} !== {other}")
                case ast.In():
                    parts.append(f"py.contains({other}, {one})")
                case ast.NotIn():
                    parts.append(f"!py.contains({other}, {one})")
                case _:
                    parts.append(f"op.{COMPARISONS[type(operator)]}({one}, {other})")
        return parts[0] if len(parts) == 1 else f"({' && '.join(parts)})"

    def _comprehension(self, item: ast.expr, loops: list[ast.comprehension]) -> str:
        waits = any(self.program.awaits(child) for child in ast.walk(item))
        body = f"all.push({self._item(item)});"
        for loop in reversed(loops):
            for test in reversed(loop.ifs):
                body = f"if ({self.condition(test)}) {body}"
            body = f"for ({self.target(loop.target)} of py.iter({self.expression(loop.iter)})) {{ {body} }}"
        written = f"{'async ' if waits else ''}() => {{ const all = []; {body} return all; }}"
        return f"(await ({written})())" if waits else f"({written})()"

    def _call(self, node: ast.Call) -> str:
        called = node.func
        arguments = [self._item(each) for each in node.args]
        names = [str(each.arg) for each in node.keywords]
        values = [self.expression(each.value) for each in node.keywords]
        definition = self._definition(called)
        if definition is not None and names:
            positions = definition[len(arguments) :]
            given = dict(zip(names, values, strict=True))
            if set(given) - set(positions):
                raise self.module.refuse(
                    node, f"{ast.unparse(called)} has no argument {sorted(set(given) - set(positions))}"
                )
            last = max(positions.index(name) for name in given)
            arguments += [given.get(name, "undefined") for name in positions[: last + 1]]
        elif names:
            arguments.append(
                f"{{ {', '.join(f'{name}: {value}' for name, value in zip(names, values, strict=True))} }}"
            )
        if isinstance(called, ast.Attribute) and called.attr == "join":
            return f"py.join({self.expression(called.value)}, {', '.join(arguments)})"
        if isinstance(called, ast.Attribute) and called.attr in OF_SCALARS and self._resolved(called) is None:
            return f"np.{called.attr}({', '.join([self.expression(called.value), *arguments])})"
        written = self.expression(called)
        if isinstance(called, ast.Attribute) and written.endswith(f".bind({self.expression(called.value)})"):
            written = written.rpartition(".bind(")[0]
        new = "new " if self._is_class(called) else ""
        return f"{new}{written}({', '.join(arguments)})"

    def _resolved(self, called: ast.expr) -> Target | None:
        if isinstance(called, ast.Name) and called.id not in self.locals:
            return self.program.resolve(self.module.target_of(called.id))
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            holder = self.module.target_of(called.value.id) if called.value.id not in self.locals else None
            if holder is not None and holder.name is None:
                return self.program.resolve(Target(holder.module, called.attr))
        return None

    def _is_class(self, called: ast.expr) -> bool:
        target = self._resolved(called)
        if target is None or target.module.split(".")[0] != PACKAGE or target.name is None:
            return False
        return isinstance(self.program.module(target.module).definitions.get(target.name), ast.ClassDef)

    def _definition(self, called: ast.expr) -> list[str] | None:
        """The names of the parameters of a function, class or method of ours; None for a library's."""
        target = self._resolved(called)
        if target is not None and target.name is not None and target.module.split(".")[0] == PACKAGE:
            node = self.program.module(target.module).definitions[target.name]
            if isinstance(node, ast.FunctionDef):
                return [each.arg for each in [*node.args.args, *node.args.kwonlyargs]]
            if isinstance(node, ast.ClassDef):
                return [
                    each.target.id
                    for each in node.body
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
                ]
        return None
