#!/usr/bin/env python3
"""Runs waterlog and its peers in turn on the common loads; writes docs/peers.md, and what was printed into docs/peers/.

usage: tools/bench_peers.py [PROGRAM]     default target/release/waterlog; `make bench-peers` builds it first
Needs WATERLOG_SHARED, whose peers/ has the loads and the scripts that install, start and ask the peers (Debian 12, root),
and Python 3.12 for pygeoapi. Everything of theirs lands in target/peers; PostgreSQL is a cluster of its own there.

PEERS_N        reports, 1000000; with another number the outcome goes to target/peers/docs, for it is no comparison
PEERS_ROUNDS   how often all take their turns, 3         PEERS_SECONDS  how long one is asked, 6
PEERS_PARTS    cluster,writes,serving                    PEERS          servers to install and ask
FOLD           the program made of benches/fold.rs, default cargo bench
"""
import array
import dataclasses
import datetime
import glob
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.abspath(os.environ.get('WATERLOG_SHARED') or f'{ROOT}/../shared')
SCRIPTS, WORK = f'{SHARED}/peers', os.path.realpath(f'{ROOT}/target/peers')
PROGRAM = os.path.abspath(sys.argv[1] if sys.argv[1:] else f'{ROOT}/target/release/waterlog')
N = int(os.environ.get('PEERS_N', 1_000_000))
ROUNDS, SECONDS = int(os.environ.get('PEERS_ROUNDS', 3)), int(os.environ.get('PEERS_SECONDS', 6))
PARTS = os.environ.get('PEERS_PARTS', 'cluster,writes,serving').split(',')
PEERS = os.environ.get('PEERS', 'pygeoapi tipg mapserver qgis martin bbox').split()
# Martin again, with a limit of 10,000 points a tile.
STARTED = PEERS + (['martin10k'] if 'martin' in PEERS else [])
DOCS = f'{ROOT}/docs' if N == 1_000_000 else f'{WORK}/docs'
PORT = 18_590
ADDRESS = f'http://127.0.0.1:{PORT}'
EPS_M, MIN_POINTS = 30, 5
OURS = 'waterlog'
DENSITY = 'geo dbscan-torch dbscan sklearn sklearn-haversine incdbscan'
# Asked for features and for tiles; pygeoapi-nocount and martin-lean are the same processes, asked for something else.
FEATURES = ['pygeoapi', 'pygeoapi-nocount', 'tipg', 'mapserver', 'qgis', 'bbox']
WHOLE_TILES = ['martin', 'martin-lean', 'mapserver']
TILES = [*WHOLE_TILES, 'martin10k', 'tipg', 'bbox']
# Of the peers only Martin sends an ETag.
MARTIN = {'martin': 5004, 'martin10k': 5007}
BBOX = 'http://127.0.0.1:5005'
# What bench.py asks for, of whom, by how many connections. MapServer ignores `datetime`.
CELLS = [('bbox1000', FEATURES, 8), ('bboxdt', [s for s in FEATURES if s != 'mapserver'], 8), ('page100', FEATURES, 8),
         ('deep', FEATURES, 8), ('item', FEATURES, 8), ('tile12d', TILES, 1), ('tile14d', TILES, 1)]
# What is there once a peer is installed; of another name nothing is installed.
INSTALLED = {
    'base': f'{WORK}/venv-serving/bin/gunicorn',
    'mapserver': '/usr/lib/cgi-bin/mapserv',
    'qgis': '/usr/lib/cgi-bin/qgis_mapserv.fcgi',
    'martin': f'{WORK}/cargo/bin/martin',
    'bbox': f'{WORK}/cargo/bin/bbox-server',
}

PACKAGES = {'mapserver': 'cgi-mapserver', 'qgis': 'qgis-server'}

# Every figure of this run: who, what, and what was measured.
figures = []


def put(who, what, **measured):
    figures.append(dict(who=who, what=what, **measured))


def note(part, line):
    """prints a line, and keeps it without what only this machine has"""
    line = line.replace(WORK, 'target/peers').replace(ROOT, '.').replace(SHARED, 'shared').rstrip()
    print(line, flush=True)
    with open(f'{DOCS}/peers/{part}.txt', 'a', encoding='utf-8') as file:
        file.write(line + '\n')


