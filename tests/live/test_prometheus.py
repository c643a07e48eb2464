"""A real Prometheus scrapes a real Sluice; the alerts and the dashboard of conf/ ask for what there is."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import urllib.parse

import pytest

import fetching
import replication
import waiting
from admin import Admin
from catalogue import HOME
from children import launch
from kinds import any_server
from ports import free_port
from replication import Route

CONF = pathlib.Path(__file__).parents[2] / "conf"
TOKEN = "a-token-for-the-tests-0123456789"


@pytest.fixture(scope="module")
def programs() -> pathlib.Path:
    """The distribution's Prometheus and its promtool, unpacked beside the servers."""
    folder = HOME / "prometheus"
    try:
        with fetching.locked(HOME / ".prometheus.lock"):
            if not (folder / "usr/bin/promtool").exists():
                with fetching.locked(HOME / ".apt.lock"):
                    fetching.Apt("").unpack(("prometheus",), folder)
    except fetching.Unavailable as error:
        pytest.skip(f"no Prometheus: {error}")
    return folder / "usr/bin"


def checked(programs: pathlib.Path, *arguments, text: str | None = None) -> None:
    done = subprocess.run([programs / "promtool", *arguments], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_are_right(programs):
    checked(programs, "check", "rules", CONF / "alerts.yml")


def series(name: str, values: str, **labels: str) -> dict:
    text = ",".join(f'{label}="{value}"' for label, value in {"instance": "i", **labels}.items())
    return {"series": f"{name}{{{text}}}", "values": values}


def sessions(values: str) -> dict:
    return series("sluice_sessions", values, relay="r", state="streaming")


def refused(reason: str, values: str) -> dict:
    return series("sluice_logins_refused_total", values, relay="r", reason=reason)


def not_given(reason: str, values: str) -> dict:
    return series("sluice_dumps_refused_by_master_total", values, relay="r", reason=reason)


def certificate(end: str) -> dict:
    """`end`: in seconds, of a time that begins at 0."""
    return series("sluice_certificate_expiry_timestamp_seconds", end + "x60", relay="r", leg="replica")


ALERTS = {  # a value a minute for an hour, and what fires then
    "Sluice does not answer": ([series("up", "1x30 0x30", job="sluice")], {"SluiceDown"}),
    "another program does not answer": ([series("up", "0x60", job="node")], set()),
    "the master is away": ([series("sluice_master_reachable", "1x30 0x30", relay="r")], {"SluiceMasterUnreachable"}),
    "a stream cannot be judged": ([sessions("1x60"), series("sluice_streams_stopped_total", "0x40 1x20", relay="r")],
                                  {"SluiceStreamStopped"}),
    "a replica comes back every minute": ([sessions("1x60"), series("sluice_reconnects_total", "0+1x60", relay="r")],
                                          {"SluiceReplicaReconnects"}),
    "replicas come back from a reload": ([sessions("11x60"), series("sluice_reconnects_total", "0x40 11x20", relay="r")], set()),
    "a replica's password was changed": ([sessions("1x60"), refused("credentials", "0+1x60")], {"SluiceLoginsRefused"}),
    "it gives up, as MySQL 8.4 does": ([sessions("1x60"), refused("credentials", "0x36 0+1x10 10x20")], {"SluiceLoginsRefused"}),
    "one of two replicas is missing": ([sessions("2x25 1x40")], {"SluiceReplicaMissing"}),
    "one of two replicas was away": ([sessions("2x15 1x10 2x40")], set()),
    "all is well": ([sessions("1x60"), refused("broken", "0+60x60"), refused("too_many_logins", "0x60"),
                     series("sluice_config_last_reload_successful", "1x60"),
                     series("sluice_log_lines_lost_total", "0x60")], set()),
    "strangers come by": ([sessions("0x60"), refused("address", "0+60x60")], set()),
    "replicas are too many": ([sessions("1x60"), refused("too_many_sessions", "0+1x60")], {"SluiceReplicasTurnedAway"}),
    "a replica is too old": ([sessions("1x60"), refused("version", "0+1x60")], {"SluiceReplicasTurnedAway"}),
    "a load balancer sends no PROXY header": ([sessions("1x60"), refused("proxy_header", "0+1x60")],
                                              {"SluiceReplicasTurnedAway"}),
    "logins are too many": ([sessions("0x60"), refused("too_many_logins", "0+60x60")],
                            {"SluiceReplicasTurnedAway", "SluiceNobodyGetsIn"}),
    "nobody comes to log in": ([sessions("0x60"), refused("broken", "0+1x60")], {"SluiceNobodyGetsIn"}),
    "the master cannot be reached": ([sessions("0x60"), refused("master_unreachable", "0+60x60")],
                                     {"SluiceNobodyGetsIn"}),
    "the replica has left": ([sessions("0x60"), series("sluice_dumps_started_total", "1x60", relay="r", mode="gtid"),
                              series("sluice_dumps_started_total", "0x60", relay="r", mode="position")],
                             {"SluiceNoReplica"}),
    "the replica has not come back after a restart": (
        [sessions("1x20 0x40"), series("sluice_dumps_started_total", "1x20 0x40", relay="r", mode="gtid")],
        {"SluiceNoReplica"}),
    "there was never a replica": ([sessions("0x60"), series("sluice_dumps_started_total", "0x60", relay="r",
                                                            mode="gtid")], set()),
    "a binlog was purged that a replica needs": ([sessions("1x60"), not_given("fatal", "0x45 1x15")], {"SluiceDumpRefused"}),
    "two replicas have the same server_uuid": ([sessions("1x60"), not_given("same_id", "0x45 1x15")],
                                               {"SluiceReplicaIdTaken"}),
    "a replica comes back over a new connection": (
        [sessions("1x60"), not_given("came_back", "0+1x60"), not_given("other", "0+1x60"),
         not_given("fatal", "0x60"), not_given("same_id", "0x60")], set()),
    "a replica is behind": ([sessions("1x60"), series("sluice_seconds_behind", "400x60", relay="r")],
                            {"SluiceReplicaBehind"}),
    "nobody is behind": ([sessions("0x60"), series("sluice_seconds_behind", "NaN " * 60, relay="r")], set()),
    "a configuration was not loaded": ([series("sluice_config_last_reload_successful", "1x30 0x30")],
                                       {"SluiceReloadFailed"}),
    "a certificate expires next week": ([certificate("600000")], {"SluiceCertificateExpires"}),
    "a certificate has expired": ([certificate("1000")], {"SluiceCertificateExpired"}),
    "a certificate is good for a month": ([certificate("2592000")], set()),
    "the admin interface's expires next week": (
        [series("sluice_admin_certificate_expiry_timestamp_seconds", "600000x60")], {"SluiceAdminCertificateExpires"}),
    "the admin interface's has expired": (  # so that it is not scraped any more
        [series("sluice_admin_certificate_expiry_timestamp_seconds", "1200x19"), series("up", "1x19 0x40", job="sluice")],
        {"SluiceAdminCertificateExpired", "SluiceDown"}),
    "the log is not read": ([series("sluice_log_lines_lost_total", "0x30 1+60x30")], {"SluiceLogLost"}),
}


@pytest.mark.parametrize("what", ALERTS)
def test_an_alert_fires_where_it_should(programs, tmp_path, what):
    given, firing = ALERTS[what]
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing]
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({
        "rule_files": [str(CONF / "alerts.yml")], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": given, "promql_expr_test": [
            {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": "50m",
             "exp_samples": expected}]}]}))
    checked(programs, "test", "rules", file)


