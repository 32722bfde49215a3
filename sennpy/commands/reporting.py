"""`--report` of the experiments: the growth X-ray of the first run, beside its record."""


def report_option(command):
    """Add the option."""
    command.add_argument(
        "--report", action="store_true",
        help="write a page NAME.html, too, that shows the first seed's growth look by look",
    )  # fmt: skip


def refuse_report(arguments, option):
    """ValueError if there is to be a page where an option trains other than one run."""
    if arguments.report:
        raise ValueError(f"--report shows one training: it does not go with {option}.")


def recorder_for(arguments):
    """The `Recorder` of the first run, None if there is to be no page."""
    if not arguments.report:
        return None
    from ..report import Recorder

    return Recorder()


def write_page(arguments, name, content, run, recorder):
    """Write the page of a run under a name; where it stands, in a list, empty for no recorder."""
    if recorder is None:
        return []
    from ..report import Training, write_reports

    training = Training.of(
        run.history, recorder, run.settings, name=name, command=content["command"],
        versions=content["versions"], **how_again(f"{name}.json"),
    )  # fmt: skip
    page = (arguments.out / name).with_suffix(".html")
    size = write_reports([training], page)
    print(f"{page}: {size} bytes, to be opened in a browser")
    return [page]


def how_again(record):
    """The command that makes the numbers of a record again, and in words what has its networks."""
    return {
        "replay": f"python -m sennpy replay {record}",
        "again": f"call python -m sennpy report {record} --replay, which trains again",
    }
