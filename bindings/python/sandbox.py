"""The real sandbox gateway in a process of its own."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any


class Sandbox:
    """Runs until `stop`; another one may then go on with the same store."""

    def __init__(self, db: Path) -> None:
        program = [os.environ["LAPOR_SANDBOX"], "--db", str(db), "--listen", "127.0.0.1:0"]
        # It ends with this process, whatever happens here.
        program += ["--parent-pid", str(os.getpid()), "--check-contract"]
        log = db.with_suffix(".log")
        with log.open("a") as errors:
            self.process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("listening http"):
            raise AssertionError(f"the sandbox did not start: {line!r} {log.read_text()}")
        self.url = line.split()[1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def see(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/sandbox/{path}", timeout=30) as answer:
            return json.load(answer)

    def act(self, path: str) -> None:
        """What the desk or the operator of the gateway does."""
        request = urllib.request.Request(f"{self.url}/sandbox/{path}", b"", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def faults(self, *faults: dict) -> None:
        """Sets the switches for a bad network or a bad server; none heals."""
        body = json.dumps(faults).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/sandbox/faults", body, headers, method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
