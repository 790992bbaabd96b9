"""The parts of the search benchmark that are not the service: see deploy/bench/search."""
import argparse
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

SOURCES = ["france-travail", "la-bonne-alternance", "service-civique", "immersion-facilitee"]
KINDS = ["", "JOB", "APPRENTICESHIP", "CIVIC_SERVICE", "IMMERSION"]
ROUNDS = 3
CORE = "0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- The service -------------------------------------------------------------------------------

class Service:
    """The offers service on a port and in a folder of its own."""

    def __init__(self, bin, work):
        self.bin, self.work = Path(bin), Path(work)
        self.environment = dict(
            os.environ, PASS_CERTIFICATES=str(self.work / "certificates"),
            PASS_OFFERS=f"127.0.0.1:{free_port()}", PASS_ACCOUNTS=f"127.0.0.1:{free_port()}",
        )

    def __enter__(self):
        run("deploy/certs", self.work / "certificates", "offers", "operator", "gateway",
            stdout=subprocess.DEVNULL)
        environment = dict(
            self.environment, PASS_LISTEN=self.environment["PASS_OFFERS"],
            PASS_DATA=str(self.work / "data"), PASS_METRICS=f"127.0.0.1:{free_port()}",
        )
        started = time.monotonic()
        self.log = open(self.work / "offers.log", "w")
        self.process = subprocess.Popen([self.bin / "offers"], env=environment, stdout=self.log,
                                        stderr=self.log)
        while subprocess.run([self.bin / "pe", "health", "offers"], env=self.environment,
                             capture_output=True).returncode:
            if self.process.poll() is not None or time.monotonic() - started > 60:
                sys.exit(f"The service did not start; see {self.work}/offers.log")
            time.sleep(0.05)
        self.ready_seconds = time.monotonic() - started
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def import_offers(self, source, file):
        started = time.monotonic()
        run(self.bin / "pe", "import", "offers", "--source", source, file, env=self.environment,
            stdout=subprocess.DEVNULL)
        return time.monotonic() - started

    def memory_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def prepare(options):
    work = Path(options.work)
    if (work / "facts.json").exists():
        return
    shutil.rmtree(work / "data", ignore_errors=True)
    (work / "data").mkdir(parents=True)
    files = work / "files"
    if not files.exists():
        files.mkdir()
        run(Path(options.bin) / "pe", "generate", "offers", "--count", options.count, "--out", files)
    facts = {"count": options.count}
    with Service(options.bin, work) as service:
        for name in ("new", "unchanged"):
            facts[f"import_{name}_s"] = sum(
                service.import_offers(source, next(files.glob(f"{source}*"))) for source in SOURCES)
        facts["memory_after_import_mib"] = service.memory_mib()
    facts["disk_mib"] = sum(f.stat().st_size for f in (work / "data").rglob("*")) >> 20
    with Service(options.bin, work) as service:
        facts["ready_s"] = service.ready_seconds
    write_searches(work, options.searches)
    (work / "facts.json").write_text(json.dumps(facts))


# --- Offers and searches -----------------------------------------------------------------------

def database(work):
    return sqlite3.connect(f"file:{work}/data/offers.sqlite?mode=ro", uri=True)


def offers(work):
    """All open offers of the service's database, as the schema's messages."""
    from passemploi.offers.v1 import offers_pb2
    for (detail,) in database(work).execute("SELECT detail FROM offer WHERE closed = 0"):
        yield offers_pb2.Offer.FromString(detail)


