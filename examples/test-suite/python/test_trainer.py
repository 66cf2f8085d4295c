import re
from pathlib import Path

import pulumi
import pytest
from conftest import Deploy, new_stack
from simulator import Sandbox
from trainer import trainer


def program(auto_renew: bool | None = None) -> None:
    for name, output in trainer(auto_renew).items():
        pulumi.export(name, output)


def rentals(sandbox: Sandbox) -> list[str]:
    return [entry["amount"] for entry in sandbox.ledger() if re.match("(rental|renewal) of", entry["description"])]


def the_machine(sandbox: Sandbox) -> tuple[str, str]:
    [machine] = sandbox.instances()
    return machine["name"], machine["status"]


def test_rents_one_machine_and_nothing_is_left_to_change(sandbox: Sandbox, deploy: Deploy) -> None:
    stack = deploy(program)

    outputs = stack.up().outputs
    assert outputs["login"].value.startswith("ssh root@")
    assert the_machine(sandbox) == (outputs["machine"].value, "running")

    assert stack.preview().change_summary == {"same": 2}

    stack.destroy()
    assert sandbox.instances() == []


def test_the_rental_ends_after_a_day_and_the_next_up_rents_another(sandbox: Sandbox, deploy: Deploy) -> None:
    stack = deploy(program)
    first = stack.up().outputs["machine"].value

    sandbox.advance("25h")
    assert the_machine(sandbox) == (first, "terminated")

    second = stack.up(refresh=True).outputs["machine"].value
    assert the_machine(sandbox) == (second, "running")
    assert second != first


def test_auto_renew_pays_for_a_second_day(sandbox: Sandbox, deploy: Deploy) -> None:
    machine = deploy(lambda: program(auto_renew=True)).up().outputs["machine"].value

    sandbox.advance("25h")
    assert the_machine(sandbox) == (machine, "running")
    assert rentals(sandbox) == ["-8.16", "-8.16"]


def test_when_the_answer_to_the_rental_is_lost_one_machine_is_paid_for_once(sandbox: Sandbox, deploy: Deploy) -> None:
    sandbox.fault("reset", operation="createInstance", phase="after")

    machine = deploy(program).up().outputs["machine"].value
    assert the_machine(sandbox) == (machine, "running")
    assert [request["status"] for request in sandbox.requests("createInstance")] == [0]
    assert rentals(sandbox) == ["-8.16"]


def test_a_machine_that_is_not_given_back_fails_its_test(tmp_path: Path) -> None:
    sandbox = Sandbox(name="left behind")
    stack = new_stack(sandbox, tmp_path, program)
    machine = stack.up().outputs["machine"].value

    with pytest.raises(AssertionError, match=f"still rented, and would go on costing money: {machine} "):
        sandbox.close()
    stack.destroy()
    sandbox.close()
