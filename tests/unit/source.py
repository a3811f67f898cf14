"""A file's syntax tree with resolved names, and ways to look for things in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator


class Source:
    """A file's tree, with names resolved to what they were imported as."""

    def __init__(self, text: str):
        self.tree = ast.parse(text)
        self.nodes = list(ast.walk(self.tree))
        self.imported: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.split(".")[0]
                    self.imported[alias.asname or name] = name
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for alias in node.names:
                    name = f"{module}.{alias.name}"
                    self.imported[alias.asname or alias.name] = name

    def name(self, node: ast.AST) -> str:
        """Return `torch.nn.Linear` for `nn.Linear`; empty for what is no chain of names."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.name(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def comes_from_elsewhere(self, node: ast.AST) -> bool:
        """Tell whether an attribute or item belongs to something imported."""
        return isinstance(node, ast.Attribute | ast.Subscript) and root(node) in self.imported


Finds = Callable[[Source], Iterator[ast.AST]]


def root(node: ast.AST) -> str:
    """Return the leftmost name of `a.b[c].d`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def uses(pattern: str) -> Finds:
    """Return what finds an imported module, or a name, that matches."""
    wanted = re.compile(pattern)

    def finds(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [
                    "." * node.level + (node.module or ""),
                    *(source.imported[a.asname or a.name] for a in node.names),
                ]
            else:
                names = [source.name(node)]
            if any(wanted.fullmatch(name) for name in names):
                yield node

    return finds


def calls_method(pattern: str) -> Finds:
    """Return what finds a call of a method, whatever it is called on."""
    wanted = re.compile(pattern)

    def finds(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            method = node.func if isinstance(node, ast.Call) else None
            if isinstance(method, ast.Attribute) and wanted.fullmatch(method.attr):
                yield node

    return finds


def says(pattern: str) -> Finds:
    """Return what finds a string constant that matches."""
    wanted = re.compile(pattern)

    def finds(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and wanted.match(text):
                yield node

    return finds


def either(*rules: Finds) -> Finds:
    def finds(source: Source) -> Iterator[ast.AST]:
        for rule in rules:
            yield from rule(source)

    return finds


def targets(node: ast.AST) -> list[ast.AST]:
    """Return what a statement assigns to, or deletes."""
    if isinstance(node, ast.Assign | ast.Delete):
        found = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        found = [node.target]
    else:
        return []
    return [
        part
        for target in found
        for part in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])
    ]
