from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pulumi import automation as auto
from simulator import Sandbox


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A Pictor of the test's own. The test fails when it leaves a machine behind."""
    made = Sandbox(name=request.node.name[:63])  # the bill shows it
    yield made
    made.close()


Deploy = Callable[[Callable[[], None]], auto.Stack]


@pytest.fixture
def deploy(sandbox: Sandbox, tmp_path: Path) -> Iterator[Deploy]:
    """Makes a Pulumi stack whose program is a function in the test's process."""
    stacks: list[auto.Stack] = []

    def make(program: Callable[[], None]) -> auto.Stack:
        stacks.append(new_stack(sandbox, tmp_path, program))
        return stacks[-1]

    yield make
    for stack in stacks:  # whatever became of the test, what it rented is given back
        stack.destroy()


def new_stack(sandbox: Sandbox, folder: Path, program: Callable[[], None]) -> auto.Stack:
    return auto.create_stack(
        stack_name="test",
        project_name="test-suite",
        program=program,
        opts=auto.LocalWorkspaceOptions(
            project_settings=auto.ProjectSettings(
                name="test-suite", runtime="python", backend=auto.ProjectBackend(url=f"file://{folder}")
            ),
            pulumi_home=str(folder / "home"),
            env_vars={
                "PICTOR_ENDPOINT": sandbox.endpoint,
                "PICTOR_API_KEY": sandbox.api_key,
                "PULUMI_CONFIG_PASSPHRASE": "for tests only",
                "PULUMI_SKIP_UPDATE_CHECK": "1",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
        ),
    )