def run(*command, check=True, **env):
    """the output of a program that has the scripts' settings (serving/env.sh)"""
    settled = ['bash', '-c', f'. {SCRIPTS}/serving/env.sh && exec "$@"', '-', *map(str, command)]
    env = dict(os.environ, WORK=WORK) | env
    done = subprocess.run(settled, env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if check and done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f'{" ".join(map(str, command))} ended with {done.returncode}: {said}')
    return done.stdout


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{')]


def psql(*statements):
    return run('psql', '-Atq', '-v', 'ON_ERROR_STOP=1', *(part for text in statements for part in ('-c', text))).strip()


# Setting up ----------------------------------------------------------------------------------------------------------

def install(name, there, *command, **env):
    """runs a script that installs, unless that is done; who cannot be installed is not in this run"""
    if os.path.exists(there):
        return
    print(f'installing {name}, which can take long: target/peers/logs/setup-{name}.log', flush=True)
    with open(f'{WORK}/logs/setup-{name}.log', 'w') as log:
        subprocess.run(command, env=dict(os.environ, WORK=WORK) | env, stdout=log, stderr=log)
    if not os.path.exists(there):
        print(f'{name} could not be installed; it is not in this run', flush=True)


def new_python():
    found = [os.environ.get('PYTHON'), 'python3.14', 'python3.13', 'python3.12', 'python3',
             *sorted(glob.glob(os.path.expanduser('~/.pyenv/versions/3.1[2-9]*/bin/python3')))]
    asks = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))'
    for python in filter(None, found):
        if shutil.which(python) and not subprocess.run([python, '-c', asks], stderr=subprocess.DEVNULL).returncode:
            return python
    sys.exit('pygeoapi needs Python 3.12: set PYTHON')


def set_up():
    for part in ('serving', 'cluster'):
        if not os.path.exists(f'{SCRIPTS}/{part}/setup.sh'):
            sys.exit(f'the peers are set up by scripts in peers/{part} of WATERLOG_SHARED, which {SHARED} does not have')
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f'{PROGRAM} is no program: make bench-peers builds it')
    left = glob.glob(f'{WORK}/run/*.pid')
    if left:
        sys.exit(f'an earlier run may have left servers: end them, then remove {" ".join(left)}')
    for folder in ('logs', 'out', 'ours/out', 'ours/data'):
        os.makedirs(f'{WORK}/{folder}', exist_ok=True)
    shutil.rmtree(f'{DOCS}/peers', ignore_errors=True)
    os.makedirs(f'{DOCS}/peers')
    if os.geteuid() == 0 and not all(map(os.path.exists, INSTALLED.values())):
        subprocess.run(['apt-get', 'update', '-q'], stdout=subprocess.DEVNULL)
    install('base', INSTALLED['base'], f'{SCRIPTS}/serving/setup.sh', 'base', PYTHON=new_python())
    if 'serving' in PARTS:
        for name in set(PEERS) & set(INSTALLED):
            install(name, INSTALLED[name], f'{SCRIPTS}/serving/setup.sh', name)
    if 'cluster' in PARTS:
        install('cluster', f'{WORK}/target/release/peers', f'{SCRIPTS}/cluster/setup.sh')
        for n in {100_000, 1_000_000, N}:
            if not os.path.exists(f'{WORK}/data/pts_{n}.xy.f64'):
                run(f'{WORK}/venv-cluster/bin/python', f'{SCRIPTS}/cluster/gen.py', f'{WORK}/data', n)
    queries = f'{WORK}/data/queries.json'
    if not os.path.exists(queries) or json.load(open(queries))['n'] != N:
        run('python', f'{SCRIPTS}/serving/gen.py', '--n', N)
    questions = json.load(open(queries))
    # Our ids begin with where a report came from.
    questions['ids'] = [f'load:{i}' for i in questions['ids']]
    json.dump(questions, open(f'{WORK}/ours/data/queries.json', 'w'))


# Reports into clusters -----------------------------------------------------------------------------------------------

