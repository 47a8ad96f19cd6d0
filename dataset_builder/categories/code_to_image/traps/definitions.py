"""Misreadings of functions, closures and classes."""

from __future__ import annotations

import ast

from dataset_builder.categories.code_to_image.traps.tools import calls, functions, lines, stores, swap, trap


def _defaults(function: ast.FunctionDef) -> list[tuple[ast.arg, int]]:
    """Each argument that has a default, with the default's place."""
    arguments, defaults = function.args.args, function.args.defaults
    return [(argument, place) for place, argument in enumerate(arguments[len(arguments) - len(defaults) :])]


@trap("state", "a list as default is made once and shared by all calls", "def .*=")
def default_made_anew(tree: ast.Module) -> bool:
    hits = False
    for function in functions(tree):
        for argument, place in _defaults(function):
            default = function.args.defaults[place]
            if isinstance(default, ast.List | ast.Dict):
                function.args.defaults[place] = ast.Constant(None)
                name = ast.Name(argument.arg, ast.Load())
                function.body[:0] = lines("if A is None:\n    A = D", A=name, D=default)
                hits = True
    return hits


@trap("state", "a given argument replaces the default", "def .*=")
def default_always(tree: ast.Module) -> bool:
    optional = {f.name: (len(f.args.args) - len(f.args.defaults), bool(f.args.defaults)) for f in functions(tree)}

    def change(node: ast.AST) -> ast.AST | None:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in optional):
            return None
        needed, any_default = optional[node.func.id]
        if any_default and (len(node.args) > needed or node.keywords):
            node.args, node.keywords = node.args[:needed], []
            return node
        return None

    return swap(tree, change)


@trap("state", "a default is worked out once, when the function is defined", "def .*=")
def default_at_each_call(tree: ast.Module) -> bool:
    hits = False
    for function in functions(tree):
        for argument, place in _defaults(function):
            default = function.args.defaults[place]
            if isinstance(default, ast.Name):
                function.args.defaults[place] = ast.Constant(None)
                name = ast.Name(argument.arg, ast.Load())
                function.body[:0] = lines("if A is None:\n    A = D", A=name, D=default)
                hits = True
    return hits


@trap("state", "a name set in a function is the function's own", "def ")
def local_as_global(tree: ast.Module) -> bool:
    outside = {
        name for statement in tree.body if not isinstance(statement, ast.FunctionDef) for name in stores(statement)
    }
    hits = False
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            arguments = {argument.arg for argument in statement.args.args}
            shared = sorted((stores(statement) & outside) - arguments)
            if shared:
                statement.body[:0] = [ast.Global(shared)]
                hits = True
    return hits


@trap("state", "an argument is the function's own name for the value", "def ")
def argument_as_global(tree: ast.Module) -> bool:
    """What the function does to its argument is done to the variable that was handed in."""
    hits = False
    changed = {f.name: f for f in functions(tree) if f.args.args and f.args.args[0].arg in stores(f)}
    for block in [tree.body]:
        for statement in list(block):
            call = statement.value if isinstance(statement, ast.Assign) else None
            if (
                isinstance(call, ast.Call)
                and calls(call, *changed)
                and call.args
                and isinstance(call.args[0], ast.Name)
            ):
                target = statement.targets[0]  # type: ignore[attr-defined]
                if isinstance(target, ast.Name) and target.id != call.args[0].id:
                    place = block.index(statement) + 1
                    block[place:place] = lines("A = B", A=call.args[0], B=ast.Name(target.id, ast.Load()))
                    hits = True
    return hits


@trap("state", "`nonlocal` keeps the value from call to call", "nonlocal")
def nonlocal_starts_anew(tree: ast.Module) -> bool:
    hits = False
    for outer in functions(tree):
        first = {
            s.targets[0].id: s.value
            for s in outer.body
            if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
        }
        first |= {a.arg: ast.Name(a.arg, ast.Load()) for a in outer.args.args}
        for inner in outer.body:
            if not (isinstance(inner, ast.FunctionDef) and isinstance(inner.body[0], ast.Nonlocal)):
                continue
            names = inner.body[0].names
            if all(name in first and not isinstance(first[name], ast.Name) for name in names):
                inner.body[:1] = [s for n in names for s in lines("A = V", A=ast.Name(n, ast.Load()), V=first[n])]
                hits = True
    return hits


