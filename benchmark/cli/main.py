"""``bench``: the commands put together, and the one place where errors become exit codes.

Nothing heavy is imported here: every command imports what it needs when it runs.
"""

import sys

import typer

from benchmark.cli import baseline, data, leaderboard, methods, metrics, perf, plot, weights
from benchmark.cli.compare import compare
from benchmark.cli.doctor import doctor
from benchmark.cli.drift import drift
from benchmark.cli.gate import gate
from benchmark.cli.look import look
from benchmark.cli.report import report
from benchmark.cli.run import run
from benchmark.cli.table import table
from benchmark.errors import BenchError
from benchmark.names import printable

app = typer.Typer(
    name="bench",
    help="Evaluate portrait animation and face reenactment methods.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command()(table)
app.command()(report)
app.command()(look)
app.command()(drift)
app.command()(compare)
app.command()(gate)
app.add_typer(baseline.app, name="baseline")
app.add_typer(perf.app, name="perf")
app.add_typer(plot.app, name="plot")
app.add_typer(data.app, name="data")
app.add_typer(leaderboard.app, name="leaderboard")
app.add_typer(methods.app, name="methods")
app.add_typer(metrics.app, name="metrics")
app.add_typer(weights.app, name="weights")
app.command()(doctor)


def main() -> None:
    """Run ``bench`` and exit with its code."""
    try:
        app()
    except BenchError as error:
        complain(error)
        sys.exit(int(error.exit_code))


def complain(error: BenchError) -> None:
    """Print a `BenchError` as people should see it: problem first, remedy below."""
    print(f"bench: {printable(error.problem)}", file=sys.stderr)
    for line in error.remedy.splitlines():
        print(f"  {printable(line)}", file=sys.stderr)


if __name__ == "__main__":
    main()