def cluster():
    fold = os.environ.get('FOLD', 'cargo bench --quiet --locked --bench fold').split()
    said = run(*fold, WATERLOG_LOAD=f'{WORK}/data')
    for line in said.splitlines():
        note('cluster', line)
    for what in ('fold', 'dbscan'):
        for cpu_s in re.findall(rf'^{what} {N} reports.* median of \d+ runs ([\d.]+) CPU s', said, re.M):
            put(OURS, what, cpu_s=float(cpu_s))
    for p50_us in re.findall(rf'^fold {N} reports.*\n +one report on top: p50 ([\d.]+) µs', said, re.M):
        put(OURS, 'live', us=float(p50_us))
    for line in json_lines(run(f'{SCRIPTS}/cluster/run.sh', N, EPS_M, PEERS=DENSITY, check=False)):
        note('cluster', json.dumps({name: value for name, value in line.items() if name != 'stderr'}))
        if line['peer'] == 'incdbscan' and 'cpu_s' in line:
            put('incdbscan', 'live', us=line['cpu_s'] / line['n'] * 1e6)
        elif 'cpu_s' in line:
            put(line['peer'], 'dbscan', cpu_s=line['cpu_s'])
    postgis_clusters()


def postgis_clusters():
    points = array.array('d', open(f'{WORK}/data/pts_{N}.xy.f64', 'rb').read())
    with open(f'{WORK}/data/pts_{N}.tsv', 'w') as file:
        file.writelines(f'POINT({x} {y})\n' for x, y in zip(points[::2], points[1::2]))
    psql('drop table if exists pts', 'create table pts(geom geometry(Point))',
         rf"\copy pts from '{WORK}/data/pts_{N}.tsv'", 'vacuum analyze pts')
    clusters = f'select st_clusterdbscan(geom, {EPS_M}, {MIN_POINTS}) over () c from pts'
    cpu, walls, found = [], [], ''
    while len(walls) < 7 and sum(walls) < 40:
        # A backend that has ended is in the account of its parent.
        before, started = ended_s(), time.time()
        found = psql(f'select count(distinct c), count(*) filter (where c is null) from ({clusters}) as clusters')
        walls.append(time.time() - started)
        time.sleep(0.2)
        cpu.append(ended_s() - before)
    cpu_s, (labels, noise) = round(statistics.median(cpu), 3), map(int, found.split('|'))
    note('cluster', json.dumps(dict(peer='postgis', n=N, eps=EPS_M, minpts=MIN_POINTS, runs=len(walls), cpu_s=cpu_s,
                                    wall_s=round(statistics.median(walls), 3), clusters=labels, noise=noise)))
    put('postgis', 'dbscan', cpu_s=cpu_s)


def ended_s():
    """CPU seconds of the children of PostgreSQL that have ended"""
    master = open(f'{WORK}/pg/postmaster.pid').readline().strip()
    fields = open(f'/proc/{master}/stat').read().rpartition(')')[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf('SC_CLK_TCK')


# Our service ---------------------------------------------------------------------------------------------------------

def imported():
    """seconds that a new database of the load takes, the whole process"""
    shutil.rmtree(f'{WORK}/ours/city', ignore_errors=True)
    started = time.time()
    run(PROGRAM, '--data', f'{WORK}/ours/city', 'import', '--mapping', 'common-load', f'{WORK}/data/reports.csv')
    return time.time() - started


def newest():
    """the time of the load's last report, unix seconds"""
    with open(f'{WORK}/data/reports.csv', 'rb') as file:
        file.seek(-1_000, os.SEEK_END)
        last = file.read().decode(errors='ignore').splitlines()[-1]
    return int(datetime.datetime.fromisoformat(last.split(',')[4].replace('Z', '+00:00')).timestamp())


class Service:
    """waterlog over the load, for as long as the block lasts"""

    def __init__(self, *options):
        clock = datetime.datetime.fromtimestamp(newest() + 60, datetime.timezone.utc).strftime('%FT%TZ')
        self.command = [PROGRAM, '--data', f'{WORK}/ours/city', 'serve', '--clock', clock,
                        '--listen', f'127.0.0.1:{PORT}', *options]

    def __enter__(self):
        with open(f'{WORK}/logs/waterlog.log', 'w') as log:
            # A session of its own, as the peers have, for the system shares processors out among sessions.
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(600):
            try:
                urllib.request.urlopen(f'{ADDRESS}/readyz')
                return self.process.pid
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f'waterlog does not answer at {ADDRESS}: target/peers/logs/waterlog.log')

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


