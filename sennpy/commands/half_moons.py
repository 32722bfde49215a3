"""`sennpy half-moons`: grow a linear classifier on half-moons (the paper's figure 3)."""

import statistics
from dataclasses import replace

from ..nn.losses import SoftmaxCrossEntropy
from ..writing import write_json
from .keeping import check, keeping, keeping_options
from .reporting import recorder_for, refuse_report
from .shared import (
    add_parser,
    chosen_settings,
    common,
    conclude,
    header,
    positive,
    progress,
    run_seed,
    run_seeds,
    save,
    stem,
    summarise,
)


def add(commands):
    """Make the parser."""
    moons = add_parser(
        commands,
        "half-moons",
        "grow a linear classifier on half-moons (the paper's figure 3)",
        [
            "sennpy half-moons",
            "sennpy half-moons --seeds 5",
            "sennpy half-moons --splits 20     beside a cross-validated RBF SVC",
            "sennpy half-moons --animate       the growing network as a moving picture",
            "sennpy half-moons --preset paper  the authors' settings (minutes, not seconds)",
        ],
    )
    common(moons, ["default", "paper"])
    instead = moons.add_mutually_exclusive_group()
    instead.add_argument(
        "--splits",
        type=positive,
        metavar="N",
        help="instead: N fresh splits, one network each, beside an RBF SVC",
    )
    instead.add_argument(
        "--animate",
        action="store_true",
        help="instead: one network as a GIF, and as MP4 where ffmpeg is found",
    )
    keeping_options(moons)
    moons.set_defaults(command=half_moons)


def half_moons(arguments, argv):
    """`sennpy half-moons`."""
    from ..datasets import half_moons as load
    from ..experiments import figures
    from ..experiments import half_moons as experiment

    settings = chosen_settings(arguments, experiment.PRESETS)
    name = stem("half-moons", arguments, experiment.PRESETS)
    if arguments.splits:
        if arguments.seeds > 1:
            raise ValueError("--splits grows one network a split: it does not go with --seeds.")
        refuse_report(arguments, "--splits")
        return half_moons_splits(name, arguments, argv, settings)
    if arguments.animate:
        if arguments.seeds > 1:
            raise ValueError("--animate shows one network: it does not go with --seeds.")
        if arguments.checkpoint:
            raise ValueError("--animate shows every epoch: it does not go with --checkpoint.")
        check(arguments)
        refuse_report(arguments, "--animate")
        return half_moons_growing(name, arguments, argv, settings)
    with keeping(arguments, name, settings.as_dict()) as store:
        recorder, data = recorder_for(arguments), load()
        runs = run_seeds(experiment, settings, arguments, store, watch=recorder)
        figure = figures.half_moons_figure(runs[0], data.X, data.t)
        if recorder is not None:
            recorder.samples(data.X, data.t, SoftmaxCrossEntropy())
        return save(name, arguments, argv, runs, figure, recorder=recorder)


def half_moons_splits(name, arguments, argv, settings):
    """`sennpy half-moons --splits N`: fresh data each time, beside an RBF SVC."""
    from ..experiments import half_moons as experiment
    from ..experiments.workers import in_parallel

    work = [
        (replace(settings, seed=arguments.seed + i), 100 + 2 * i, 101 + 2 * i)
        for i in range(arguments.splits)
    ]
    names = [f"split-{train_seed}-seed-{s.seed}" for s, train_seed, _ in work]
    with keeping(arguments, f"{name}-splits", settings.as_dict()) as store:
        rows = in_parallel(experiment.on_split, work, 1, progress, store, names)
        ours = statistics.fmean(row["test_accuracy"] for row in rows)
        svc = statistics.fmean(row["svc_accuracy"] for row in rows)
        print(
            f"{len(rows)} fresh splits: mean accuracy {ours:.4f} with "
            f"{statistics.fmean(sum(row['hidden']) for row in rows):.1f} hidden neurons; "
            f"cross-validated RBF SVC {svc:.4f}"
        )
        path = arguments.out / f"{name}-splits.json"
        content = header(argv, arguments, settings) | {"runs": rows}
        content |= {"mean_accuracy": ours, "mean_svc_accuracy": svc}
        write_json(path, content)
        return conclude(arguments, content, path)


def half_moons_growing(name, arguments, argv, settings):
    """`sennpy half-moons --animate`: one network, as a moving picture."""
    from ..datasets import half_moons as load
    from ..experiments import figures
    from ..experiments import half_moons as experiment

    watched, data = [], load()
    run = run_seed(experiment, settings, arguments.seed, lambda *seen: watched.append(seen))
    summarise([run])
    frames = figures.growth_frames(watched, every=max(1, settings.epochs // 50))
    path = arguments.out / f"{name}-growing.json"
    content = header(argv, arguments, settings) | {"runs": [run.numbers()]}
    content["frames"] = [{"epoch": f.epoch, "what": f.what, "ticks": f.ticks} for f in frames]
    content["history"] = run.history.as_dict()
    write_json(path, content)

    pictures = figures.growth_pictures(frames, data.X, data.t)
    figures.save_gif(pictures, frames, path.with_suffix(".gif"))
    files = [path.with_suffix(".gif"), path]
    if figures.has_ffmpeg():
        figures.save_mp4(pictures, frames, path.with_suffix(".mp4"))
        files.insert(1, path.with_suffix(".mp4"))
    else:
        print("no MP4 beside the GIF: ffmpeg is not found (Debian, Ubuntu: apt install ffmpeg)")
    return conclude(arguments, content, *files)
