"""``bench doctor``: is everything here that a run needs?"""

import typer


def doctor() -> None:
    """Check libraries, weights, folders and the machine; say what to do about what is missing."""
    from rich.console import Console

    from benchmark.doctor import checks
    from benchmark.errors import ExitCode

    console = Console()
    broken = 0
    for check in checks():
        broken += check.needed and not check.fine
        mark = "ok  " if check.fine else ("MISS" if check.needed else "note")
        console.print(
            f"{mark} {check.name}: {check.found}", markup=False, highlight=False, soft_wrap=True
        )
        if not check.fine and check.remedy:
            console.print(f"       {check.remedy}", markup=False, highlight=False, soft_wrap=True)
    if broken:
        raise typer.Exit(int(ExitCode.ENVIRONMENT))