# Writing -------------------------------------------------------------------------------------------------------------

# No sender is told to wait: the load is from one address.
SENDERS = 'hold_s = 1\n' + ''.join(
    f'[{who}]\nreports = {{ at_once = 100000000, an_hour = 100000000 }}\nphotos = {{ at_once = 1, an_hour = 1 }}\n'
    for who in ('device', 'address', 'account', 'key'))


def writes():
    senders = f'{WORK}/ours/senders.toml'
    open(senders, 'w').write(SENDERS)
    for number in range(ROUNDS):
        os.sync()
        seconds = imported()
        line = dict(server=OURS, test=f'import {N} rows, the whole process', s=round(seconds, 2), rows_s=round(N / seconds))
        note('writes', json.dumps(line))
        put(OURS, 'bulk', rows_s=line['rows_s'])
        os.sync()
        ingest('copy', 'batch')
        with Service('--senders', senders):
            for c in (1, 8, 64):
                post(number, c)
        os.sync()
        ingest('row')


def post(number, c):
    """one report a request, each answered when it is on the disk"""
    os.sync()
    said = run('wrk', '-t1', f'-c{c}', f'-d{SECONDS}s', '--timeout', '60s', '-s', f'{ROOT}/tools/post.lua',
               f'{ADDRESS}/api/v1/reports', '--', f'{number}-{c}', newest())
    line = json.loads(re.search(r'^JSON (.*)$', said, re.M)[1])
    line['per_s'] = round((line['requests'] - line['errors']) / line['dur_us'] * 1e6, 1)
    note('writes', json.dumps(dict(server=OURS, test='single report by HTTP', c=c, **line)))
    put(OURS, f'single {c}', per_s=line['per_s'])


def ingest(*parts):
    """PostgreSQL's turn; of its figures those count that are as durable as ours"""
    for line in json_lines(run('python', f'{SCRIPTS}/serving/ingest.py', *parts)):
        note('writes', json.dumps(dict(server='postgis', **line), ensure_ascii=False))
        test = line['test']
        if test == 'single-row INSERT, synchronous_commit=on':
            put('postgis INSERT', f'single {line["c"]}', per_s=line['per_s'])
        elif test.startswith('COPY') and test.endswith('then indexes'):
            put('postgis COPY', 'bulk, then indexes', rows_s=line['rows_s'])
        elif test.startswith('COPY'):
            put(f'postgis COPY by {line.get("c", 1)}', 'bulk', rows_s=line['rows_s'])


# Serving -------------------------------------------------------------------------------------------------------------

def serving():
    # What was posted is no part of the load.
    imported()
    # Ours has no free text in its features, and theirs would only be longer by it.
    psql("update reports set text = ''", 'vacuum full analyze reports')
    # BBOX does not start on a table with a column of 16 bits that can be asked for.
    psql('alter table reports alter column severity type integer')
    try:
        answering = run(f'{SCRIPTS}/serving/start.sh', *STARTED, check=False)
        note('serving', answering)
        up = re.findall(r'^(\S+) :\d+$', answering, re.M)
        up += [more for name, more in (('pygeoapi', 'pygeoapi-nocount'), ('martin', 'martin-lean')) if name in up]
        with Service() as pid:
            ask_all(up, pid)
    finally:
        for server in [*STARTED, 'nginx']:
            run(f'{SCRIPTS}/serving/stop.sh', server, check=False)


def ask_all(up, pid):
    for scen, servers, _ in CELLS:
        # Of a page this deep some need a minute.
        for server in [s for s in servers if s in up and scen != 'deep'] + [OURS]:
            for line in bench('probe', server, pid, scen).splitlines():
                note('probe', line)
    for scen, servers, c in CELLS:
        for server in ROUNDS * ([s for s in servers if s in up] + [OURS]):
            settle()
            for line in json_lines(bench('run', server, pid, scen, '--c', c, '--d', SECONDS)):
                note('serving', json.dumps(line))
                # An error is quickly made.
                if line.get('rps') and line['errors'] <= 0.01 * line['rps'] * SECONDS:
                    put(server, scen, **{name: line[name] for name in ('rps', 'p50', 'p99', 'foreign')})
    for _ in range(ROUNDS):
        unchanged([name for name in MARTIN if name in up])


