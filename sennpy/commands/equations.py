"""`sennpy equations`: run the register, on random cases or on a network and data of one's own."""

from pathlib import Path

from ..nn.losses import SoftmaxCrossEntropy, SquaredError
from ..reading import Archive
from ..training.checkpoint import load
from ..writing import write_json
from .recorded import escaped
from .shared import add_json, add_parser, natural, positive

LOSSES = {"squared": SquaredError, "softmax": SoftmaxCrossEntropy}


def add(commands):
    """Make the parser."""
    command = add_parser(
        commands,
        "equations",
        "compute both sides of every equation of the paper, and compare them",
        [
            "sennpy equations                   all, on random small networks",
            'sennpy equations "Theorem 3.2"     one, with both sides of its worst case',
            "sennpy equations --model net.npz --data data.npz",
        ],
    )
    command.add_argument("label", nargs="*", help="which equations (default all)")
    command.add_argument("--seed", type=natural, default=0, help="of the cases (default 0)")
    command.add_argument(
        "--draws", type=positive, default=300, metavar="N", help="random cases (default 300)"
    )
    command.add_argument("--model", type=Path, help="a network of yours, written by sennpy.save")
    command.add_argument("--data", type=Path, help="a .npz file with arrays X and t for it")
    command.add_argument(
        "--loss", choices=LOSSES, help="softmax if t holds one integer a sample, else squared"
    )
    command.add_argument("--out", type=Path, help="folder to write equations.json to")
    add_json(command)
    command.set_defaults(command=equations)


def equations(arguments, argv):
    """`sennpy equations`; the exit status is 1 if an equation fails."""
    from .. import equations as register

    if (arguments.model is None) != (arguments.data is None):
        raise ValueError("--model and --data go together: a network, and data to check it on.")
    which = arguments.label or None
    if arguments.model is None:
        report = register.run(which, arguments.draws, arguments.seed)
    else:
        X, t = read_data(arguments.data)
        loss = chosen_loss(arguments.loss, t)
        report = register.check(load(arguments.model), X, t, loss, which, arguments.seed)
    if which:
        print("\n\n".join(str(result) for result in report.results))
    else:
        print(report)
    arguments.summary = report.as_dict()
    if arguments.out is not None:
        write_json(arguments.out / "equations.json", arguments.summary)
    return 0 if report.ok else 1


def read_data(path):
    """X and t from a .npz file, or an error that says what it holds instead."""
    with Archive(path, names=("X", "t")) as archive:
        if set(archive.headers) != {"X", "t"}:
            found = escaped(", ".join(archive.names)[:500])
            raise ValueError(
                f"{path} holds {found or 'nothing'}, expected X (N, n_in) and targets t: "
                "np.savez(path, X=X, t=t)."
            )
        for name, header in archive.headers.items():
            if header.dtype.kind not in "biuf":
                raise ValueError(f"{path}: {name} has dtype {header.dtype}, expected real numbers.")
        return tuple(archive.read(("X", "t")).values())


def chosen_loss(name, t):
    """The loss that is named, else the one that fits the targets."""
    if name is None:
        name = "softmax" if t.ndim == 1 and t.dtype.kind in "iu" else "squared"
    return LOSSES[name]()
