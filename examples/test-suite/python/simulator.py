"""A Pictor of a test's own, made in the simulator that pictor-sim exec has started."""

import json
import os
import urllib.error
import urllib.request
from typing import Any


class Sandbox:
    """Machines, credits and a clock that no other test has.

    The settings are those of "pictor-sim sandbox create", such as seed=7 or credits="25".
    """

    def __init__(self, **settings: Any) -> None:
        server = os.environ.get("PICTOR_SIM")
        if not server:
            raise RuntimeError('PICTOR_SIM is not set: run the tests with "pictor-sim exec -- python -m pytest"')
        self._server = server
        made = self._call("POST", "/sandboxes", {"clock": "poll", **settings})
        self._id = made["id"]
        #: For PICTOR_ENDPOINT.
        self.endpoint = server + "/api"
        #: For PICTOR_API_KEY: it is what selects this sandbox.
        self.api_key: str = made["api_key"]

    def advance(self, by: str) -> None:
        """Moves the clock forward, such as by "36h"."""
        self._call("POST", f"/clock/advance?sandbox={self._id}", {"by": by})

    def run_until(self, instance: str, status: str) -> None:
        """Moves the clock forward until a machine, by id or name, has a status."""
        self._call("POST", f"/clock/advance?sandbox={self._id}", {"until": {"instance": instance, "status": status}})

    def fault(self, kind: str, **plan: Any) -> None:
        """Lets the next request that fits go wrong; see "pictor-sim fault kinds"."""
        self._call("POST", f"/faults?sandbox={self._id}", {"kind": kind, **plan})

    def requests(self, operation: str = "") -> list[dict[str, Any]]:
        """What was sent, of one operation such as "createInstance" or of all."""
        return self._call("GET", f"/requests?sandbox={self._id}&operation={operation}")

    def ledger(self) -> list[dict[str, Any]]:
        """Every change of the balance, oldest first."""
        return self._call("GET", f"/ledger?sandbox={self._id}")["entries"]

    def instances(self) -> list[dict[str, Any]]:
        """The machines that have not been given back."""
        rented = self._call("GET", f"/bill?sandbox={self._id}")["still_rented"]
        return [machine for machine in rented if machine["status"] != "deleting"]

    def close(self) -> None:
        """Deletes the sandbox. It raises when a machine is left, or a fault never hit."""
        left = [f"{m['name']} ({m['id']}, {m['status']})" for m in self.instances()]
        # With one left it stays, so that pictor-sim exec --fail-on-leak sees it, too.
        assert not left, f"still rented, and would go on costing money: {', '.join(left)}"
        idle = [f for f in self._call("GET", f"/faults?sandbox={self._id}") if f["fired"] == 0]
        self._call("DELETE", f"/sandboxes/{self._id}")
        assert not idle, f"these faults never hit: {idle}"

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._server}/_sim{path}",
            method=method,
            headers={"Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{method} /_sim{path} is answered {refused.code}: {refused.read().decode()}") from None