def bench(what, server, pid, scen, *more):
    """the output of bench.py, of ours with our ids"""
    work, named = WORK, ['--servers', server]
    if server == 'bbox':
        # It refuses `f`, which it would be asked with by its name.
        with open(f'{WORK}/run/bbox.pid', encoding='utf-8') as file:
            its_pid = file.read().strip()
        named = ['--url', f'bbox={BBOX}', '--pid', its_pid, '--tile', '/xyz/{c}/{z}/{x}/{y}.pbf']
    if server == OURS:
        work, named = f'{WORK}/ours', ['--url', f'{OURS}={ADDRESS}/ogc', '--pid', pid]
    script = f'{SCRIPTS}/serving/bench.py'
    return run('env', f'WORK={work}', 'python', script, what, '--scen', scen, *named, *more, check=False)


def settle():
    """waits until PostgreSQL and whoever asks it have done what they were asked, for that outlives who asked"""
    busy = "select count(*) from pg_stat_activity where backend_type = 'client backend' and state = 'active'"
    for _ in range(120):
        # One asks this.
        if psql(busy) == '1' and idle() > 0.95:
            return
        time.sleep(0.5)


def idle():
    """the share of the processors' time that nobody takes"""
    before = processors()
    time.sleep(0.3)
    waited, took = (after - earlier for after, earlier in zip(processors(), before))
    return waited / took


