"""Runs the Pulumi program in this folder. The host has set the environment."""

import asyncio
import json
import os
import runpy
import sys
import traceback

import pulumi
from pulumi import runtime


def main() -> int:
    env = os.environ
    runtime.set_all_config(json.loads(env["PULUMI_CONFIG"]) or {}, json.loads(env["PULUMI_CONFIG_SECRET_KEYS"]) or [])
    runtime.configure(
        runtime.Settings(
            organization=env["PULUMI_ORGANIZATION"] or "organization",
            project=env["PULUMI_PROJECT"],
            root_directory=env["PULUMI_ROOT_DIRECTORY"],
            stack=env["PULUMI_STACK"],
            dry_run=env["PULUMI_DRY_RUN"] == "true",
            parallel=int(env["PULUMI_PARALLEL"]),
            monitor=env["PULUMI_MONITOR"],
            engine=env["PULUMI_ENGINE"],
        )
    )
    sys.path.insert(0, os.getcwd())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # what a program makes while it is imported finds it

    async def program() -> None:
        runpy.run_path(os.getcwd(), run_name="__main__")

    try:
        loop.run_until_complete(runtime.run_in_stack(program))
    except Exception as error:
        known = isinstance(error, pulumi.RunError)  # it says all that is to be said
        pulumi.log.error(str(error) if known else traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