def write_searches(work, count):
    """Searches whose words come from offers: 60 % with a place, 20 % without, 20 % with filters."""
    dice = random.Random(20260928)
    sys.path.insert(0, str(Path(work).parent))
    from passemploi.offers.v1 import offers_pb2
    connection = database(work)
    first, last = connection.execute("SELECT MIN(rowid), MAX(rowid) FROM offer").fetchone()
    searches = []
    while len(searches) < count:
        row = connection.execute("SELECT detail FROM offer WHERE rowid >= ? LIMIT 1",
                                 (dice.randint(first, last),)).fetchone()
        offer = offers_pb2.Offer.FromString(row[0])
        place = offer.summary.place
        words = search_words(dice, offer)
        if not words or not place.insee or not place.HasField("point"):
            continue
        request = {"words": words, "wordsOnly": True}
        share = dice.random()
        if share < 0.8:
            request |= {"place": place.insee, "radiusKm": dice.choice([10, 10, 10, 20, 30, 50])}
        if share < 0.2:
            request |= {
                "kinds": [KINDS[offer.summary.kind]], "publishedWithinDays": dice.choice([7, 14, 31]),
                "contracts": [offers_pb2.ContractType.Name(offer.summary.contract)],
            }
        searches.append({"request": request, "latitude": place.point.latitude,
                         "longitude": place.point.longitude, "contract": offer.summary.contract,
                         "kind": offer.summary.kind})
    (Path(work) / "searches.json").write_text(json.dumps(searches))
    lines = [json.dumps(search["request"]) for search in searches]
    (Path(work) / "requests.ndjson").write_text("\n".join(lines))


def search_words(dice, offer):
    """One to three words of a title, or, now and then, of a text or a company's name."""
    share = dice.random()
    source = offer.summary.title
    if share < 0.1:
        source = offer.description or source
    elif share < 0.15:
        source = offer.summary.company or source
    words = [word for word in source.replace("/", " ").replace("(", " ").replace(")", " ").split()
             if len(word) > 3 and word.isalpha()]
    if not words:
        return ""
    length = min(len(words), dice.choice([1, 1, 2, 2, 3]))
    start = dice.randrange(len(words) - length + 1)
    return " ".join(words[start:start + length])


def box(search):
    """The box of degrees around a search's circle."""
    from math import cos, radians
    radius = search["request"]["radiusKm"] / 111.195
    wide = radius / cos(radians(search["latitude"]))
    return (search["latitude"] - radius, search["latitude"] + radius,
            search["longitude"] - wide, search["longitude"] + wide)


# --- The others --------------------------------------------------------------------------------

def time_searches(searches, search):
    """The median time of each search, in microseconds."""
    times = [[] for _ in searches]
    for _ in range(ROUNDS):
        for index, wanted in enumerate(searches):
            started = time.perf_counter_ns()
            search(wanted)
            times[index].append((time.perf_counter_ns() - started) / 1000)
    medians = sorted(statistics.median(each) for each in times)
    at = lambda share: round(medians[min(len(medians) - 1, int(len(medians) * share))])
    return {"p50_us": at(0.5), "p90_us": at(0.9), "p99_us": at(0.99), "max_us": at(1)}


def tantivy_engine(work, searches):
    import tantivy
    analyzer = (tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
                .filter(tantivy.Filter.remove_long(48)).filter(tantivy.Filter.lowercase())
                .filter(tantivy.Filter.stemmer("french")).filter(tantivy.Filter.ascii_fold()).build())
    builder = tantivy.SchemaBuilder()
    for field in ("title", "trade", "body"):
        builder.add_text_field(field, tokenizer_name="french", index_option="freq")
    for field in ("kind", "contract", "published"):
        builder.add_integer_field(field, indexed=True, fast=True)
    for field in ("latitude", "longitude"):
        builder.add_float_field(field, indexed=True, fast=True)
    builder.add_bytes_field("summary", stored=True, indexed=False)
    schema = builder.build()
    folder = Path(work) / "tantivy"
    isNew = not (folder / "meta.json").exists()
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(schema, path=str(folder))
    index.register_tokenizer("french", analyzer)
    if isNew:
        writer = index.writer(512_000_000, 1)
        for offer in offers(work):
            summary = offer.summary
            document = tantivy.Document(
                title=summary.title, trade=" ".join([offer.rome_label, *offer.skills]),
                body="\n".join([offer.rome_label, summary.company, summary.place.label,
                                offer.description, offer.company_description]),
                kind=summary.kind, contract=summary.contract,
                published=summary.published_ms // 1000, summary=summary.SerializeToString())
            if summary.place.HasField("point"):
                document.add_float("latitude", summary.place.point.latitude)
                document.add_float("longitude", summary.place.point.longitude)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    now = int(time.time())

    def search(wanted):
        request = wanted["request"]
        clauses = [index.parse_query(request["words"], ["title", "trade", "body"],
                                     field_boosts={"title": 5.0, "trade": 4.0},
                                     conjunction_by_default=True)]
        ranges = []
        if "radiusKm" in request:
            south, north, west, east = box(wanted)
            ranges += [("latitude", tantivy.FieldType.Float, south, north),
                       ("longitude", tantivy.FieldType.Float, west, east)]
        if "publishedWithinDays" in request:
            oldest = now - 86_400 * request["publishedWithinDays"]
            ranges += [("published", tantivy.FieldType.Integer, oldest, now + 86_400),
                       ("kind", tantivy.FieldType.Integer, wanted["kind"], wanted["kind"]),
                       ("contract", tantivy.FieldType.Integer, wanted["contract"],
                        wanted["contract"])]
        clauses += [tantivy.Query.range_query(schema, *each) for each in ranges]
        query = clauses[0] if len(clauses) == 1 else tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, clause) for clause in clauses])
        found = searcher.search(query, 20, count=True)
        return found.count, [searcher.doc(address) for _, address in found.hits]

    return search


