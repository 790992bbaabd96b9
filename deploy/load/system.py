"""A system of the release build in a directory of its own, for measurements.

Certificates, data and logs lie in that directory; ports are the kernel's choice, so that it runs
beside any other. Ended whatever happens.
"""

import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["accounts", "messaging", "agenda", "actions", "offers", "gateway"]
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30
# A service finishes its calls within 10 s.
STOP_SECONDS = 15
# The services take a few thousand new people a second in.
IMPORT_SECONDS = 120


def note(text):
    print(text, file=sys.stderr, flush=True)


def build(*products):
    """Builds products for release and says where they lie."""
    note("Building (some minutes the first time) …")
    for product in products:
        subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=TOP,
                       check=True, stdout=sys.stderr)
    return pathlib.Path(subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=TOP, check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip())


class System:
    """Some of the services, running, with a population that all of them know."""

    def __init__(self, binaries, directory, services):
        self.binaries, self.directory, self.services = binaries, directory, services
        self.processes, self.ports = {}, dict(zip(services, free_ports(len(services))))
        self.environment = {
            **os.environ, "PASS_CERTIFICATES": str(directory / "certificates"),
            **{f"PASS_{name.upper()}": f"127.0.0.1:{port}" for name, port in self.ports.items()},
        }
        # One that this measurement does not start must not be taken for one that runs here.
        for name in set(SERVICES) - set(services):
            self.environment[f"PASS_{name.upper()}"] = "127.0.0.1:1"

    def __enter__(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        # The generator shows itself as the gateway.
        subprocess.run([TOP / "deploy/certs", self.directory / "certificates",
                        *dict.fromkeys([*self.services, "gateway", "operator"])],
                       check=True, stdout=subprocess.DEVNULL)
        try:
            for name in self.services:
                self.start(name)
            for name in self.services:
                self.wait_healthy(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in reversed(self.services):
            self.stop(name)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name):
        with open(self.log(name), "ab") as log:
            self.processes[name] = subprocess.Popen(
                [self.binaries / name], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**self.environment, "PASS_LISTEN": f"127.0.0.1:{self.ports[name]}",
                     "PASS_DATA": str(self.database(name).parent)})

    def stop(self, name):
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            note(f"{name} did not stop in time; killed.")
            process.kill()
            process.wait()

    def wait_healthy(self, name):
        end = time.monotonic() + START_SECONDS
        while subprocess.run([self.binaries / "pe", "health", name], env=self.environment,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             check=False).returncode:
            if self.processes[name].poll() is not None or time.monotonic() > end:
                sys.exit(f"{name} does not serve:\n{self.log(name).read_text()[-2000:]}")
            time.sleep(0.1)

    def database(self, name):
        return self.directory / "data" / name / f"{name}.sqlite"

    def log(self, name):
        return self.directory / f"{name}.log"

    def pe(self, *arguments):
        return subprocess.run([self.binaries / "pe", *map(str, arguments)], check=True, text=True,
                              env=self.environment, stdout=subprocess.PIPE).stdout

    def import_people(self, count, known_by):
        """Brings a population in and waits until those services have its last young person."""
        self.pe("import", "people", "--synthetic", count)
        end = time.monotonic() + IMPORT_SECONDS
        for name, method in known_by.items():
            while self.load(method, "--population", count, "--rate", 2000, "--duration", "1s",
                            "--warm-up", "0s")["errors"]:
                if time.monotonic() > end:
                    sys.exit(f"{name} does not know everyone after {IMPORT_SECONDS} s.")

    def load(self, *arguments):
        """Runs `loadtest` and answers its figures."""
        figures = self.directory / "figures.json"
        figures.unlink(missing_ok=True)
        result = subprocess.run(
            [self.binaries / "loadtest", *map(str, arguments), "--json", figures,
             "--sessions", self.directory / "sessions.json"],
            env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            check=False)
        if not figures.exists():
            sys.exit(f"loadtest {' '.join(map(str, arguments))}:\n{result.stdout}{result.stderr}")
        return json.loads(figures.read_text())

    def cpu_seconds(self, name):
        fields = pathlib.Path(f"/proc/{self.processes[name].pid}/stat").read_text()
        fields = fields.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def percentile(latency, share):
    """A percentile of `loadtest`'s figures, in milliseconds."""
    return next(p["us"] for p in latency["percentiles"] if p["percentile"] >= share - 1e-9) / 1000


def conditions():
    """What a reader must know to compare: version, machine, disk."""
    def said(*command):
        text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False).stdout.strip()
        return text.splitlines()[0] if text else "unknown"

    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = said("git", "-C", str(TOP), "rev-parse", "--short", "HEAD")
    changed = said("git", "-C", str(TOP), "status", "--porcelain", "--", "Sources")
    return [
        f"- {datetime.date.today()}, commit {commit}"
        + ("" if changed == "unknown" else " and changes on top of it"),
        f"- {cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, "
        f"Linux {platform.release()}, {said('stat', '-f', '-c', '%T', str(TOP))}; load of the "
        f"minute before: {os.getloadavg()[0]:.1f}",
        f"- {said('swift', '--version')}; {said('openssl', 'version')}",
    ]
