"""Who imports whom: the files of a package as a graph, and the rooms that they stand in.

Files are given as a dict, their paths below the package's folder to their texts, so that a house
that does not exist can be examined, too. An arrow leads from a file to one that it imports.
"""

import ast
from pathlib import PurePosixPath

PACKAGE = "sennpy"
# A room imports only from itself and from those before it. `switch` is the package `kernels`
# itself, which tells whether kernels are used; what is compiled lies below the stairs.
ORDER = (
    "micro", "version", "extras", "blas", "validation", "writing", "reading", "switch", "versions",
    "nn", "curvature", "expansion", "growth", "training", "export", "kernels",
    "equations", "datasets", "plots", "explorables", "estimators", "report", "experiments",
    "studies", "benchmarks", "course", "commands", "cli", "__main__", "__init__",
)  # fmt: skip


def room_of(file):
    """The room that a file stands in."""
    if file == "kernels/__init__.py":
        return "switch"
    return file.split("/")[0].removesuffix(".py")


def imports(files, file):
    """Dotted names that a file imports, each with whether that happens inside a function."""
    package = (PACKAGE, *PurePosixPath(file).parent.parts)

    def search(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = package[: len(package) - child.level + 1] if child.level else ()
                module = ".".join([*base, *([child.module] if child.module else [])])
                names = [f"{module}.{alias.name}" for alias in child.names]
                is_package = file_of(files, module).endswith("__init__.py")
                yield from ((name, inside) for name in (names if is_package else [module]))
            else:
                is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                yield from search(child, inside or is_function)

    yield from search(ast.parse(files[file]), False)


def file_of(files, name):
    """The file that holds a dotted name of ours, or a part of it; "" for those of others."""
    first, *path = name.split(".")
    if first != PACKAGE:
        return ""
    for end in range(len(path), -1, -1):
        folder = "/".join(path[:end])
        for file in (f"{folder}.py", f"{folder}/__init__.py" if folder else "__init__.py"):
            if file in files:
                return file
    return ""


def arrows(files):
    """File to the files that it imports.

    Imports inside functions count, too, but for those that go down the stairs: where a kernel
    stands in for its twin is decided in the function that calls it, and nowhere else is it loaded.
    """
    graph = {file: set() for file in files}
    for file in files:
        for name, inside in imports(files, file):
            target = file_of(files, name)
            if target and not (inside and room_of(target) == "kernels"):
                graph[file].add(target)
    return graph


def upward(graph):
    """The arrows that lead to a room that stands later than the file's own."""
    place = {room: i for i, room in enumerate(ORDER)}
    return sorted(
        (file, target)
        for file, targets in graph.items()
        for target in targets
        if place[room_of(target)] > place[room_of(file)]
    )


def circles(graph):
    """Sets of files that reach each other, in order; a file that imports itself is one."""
    reached = {file: reach(graph, file) for file in graph}
    found = {
        tuple(sorted(other for other in reached[file] if file in reached[other]))
        for file in graph
        if file in reached[file]
    }
    return sorted(found)


def reach(graph, file):
    """All files that arrows lead to from a file."""
    found, waiting = set(), [file]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def long_functions(text, most):
    """(name, lines) of the functions that are longer than `most` lines without their docstring."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            told = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) else 0
            lines = node.end_lineno - node.lineno + 1 - told
            if lines > most:
                found.append((node.name, lines))
    return found