class PostgreSQL:
    """A server of its own, in the benchmark's folder, behind a socket there."""

    def __init__(self, work):
        self.folder = Path(work) / "postgresql"
        self.bin = Path(subprocess.run(["bash", "-c", "dirname $(readlink -f $(command -v pg_ctl || "
                        "ls /usr/lib/postgresql/*/bin/pg_ctl | tail -1))"], text=True,
                        capture_output=True, check=True).stdout.strip())
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] \
            if os.getuid() == 0 else []

    def __enter__(self):
        isNew = not (self.folder / "data").exists()
        if isNew:
            self.folder.mkdir(exist_ok=True)
            if self.user:
                shutil.chown(self.folder, "nobody", "nogroup")
            run(*self.user, self.bin / "initdb", "-D", self.folder / "data", "-U", "bench", "-E", "UTF8",
                "--locale=C.UTF-8", stdout=subprocess.DEVNULL)
        run(*self.user, self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "-l",
            self.folder / "log", "start", "-o",
            f"-k {self.folder} -c listen_addresses='' -c shared_buffers=1GB -c work_mem=64MB "
            "-c max_parallel_workers_per_gather=0 -c jit=off -c fsync=off -c maintenance_work_mem=512MB",
            stdout=subprocess.DEVNULL)
        import psycopg
        self.connection = psycopg.connect(host=str(self.folder), user="bench", dbname="postgres",
                                          autocommit=True)
        return self

    def __exit__(self, *_):
        self.connection.close()
        run(*self.user, self.bin / "pg_ctl", "-D", self.folder / "data", "-w", "stop",
            stdout=subprocess.DEVNULL)

    def fill(self, work):
        if self.connection.execute("SELECT to_regclass('ready')").fetchone()[0]:
            return
        self.connection.execute(
            "DROP TABLE IF EXISTS offer; CREATE TABLE offer (title text, trade text, body text, "
            "kind smallint, contract smallint, published int, latitude float, longitude float, "
            "summary bytea, words tsvector)")
        with self.connection.cursor().copy(
                "COPY offer (title, trade, body, kind, contract, published, latitude, longitude, "
                "summary) FROM STDIN") as copy:
            for offer in offers(work):
                summary = offer.summary
                point = summary.place.point if summary.place.HasField("point") else None
                copy.write_row((
                    summary.title, " ".join([offer.rome_label, *offer.skills]),
                    "\n".join([summary.company, summary.place.label, offer.description,
                               offer.company_description]),
                    summary.kind, summary.contract, summary.published_ms // 1000,
                    point and point.latitude, point and point.longitude,
                    summary.SerializeToString()))
        self.connection.execute(
            "UPDATE offer SET words = setweight(to_tsvector('french', title), 'A') || "
            "setweight(to_tsvector('french', trade), 'B') || to_tsvector('french', body); "
            "ALTER TABLE offer DROP COLUMN body; "
            "CREATE INDEX ON offer USING gin (words); CREATE INDEX ON offer (latitude, longitude); "
            "ANALYZE offer; CREATE TABLE ready ()")

    def search(self, wanted):
        request = wanted["request"]
        where, arguments = ["words @@ plainto_tsquery('french', %s)"], [request["words"]]
        if "radiusKm" in request:
            where.append("latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s")
            arguments += box(wanted)
        if "publishedWithinDays" in request:
            where.append("published >= %s AND kind = %s AND contract = %s")
            arguments += [int(time.time()) - 86_400 * request["publishedWithinDays"],
                          wanted["kind"], wanted["contract"]]
        return self.connection.execute(
            f"SELECT summary, count(*) OVER () FROM offer WHERE {' AND '.join(where)} "
            "ORDER BY ts_rank(words, plainto_tsquery('french', %s)) DESC LIMIT 20",
            arguments + [request["words"]], prepare=False).fetchall()


