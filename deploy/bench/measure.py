"""Measures what `compare` has built, in interleaved rounds, and writes RESULTS.md.

Each server is held to core 0 and its load to core 1. A number in the page is the median of its
rounds, so that a disturbance of one round does not count.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
SHAPES = [(1, 1), (16, 1), (64, 1), (1, 64), (16, 16)]
SECONDS = 1.5
TICKS = os.sysconf("SC_CLK_TCK")
# What the page promises: (over which server, connections, in flight, at least so many times).
TARGETS = [
    ("c", 16, 1, 0.80), ("c", 64, 1, 0.80), ("c", 16, 16, 0.35),
    ("grpc-cpp", 16, 1, 1.7), ("grpc-cpp", 16, 16, 5), ("grpc-swift", 16, 1, 6),
    ("grpc-swift", 16, 16, 25),
]
NAMES = {
    "swift": "Swift (this repository)", "c": "C, epoll and libssl", "grpc-cpp": "gRPC C++",
    "grpc-swift": "grpc-swift-2", "swift-swift": "Swift, client and server",
    "grpc-cpp-grpc-cpp": "gRPC C++, client and server",
}


class Bench:
    def __init__(self, out, swift):
        self.out, self.certificates = out, out / "certificates"
        self.rpc_bench = pathlib.Path(swift) / "rpc-bench"
        servers = {
            "swift": [self.rpc_bench, "server", "--certificates", self.certificates],
            "c": [out / "c-echo-server", self.certificates],
            "grpc-cpp": [out / "grpc-cpp-echo-server", self.certificates],
            "grpc-swift": [out / "grpc-swift/release/echo-grpc-swift", self.certificates],
        }
        self.servers = {name: line for name, line in servers.items() if line[0].exists()}

    @contextlib.contextmanager
    def server(self, name, environment=None):
        """A running server: its process and port. Ended whatever happens."""
        process = subprocess.Popen(
            ["taskset", "-c", "0", *map(str, self.servers[name])], stdout=subprocess.PIPE,
            text=True, env={**os.environ, **(environment or {})},
        )
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait()

    def run(self, *command, environment=None):
        """What a generator on core 1 prints."""
        result = subprocess.run(
            ["taskset", "-c", "1", *map(str, command)], stdout=subprocess.PIPE, text=True,
            timeout=1200, check=True, env={**os.environ, **(environment or {})},
        )
        return result.stdout

    def load(self, name, pid, port, connections, in_flight, size):
        if name in ("swift", "c"):
            return self.frames("c-echo-load", pid, port, connections, in_flight, size)
        if name == "swift-swift":
            return self.rpc_client(pid, port, connections, in_flight, size)
        if name == "grpc-cpp-grpc-cpp":
            return self.frames("grpc-cpp-echo-load", pid, port, connections, in_flight, size)
        return self.h2load(pid, port, connections, in_flight, size)

    def frames(self, program, pid, port, connections, in_flight, size):
        return json.loads(self.run(
            self.out / program, self.certificates, port, connections, in_flight, size, SECONDS, pid,
        ))

    def rpc_client(self, pid, port, connections, in_flight, size, environment=None):
        return json.loads(self.run(
            self.rpc_bench, "client", "--certificates", self.certificates, "--port", port,
            "--server-pid", pid, "--connections", connections, "--in-flight", in_flight,
            "--bytes", size, "--duration", SECONDS, "--json", environment=environment,
        ))

    def h2load(self, pid, port, connections, in_flight, size):
        body = self.out / f"body-{size}"
        body.write_bytes(grpc_body(size))
        process = subprocess.Popen(
            ["taskset", "-c", "1", "h2load", "-c", str(connections), "-m", str(in_flight),
             "-D", "2", "--warm-up-time=1", "-d", str(body),
             "--tls13-ciphers=TLS_AES_128_GCM_SHA256", "-H", "content-type: application/grpc",
             "-H", "te: trailers", f"https://127.0.0.1:{port}/pass.rpc.v1.Echo/Unary"],
            stdout=subprocess.PIPE, text=True,
        )
        time.sleep(1.2)
        before, start = cpu_ticks(pid), time.monotonic()
        time.sleep(1.5)
        cpu, seconds = (cpu_ticks(pid) - before) / TICKS, time.monotonic() - start
        text, _ = process.communicate()
        rate = float(re.search(r"finished in .*?, ([\d.]+) req/s", text)[1])
        if not re.search(r" 0 failed, 0 errored", text):
            sys.exit(f"h2load: calls failed:\n{text}")
        return {"calls_per_second": rate, "server_cpu_us_per_call": cpu * 1e6 / seconds / rate,
                "server_cores": cpu / seconds}


def grpc_body(size):
    """An EchoMessage of `size` bytes as gRPC frames it: flag, length, message."""
    length, count = b"", size
    while count >= 0x80:
        length, count = length + bytes([count & 0x7F | 0x80]), count >> 7
    message = b"\x0a" + length + bytes([count]) + bytes(i & 0xFF for i in range(size))
    return b"\0" + len(message).to_bytes(4, "big") + message


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def measure(bench, rounds, names, shapes, sizes):
    """Medians by (name, connections, in flight, size)."""
    seen = {}
    for round_number in range(rounds):
        for name in names:
            server = {"swift-swift": "swift", "grpc-cpp-grpc-cpp": "grpc-cpp"}.get(name, name)
            with bench.server(server) as (pid, port):
                for size in sizes:
                    for connections, in_flight in shapes:
                        key = (name, connections, in_flight, size)
                        seen.setdefault(key, []).append(
                            bench.load(name, pid, port, connections, in_flight, size))
        print(f"round {round_number + 1} of {rounds} done", file=sys.stderr)
    return {
        key: {field: statistics.median(run[field] for run in runs) for field in runs[0]}
        for key, runs in seen.items()
    }


def measure_costs(bench):
    """Allocations, handshakes, idle connections, of the Swift stack alone."""
    counts = bench.out / "malloc-counts"
    counts.mkdir(exist_ok=True)
    counting = {"LD_PRELOAD": str(bench.out / "malloc-count.so"), "MALLOC_COUNT_DIR": str(counts)}
    costs = {"allocations": {}}
    with bench.server("swift", counting) as (pid, port):
        for shape in SHAPES:
            costs["allocations"][shape] = bench.rpc_client(pid, port, *shape, 64, counting)
    for kind in ("full", "resumed"):
        for name in ("swift", "c"):
            with bench.server(name) as (pid, port):
                costs[kind, name] = json.loads(bench.run(
                    bench.rpc_bench, "handshakes", "--certificates", bench.certificates,
                    "--port", port, "--server-pid", pid, "--kind", kind, "--json"))
    with bench.server("swift") as (pid, port):
        costs["idle"] = json.loads(bench.run(
            bench.rpc_bench, "idle", "--certificates", bench.certificates, "--port", port,
            "--server-pid", pid, "--json"))
    return costs


def rate_table(results, size):
    names = [name for name in NAMES if any(key[0] == name and key[3] == size for key in results)]
    lines = ["| calls/s (µs of server processor per call) | "
             + " | ".join(f"{c}×{k}" for c, k in SHAPES) + " |", "|---" * (len(SHAPES) + 1) + "|"]
    for name in names:
        cells = []
        for connections, in_flight in SHAPES:
            run = results.get((name, connections, in_flight, size))
            cells.append("" if run is None else
                         f"{run['calls_per_second']:,.0f} ({run['server_cpu_us_per_call']:.1f})")
        lines.append(f"| {NAMES[name]} | " + " | ".join(cells) + " |")
    return lines


def ratio_table(results):
    lines = ["| over | connections × in flight | calls/s | processor time | target |",
             "|---|---|---|---|---|"]
    for name, connections, in_flight, target in TARGETS:
        ours = results.get(("swift", connections, in_flight, 64))
        theirs = results.get((name, connections, in_flight, 64))
        if not ours or not theirs:
            continue
        rate = ours["calls_per_second"] / theirs["calls_per_second"]
        cost = theirs["server_cpu_us_per_call"] / ours["server_cpu_us_per_call"]
        lines.append(f"| {NAMES[name]} | {connections}×{in_flight} | {rate:.2f} | {cost:.2f} "
                     f"| {target} |")
    return lines


def latency_table(results):
    lines = ["| p50 / p99, µs, 64 B | " + " | ".join(f"{c}×{k}" for c, k in SHAPES) + " |",
             "|---" * (len(SHAPES) + 1) + "|"]
    for name in NAMES:
        runs = [results.get((name, c, k, 64)) for c, k in SHAPES]
        if any(run and "p50_us" in run for run in runs):
            lines.append(f"| {NAMES[name]} | " + " | ".join(
                "" if run is None else f"{run['p50_us']:,.0f} / {run['p99_us']:,.0f}"
                for run in runs) + " |")
    return lines


def cost_lines(costs):
    lines = ["| allocations per call, 64 B | " + " | ".join(f"{c}×{k}" for c, k in SHAPES) + " |",
             "|---" * (len(SHAPES) + 1) + "|"]
    for side in ("client", "server"):
        lines.append(f"| {side} | " + " | ".join(
            f"{costs['allocations'][shape][f'{side}_allocations_per_call']:.1f}"
            for shape in SHAPES) + " |")
    idle = costs["idle"]
    shaken = {key: run["handshakes_per_server_core"] for key, run in costs.items()
              if isinstance(key, tuple)}
    return lines + [
        "",
        f"- Mutual-TLS handshakes per second of a server's core: "
        f"{shaken['full', 'swift']:,.0f} full, {shaken['resumed', 'swift']:,.0f} resumed; "
        f"the C server, on the same libssl: {shaken['full', 'c']:,.0f} and "
        f"{shaken['resumed', 'c']:,.0f}.",
        f"- {idle['connections']:,.0f} idle mutual-TLS connections: "
        f"{idle['server_rss_held_mib']:,.0f} MiB in the server, "
        f"{idle['server_bytes_per_connection'] / 1024:.1f} KiB each; {idle['lost']:.0f} lost.",
    ]


def conditions(rounds):
    def said(*command):
        text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False).stdout.strip()
        return text.splitlines()[0] if text else "not here"

    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    package = "--showformat=${Version}"
    commit = said("git", "-C", str(HERE), "rev-parse", "--short", "HEAD")
    return [
        f"- {datetime.date.today()}, commit {commit}; medians of {rounds} rounds of {SECONDS} s each",
        f"- {cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, "
        f"Linux {platform.release()}; load of the minute before: {os.getloadavg()[0]:.1f}",
        f"- {said('swift', '--version')}",
        f"- {said('openssl', 'version')}; libgrpc++ {said('dpkg-query', '-W', package, 'libgrpc++-dev')}"
        f"; {said('h2load', '--version')}",
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--swift", required=True)
    options = parser.parse_args()
    bench = Bench(options.out, options.swift)
    rounds = 1 if options.quick else 3
    context = conditions(rounds)
    shapes, sizes = ([(16, 1), (16, 16)], [64]) if options.quick else (SHAPES, [64, 4096])
    results = measure(bench, rounds, list(bench.servers), shapes, sizes)
    if not options.quick:
        stacks = ["swift-swift", "grpc-cpp-grpc-cpp"]
        results |= measure(bench, rounds, stacks, SHAPES, [64])
    page = ["# Results", "", "Written by `deploy/bench/compare`; [README.md](README.md) says what "
            "was measured and how to read it.", "", "## Conditions", "", *context, "",
            "## Against the targets", "", *ratio_table(results), ""]
    for size in sizes:
        page += [f"## Calls of {size:,} B", "", *rate_table(results, size), ""]
    page += ["## Latency", "", *latency_table(results), ""]
    if options.quick:
        print("\n".join(page))
        return
    page += ["## What a call and a connection cost", "", *cost_lines(measure_costs(bench)), ""]
    (HERE / "RESULTS.md").write_text("\n".join(page))
    print(f"Wrote {HERE / 'RESULTS.md'}.")


main()