def test_each_alert_fires_somewhere():
    named = set(re.findall(r"- alert: (\w+)", (CONF / "alerts.yml").read_text()))
    assert named == set().union(*(firing for _, firing in ALERTS.values()))


def dashboard_queries() -> list[str]:
    dashboard = json.loads((CONF / "grafana-dashboard.json").read_text())
    return [target["expr"].replace("$__rate_interval", "1m").replace("$relay", ".*").replace("$instance", ".*")
            for panel in dashboard["panels"] for target in panel["targets"]]


def test_the_dashboard_can_be_narrowed_down():
    """To one of several Sluices, and to a relay of it."""
    dashboard = json.loads((CONF / "grafana-dashboard.json").read_text())
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert 'instance=~"$instance"' in variables["relay"]["query"]["query"]
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            for selector in re.findall(r"sluice_\w+(\{[^}]*\})?", target["expr"]):
                assert 'instance=~"$instance"' in selector, target["expr"]
    shown = {name for query in dashboard_queries() for name in re.findall(r"sluice_\w+", query)}
    asked = {name for query in alert_queries() for name in re.findall(r"sluice_\w+", query)}
    # What an alert is about can be looked at; how many dumps began, and the interface's own certificate, need no panel.
    assert asked - shown <= {"sluice_dumps_started_total", "sluice_admin_certificate_expiry_timestamp_seconds"}


