"""A plan says which probes run."""

from scanner.plan import FULL, Plan


def test_the_default_is_everything() -> None:
    assert FULL.depth == "full"
    assert not FULL.quick
    assert FULL.runs("anything")


def test_a_list_of_probes_is_all_that_runs() -> None:
    plan = Plan(depth="quick", probes=("reachability",))
    assert plan.quick
    assert plan.runs("reachability")
    assert not plan.runs("tls_versions")
    assert not Plan(probes=()).runs("reachability")
