"""Defects of posting, waiting, stopping and ending."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        "posts after the window closed",
        "protocol/request.py",
        "return self.job.not_after is not None and now.wall >= self.job.not_after",
        "return self.job.not_after is None and now.wall is None",
        ("on time",),
    ),
    Mutant(
        "posts after the legal hours",
        "protocol/request.py",
        "return legal is not None and not legal.start <= now.wall < legal.end",
        "return legal is None and now.wall is None",
        ("on time",),
        noticed_by="quiet_hours",
    ),
    Mutant(
        "posts outside of the legal hours",
        "plan.py",
        "    if hours is not None and hours.interval is None:\n        return PlanReason.QUIET_HOURS\n",
        "",
        ("on time",),
        noticed_by="quiet_hours",
    ),
    Mutant(
        "posts after a signal",
        "protocol/machine.py",
        "        if self.stopping:\n            return OutcomeReason.RUN_STOPPED",
        "        if self.aborted:\n            return OutcomeReason.RUN_STOPPED",
        ("drained",),
    ),
    Mutant(
        "posts after a refusal of the same send",
        "protocol/machine.py",
        "if request.job.address in self._halted_sends:\n            return",
        "if request.job.address in ():\n            return",
        ("halted",),
    ),
    Mutant(
        "posts after an unknown outcome of the same send",
        "protocol/machine.py",
        "        if entry.state is not RequestState.SENT:\n            self._halt(",
        "        if entry.state is RequestState.NOT_SENT:\n            self._halt(",
        ("halted",),
    ),
    Mutant(
        "renews its token without limit",
        "protocol/request.py",
        "Verdict.TOKEN_EXPIRED: TOKEN_ATTEMPTS_MAX,",
        "Verdict.TOKEN_EXPIRED: 1_000_000,",
        ("patience", "never stuck"),
    ),
    Mutant(
        "waits for a busy vendor without limit",
        "protocol/request.py",
        "Verdict.BUSY: BUSY_ATTEMPTS_MAX,",
        "Verdict.BUSY: 1_000_000,",
        ("patience", "never stuck"),
    ),
    Mutant(
        "repeats without a pause",
        "protocol/request.py",
        "pause = longest * random.uniform(0.5, 1.0)",
        "pause = 0.0",
        ("patience",),
    ),
    Mutant(
        "does not lower its limit when the vendor is busy",
        "protocol/throttle.py",
        "self.limit = max(1, self.limit // 2)",
        "self.limit = max(1, self.limit)",
        ("in flight",),
        noticed_by="busy_vendor",
    ),
    Mutant(
        "restores the full limit after one success",
        "protocol/throttle.py",
        "                self.limit += 1\n",
        "                self.limit = self._maximum\n",
        ("in flight",),
        noticed_by="busy_vendor",
    ),
    Mutant(
        "ignores the number of requests in flight",
        "protocol/machine.py",
        "free = self._throttle.limit - self._stages[Stage.POSTING]",
        "free = self._throttle.limit",
        ("in flight",),
        unchecked=True,
    ),
    Mutant(
        "does not record outcomes",
        "protocol/machine.py",
        "            self._halt(request, outcome.reason)\n        self._queue.add(entry)\n",
        "            self._halt(request, outcome.reason)\n",
        ("complete", "settles itself", "never silent"),
        unchecked=True,
    ),
    Mutant(
        "exits with 0 despite an unknown outcome",
        "apply.py",
        "if RequestState.UNKNOWN in states or unrecorded or self._left_unknown():",
        "if unrecorded or self._left_unknown():",
        ("exit code",),
    ),
    Mutant(
        "exits with 0 although a sent request is not recorded",
        "apply.py",
        "if RequestState.UNKNOWN in states or unrecorded or self._left_unknown():",
        "if RequestState.UNKNOWN in states or self._left_unknown():",
        ("never silent", "exit code"),
        noticed_by="faults",
    ),
    Mutant(
        "does not report a request that was unknown before",
        "apply.py",
        "if RequestState.UNKNOWN in states or unrecorded or self._left_unknown():",
        "if RequestState.UNKNOWN in states or unrecorded:",
        ("never silent",),
    ),
    Mutant(
        "does not report refused credentials",
        "protocol/machine.py",
        "        self.stopping = True\n        self.errors.append(error)\n",
        "        self.stopping = True\n",
        ("exit code", "never silent"),
    ),
)