def scrape_configuration(names: dict[str, object]) -> str:
    """What the head of alerts.yml says to write, with other names in it."""
    head = (CONF / "alerts.yml").read_text().partition("\ngroups:")[0]
    text = "".join(f"{line}\n" for line in re.findall(r"^#   (.*)$", head, re.MULTILINE))
    for name, other in names.items():
        assert text.count(name) == 1, text
        text = text.replace(name, str(other))
    return text


def alert_queries() -> list[str]:
    return re.findall(r"^ +expr: (.*)$", (CONF / "alerts.yml").read_text(), re.MULTILINE)


@any_server
def test_prometheus_scrapes_it_over_tls_with_a_token(scene, programs, tmp_path):
    master, replica = scene.master(), scene.replica()
    relay, port, tls = scene.relay(master), free_port(), scene.certificates
    sluice = scene.sluice(relay, start=False)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    sluice.admin = {"listen": f"127.0.0.1:{port}", "token_file": token,
                    "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.start()
    admin = Admin(port, TOKEN, tls.ca)
    replication.point(replica, Route.through(relay), gtid=True)
    replication.start(replica)
    master.sql("CREATE USER someone")
    replication.caught_up(replica, master)
    checked(programs, "check", "metrics", text=admin.ask("/metrics")[2].decode())

    own_port = free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1s, evaluation_interval: 1s}\n" + scrape_configuration({
        "alerts.yml": CONF / "alerts.yml", "/etc/prometheus/sluice.token": token, "/etc/prometheus/sluice-ca.pem": tls.ca,
        "sluice.example.com:9104": f"127.0.0.1:{port}"}))
    checked(programs, "check", "config", config)
    process = launch([programs / "prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data",
                      f"--web.listen-address=127.0.0.1:{own_port}"], tmp_path / "prometheus.log")
    scene.stack.callback(lambda: (process.kill(), process.wait()))
    prometheus = Admin(own_port)

    def ask(query: str) -> list[dict]:
        answer = prometheus.ask("/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        assert answer[0] == 200, answer[2]
        return json.loads(answer[2])["data"]["result"]

    def is_ready() -> bool:
        try:
            return prometheus.ask("/-/ready")[0] == 200
        except ConnectionError:
            return False

    waiting.until("Prometheus is ready", is_ready, timeout=60)
    waiting.until("Prometheus has scraped Sluice", lambda: ask('sluice_sessions{state="streaming"} == 1'), timeout=60)
    for query in ('up{job="sluice"}', 'sluice_dropped_events_total{rule="accounts"}'):
        waiting.until(f"{query} is 1", lambda: [one["value"][1] for one in ask(query)] == ["1"], tell=lambda: str(ask(query)))
    for query in dashboard_queries():
        waiting.until(f"there is something to show for {query}", lambda: ask(query))
    for query in alert_queries():
        ask(query)
    # Each of the metrics that alerts and panels name is there; those that are wrong would just be silent.
    there = {re.split("[{ ]", series)[0] for series in admin.metrics()}
    for query in dashboard_queries() + alert_queries():
        assert set(re.findall(r"sluice_\w+", query)) <= there, query
    master.stop()
    sluice.hang_up()
    waiting.until("the master's absence is an alert", lambda: any(
        alert["labels"]["alertname"] == "SluiceMasterUnreachable"
        for alert in json.loads(prometheus.ask("/api/v1/alerts")[2])["data"]["alerts"]), timeout=60)