def processors():
    """ticks without work, and all"""
    ticks = [int(field) for field in open('/proc/stat').readline().split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def unchanged(peers):
    """asks again and again for a tile that the asker has"""
    x, y, _ = json.load(open(f'{WORK}/data/queries.json'))['z14'][0]
    tiles = {name: f'http://127.0.0.1:{MARTIN[name]}/reports/14/{x}/{y}' for name in peers}
    tiles[OURS] = f'{ADDRESS}/ogc/collections/reports/tiles/WebMercatorQuad/14/{y}/{x}'
    for name, url in tiles.items():
        settle()
        has = {'If-None-Match': urllib.request.urlopen(url).headers['ETag'] or '', 'Accept-Encoding': 'identity'}
        try:
            status = urllib.request.urlopen(urllib.request.Request(url, headers=has)).status
        except urllib.error.HTTPError as answer:
            status = answer.code
        said = run('wrk', '-t1', '-c8', f'-d{SECONDS}s', '--timeout', '60s', '--latency',
                   *(part for header in has.items() for part in ('-H', ': '.join(header))), url)
        line = dict(server=name, scen='304', c=8, status=status, errors='Non-2xx' in said,
                    rps=float(re.search(r'Requests/sec: +([\d.]+)', said)[1]), p99=re.search(r'99% +(\S+)', said)[1])
        note('serving', json.dumps(line))
        if status == 304 and not line['errors']:
            put(name, '304', rps=line['rps'])


# What came out -------------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class Row:
    work: str
    what: str
    figure: str
    unit: str
    aim: str = '–'
    # By our figure, and how many times better than the best peer's it is.
    met: object = None
    # What the peers do, and who of them, where not all of them that do the same.
    theirs: str = None
    among: list = None
    less_is_better: bool = False

    def medians(self, what):
        found = {}
        for row in figures:
            if row['what'] == what and self.figure in row:
                found.setdefault(row['who'], []).append(row[self.figure])
        return {who: statistics.median(values) for who, values in found.items()}

    def line(self):
        our = self.medians(self.what).get(OURS)
        peers = self.medians(self.theirs or self.what)
        peers = {who: value for who, value in peers.items() if who != OURS and (not self.among or who in self.among)}
        ours = f'{shown(our)} {self.unit}' if our else '–'
        if not our or not peers:
            missing = 'no peer' if our else 'not measured'
            return f'| {self.work} | {ours} | – | – | {self.aim} | **not met** ({missing} in this run) |'
        who = (min if self.less_is_better else max)(peers, key=peers.get)
        ratio = peers[who] / our if self.less_is_better else our / peers[who]
        met = '–' if not self.met else 'met' if self.met(our, ratio) else '**not met**'
        return f'| {self.work} | {ours} | {shown(peers[who])} {self.unit} ({who}) | {shown(ratio)} | {self.aim} | {met} |'


def shown(value):
    return f'{value:,.0f}' if value >= 100 else f'{value:.3g}'


def at_least(aim, unit):
    return dict(aim=f'{aim:,} {unit}', met=lambda our, _: our >= aim)


def at_most(aim, unit):
    return dict(aim=f'{aim:,} {unit}', met=lambda our, _: our <= aim, less_is_better=True)


def times(aim, of):
    return dict(aim=f'{aim} times {of}', met=lambda _, ratio: ratio >= aim, less_is_better=True)


def table():
    fold = (f'{N:,} reports into incidents and hotspots, CPU', 'fold', 'cpu_s', 's')
    yield Row(*fold, **times(40, 'scikit-learn\'s DBSCAN'), theirs='dbscan', among=['sklearn', 'sklearn-haversine'])
    yield Row(*fold, **times(40, 'ST_ClusterDBSCAN'), theirs='dbscan', among=['postgis'])
    yield Row(*fold, **at_most(1, 's'), theirs='dbscan')
    dbscan = (f'DBSCAN of them, {EPS_M} m, {MIN_POINTS} points, CPU', 'dbscan', 'cpu_s', 's')
    yield Row(*dbscan, **times(40, 'scikit-learn\'s, with its labels'), among=['sklearn', 'sklearn-haversine'])
    yield Row(*dbscan, **times(40, 'ST_ClusterDBSCAN'), among=['postgis'])
    yield Row(*dbscan, less_is_better=True)
    yield Row('one report more, p50; the peer\'s mean, with 10,000', 'live', 'us', 'µs', **at_most(20, 'µs'))
    yield Row('1,000 features of a box of 1 km², 8 connections', 'bbox1000', 'rps', '/s', **at_least(2_000, '/s'))
    yield Row('the same, p99', 'bbox1000', 'p99', 'ms', **at_most(10, 'ms'))
    yield Row('of a box and a month', 'bboxdt', 'rps', '/s')
    yield Row('a page of 100', 'page100', 'rps', '/s', **at_least(10_000, '/s'))
    yield Row('the same in the middle of all', 'deep', 'rps', '/s', **at_least(10_000, '/s'))
    yield Row('one feature by its id', 'item', 'rps', '/s', **at_least(30_000, '/s'))
    for z in (12, 14):
        yield Row(f'the fullest tile of z{z}, one connection, p50', f'tile{z}d', 'p50', 'ms', **at_most(5, 'ms'))
        yield Row('the same, peers that leave nothing out', f'tile{z}d', 'p50', 'ms', among=WHOLE_TILES, less_is_better=True)
    yield Row('304 for a tile that the asker has', '304', 'rps', '/s', **at_least(40_000, '/s'))
    yield Row('durable single reports, 1 connection', 'single 1', 'per_s', '/s')
    yield Row('8 connections', 'single 8', 'per_s', '/s')
    yield Row('64 connections', 'single 64', 'per_s', '/s', **at_least(20_000, '/s'))
    bulk = (f'{N:,} reports in bulk, durable', 'bulk', 'rows_s', 'rows/s')
    yield Row(*bulk, **at_least(150_000, 'rows/s'))
    yield Row('the same, the peer\'s indexes made afterwards', *bulk[1:], theirs='bulk, then indexes')


def packages(python, *names):
    listed = json.loads(run(python, '-m', 'pip', 'list', '--format=json', check=False) or '[]')
    return [f'{package["name"]} {package["version"]}' for package in listed if package['name'].lower() in names]


def versions():
    yield psql("select 'PostgreSQL ' || current_setting('server_version')")
    yield psql("select 'PostGIS ' || extversion from pg_extension where extname = 'postgis'")
    yield from packages(f'{WORK}/venv-serving/bin/python', 'pygeoapi', 'tipg')
    if 'cluster' in PARTS:
        yield from packages(f'{WORK}/venv-cluster/bin/python', 'scikit-learn', 'dbscan', 'dbscan-torch', 'incdbscan')
        yield from re.findall(r'^name = "(geo)"\nversion = "(.*)"', read(f'{WORK}/rust/Cargo.lock'), re.M)
    for package in ('wrk', *(package for name, package in PACKAGES.items() if name in PEERS)):
        yield run('dpkg-query', '-W', '-f', f'{package} ${{Version}}', package, check=False).strip()
    for name in {'martin', 'bbox'} & set(PEERS):
        program = os.path.basename(INSTALLED[name])
        yield from re.findall(rf'"({program}) ([\d.]+) ', read(f'{WORK}/cargo/.crates.toml'))


def read(path):
    return open(path).read() if os.path.exists(path) else ''


def machine():
    model = re.search(r'^model name\s*: (.*)$', read('/proc/cpuinfo'), re.M)
    system = re.search(r'^PRETTY_NAME="(.*)"$', read('/etc/os-release'), re.M)
    memory_gib = int(re.search(r'^MemTotal:\s+(\d+)', read('/proc/meminfo'))[1]) / 1024 ** 2
    kernel = os.uname().release.split('-')[0]
    return f'{os.cpu_count()} × {model and model[1]}, {memory_gib:.0f} GiB, {system and system[1]}, Linux {kernel}'


def report(started, load, ours):
    now = datetime.datetime.now(datetime.timezone.utc)
    others = [row['foreign'] for row in figures if 'foreign' in row] or [float('nan')]
    known = '; '.join(' '.join(version) if isinstance(version, tuple) else version for version in versions() if version)
    text = f'''# Beside its peers

Written by `make bench-peers`, which sets the peers up and measures them and waterlog in one run, in turns. A row without
its peer in the run counts as not met. What was printed is in [`peers/`](peers).

{started:%F %R} to {now:%F %R} UTC: `PEERS_N={N} PEERS_ROUNDS={ROUNDS} PEERS_SECONDS={SECONDS} make bench-peers`.
{machine()}; load average {load[0]:.1f} at the begin, {os.getloadavg()[0]:.1f} at the end; other programs took
{statistics.median(others):.0%} of the processors while the median cell of serving was measured, {max(others):.0%} at most.
waterlog {ours}; {known}.

| work | waterlog | best peer | ratio | target | |
|---|---|---|---|---|---|
'''
    text += ''.join(row.line() + '\n' for row in table())
    text += f'''
A ratio above 1 is in waterlog's favour. Clustering is in CPU seconds, the median of up to 7 runs; its peers do plain
DBSCAN, without time or recurrence. All else is wall time on the same processors as who asks, the median of what `PEERS_ROUNDS` says.

- `pygeoapi-nocount` gives no `numberMatched`, `martin-lean` three properties. MapServer ignores `datetime` and is not asked
  for a month. Free text is emptied in the peers' table before they serve, for waterlog's features have none.
- Every tile is drawn anew. `martin10k`, tipg and BBOX show 10,000 points of one and no more; waterlog shows all, near ones as
  one with their number. Of the peers only Martin sends an ETag.
- What a load before has left to be written is written before another is measured, and a cell of serving begins when
  the processors are idle, for a query outlives the client that has given it up.
- Posted reports are of the load's last 29 days, for older ones are to be imported; PostgreSQL inserts rows of any day, by
  bare SQL without HTTP.
'''
    with open(f'{DOCS}/peers.md', 'w', encoding='utf-8') as file:
        file.write(text)
    print(text)


def main():
    started, load = datetime.datetime.now(datetime.timezone.utc), os.getloadavg()
    # Before what the last run wrote is taken away.
    ours = run('git', 'describe', '--always', '--dirty', '--exclude', '*').strip()
    set_up()
    try:
        run(f'{SCRIPTS}/serving/pg.sh', 'start')
        run(f'{SCRIPTS}/serving/pg.sh', 'load')
        for part in PARTS:
            try:
                {'cluster': cluster, 'writes': writes, 'serving': serving}[part]()
            except Exception:
                # What the others measured in an hour is not thrown away.
                traceback.print_exc()
                note(part, 'the rest of this part failed')
        report(started, load, ours)
    finally:
        run(f'{SCRIPTS}/serving/pg.sh', 'stop', check=False)


main()