@trap("state", "each call of the outer function makes a counter of its own", "def ")
def one_closure_for_all(tree: ast.Module) -> bool:
    makers = {f.name for f in functions(tree) if any(isinstance(s, ast.FunctionDef) for s in f.body)}
    return _one_for_all(tree, makers)


@trap("state", "each object has attributes of its own", "class ")
def one_object_for_all(tree: ast.Module) -> bool:
    return _one_for_all(tree, {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)})


def _one_for_all(tree: ast.Module, makers: set[str]) -> bool:
    first: ast.Name | None = None
    hits = False
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and calls(statement.value, *makers):
            target = statement.targets[0]
            if first is not None:
                statement.value = first
                hits = True
            elif isinstance(target, ast.Name):
                first = ast.Name(target.id, ast.Load())
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
            value, targets = statement.value, statement.targets[0]
            if len(value.elts) > 1 and all(calls(v, *makers) for v in value.elts) and isinstance(targets, ast.Tuple):
                statement.targets, statement.value = list(targets.elts), value.elts[0]
                hits = True
    return hits


@trap("state", "a list in the class body is shared by all objects", "class ")
def class_list_for_each(tree: ast.Module) -> bool:
    hits = False
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        shared = [s for s in node.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.List | ast.Dict)]
        makers = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
        if not shared:
            continue
        own = [s for a in shared for s in lines(f"self.{ast.unparse(a.targets[0])} = V", V=a.value)]
        if makers:
            makers[0].body[:0] = own
        else:
            start = ast.parse("def __init__(self): pass").body[0]
            assert isinstance(start, ast.FunctionDef)
            start.body = own
            node.body.append(start)
        hits = True
    return hits


@trap("state", "`self.x += 1` makes an attribute of the object, the class keeps its own", "class ")
def own_attribute_as_shared(tree: ast.Module) -> bool:
    hits = False
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            shared = stores(ast.Module([s for s in node.body if isinstance(s, ast.Assign)], []))
            own = ast.Name(node.name, ast.Load())
            for inner in ast.walk(node):
                if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Attribute):
                    target = inner.target
                    if target.attr in shared and isinstance(target.value, ast.Name) and target.value.id == "self":
                        target.value = own
                        hits = True
    return hits


@trap("state", "the subclass's own attribute or method comes first", "class ")
def override_overlooked(tree: ast.Module) -> bool:
    bases = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    hits = False
    for node in bases.values():
        base = bases.get(node.bases[0].id) if node.bases and isinstance(node.bases[0], ast.Name) else None
        if base is None:
            continue
        inherited = {getattr(s, "name", "") for s in base.body} | stores(ast.Module(base.body, []))
        kept = [s for s in node.body if not ((stores(s) | {getattr(s, "name", "")}) & inherited)]
        hits = hits or len(kept) < len(node.body)
        node.body = kept or [ast.Pass()]
    return hits


@trap("state", "a property is worked out whenever it is read", "property")
def property_of_the_start(tree: ast.Module) -> bool:
    """Reads the property once, when the object is made."""
    hits = False
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        makers = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
        for function in list(node.body):
            if isinstance(function, ast.FunctionDef) and function.decorator_list and makers:
                value = function.body[-1].value if isinstance(function.body[-1], ast.Return) else None
                if value is not None and len(function.body) == 1:
                    makers[0].body.append(lines(f"self.{function.name} = V", V=value)[0])
                    node.body.remove(function)
                    hits = True
    return hits


@trap("branch", "`return` ends the function at once", "return")
def return_falls_through(tree: ast.Module) -> bool:
    """A returned value is kept and the rest of the function is run as well; the last value counts."""
    hits = False
    for function in functions(tree):
        early = [s for s in function.body[:-1] if isinstance(s, ast.If) and isinstance(s.body[-1], ast.Return)]
        last = function.body[-1]
        if early and not isinstance(last, ast.Return | ast.If) or not early:
            continue
        if any(calls(n, function.name) for n in ast.walk(function)) or not isinstance(last, ast.Return):
            continue
        for statement in early[:1]:
            returned = statement.body[-1]
            if isinstance(returned, ast.Return) and isinstance(returned.value, ast.BinOp) and function.args.args:
                name = ast.Name(function.args.args[0].arg, ast.Load())
                statement.body[-1:] = lines("A = V", A=name, V=returned.value)
                hits = True
    return hits