def compare(options):
    work = Path(options.work)
    sys.path.insert(0, options.modules)
    searches = json.loads((work / "searches.json").read_text())
    facts = json.loads((work / "facts.json").read_text())
    os.sched_setaffinity(0, {int(CORE)})
    results = {}
    answer = subprocess.run(
        ["taskset", "-c", CORE, f"{options.bin}/search-bench", "--data", work / "data", "--searches",
         work / "requests.ndjson", "--rounds", str(ROUNDS)], check=True, capture_output=True, text=True)
    results["Pass emploi"] = json.loads(answer.stdout)
    results["Tantivy"] = time_searches(searches, tantivy_engine(work, searches))
    with PostgreSQL(work) as postgres:
        postgres.fill(work)
        results["PostgreSQL"] = time_searches(searches[:200], postgres.search)
    page = write_page(facts, results, len(searches))
    Path(options.out).write_text(page)
    print(page)


def write_page(facts, results, count):
    ours = results["Pass emploi"]
    rows = "".join(
        f"| {name} | {r['p50_us'] / 1000:.2f} | {r['p90_us'] / 1000:.2f} | {r['p99_us'] / 1000:.2f} "
        f"| {r['max_us'] / 1000:.1f} | {r['p50_us'] / ours['p50_us']:.1f} "
        f"| {r['p99_us'] / ours['p99_us']:.1f} |\n" for name, r in results.items())
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
               "unknown")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True).stdout.strip()
    offers_count = int(facts["count"])
    return f"""# Search, measured

`deploy/bench/search --count {offers_count}` on {date.today()}, version {commit}, {cpu}, one core each.
{offers_count:,} generated offers; {count:,} searches whose words come from offers, 60 % with a place, 20 %
without, 20 % with place, kind, contract and age. Each search is run {ROUNDS} times and counts with its median;
PostgreSQL runs the first 200. All give the 20 best and how many there are; the service also counts by
filter value, orders by distance and age, and says why.

| engine | p50 ms | p90 ms | p99 ms | longest ms | p50, times ours | p99, times ours |
|---|---|---|---|---|---|---|
{rows}
Tantivy: PyPI `tantivy`, one index of its own with its French stemmer, called in its process. PostgreSQL: a
`tsvector` of `french` with weights under a GIN index, over a local socket, no parallel workers.

| | |
|---|---|
| import of new offers, through RPC | {offers_count / facts['import_new_s']:,.0f} offers/s |
| import of unchanged offers | {offers_count / facts['import_unchanged_s']:,.0f} offers/s |
| ready after start | {facts['ready_s']:.1f} s |
| memory after the imports | {facts['memory_after_import_mib']} MiB |
| disk | {facts['disk_mib']} MiB |
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["prepare", "compare"])
    for name in ("bin", "work", "count", "modules", "out"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--searches", type=int, default=2000)
    options = parser.parse_args()
    {"prepare": prepare, "compare": compare}[options.step](options)


if __name__ == "__main__":
    main()
