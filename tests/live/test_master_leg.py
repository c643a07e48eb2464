"""Towards the master Sluice is the replica: how it logs in, whom it trusts, and what a replica sees when
that fails. The retries stay with the replica; the log says why."""

from __future__ import annotations

import contextlib
import re
import select
import socket

import pytest

import replication
import waiting
from clients import knock
from forwarder import Forwarder
from kinds import any_server, each_family, every_server
from packets import Closed, ServerError
from replication import Route

# In any of these a replica comes back by itself, whenever they come before the stream.
RETRIED = {1040, 1045, 1053, 1130, 1159, 2003}


def unreachable(relay) -> ServerError | Closed:
    with pytest.raises((ServerError, Closed, ConnectionError)) as caught:
        knock(relay)
    if isinstance(caught.value, ServerError):
        assert caught.value.code in RETRIED, caught.value
    return caught.value


# The plugins of the accounts that Sluice logs in with, and the servers that have them.
PLUGINS = {
    "native": ("mysql_native_password", ["mariadb", "mariadb-11.8", "mysql-5.6", "mysql-5.7", "mysql-8.0"]),
    "caching_sha2": ("caching_sha2_password", ["mysql-9", "mysql-8.0"]),
    "sha256": ("sha256_password", ["mysql-9", "mysql-8.0"]),
    "ed25519": ("ed25519", ["mariadb", "mariadb-11.8"]),
    "parsec": ("parsec", ["mariadb-11.8"]),
}


def makes_sense(kind, plugin=None, **_) -> bool:
    return plugin is None or kind.name in PLUGINS[plugin][1]


@every_server
@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("protection", ["tls", "plain"])
def test_an_account_of_every_plugin(stage, scene, plugin, protection):
    master = shared_master(stage)
    word = PLUGINS[plugin][0]
    if plugin in ("ed25519", "parsec"):
        if not master.sql(f"SELECT 1 FROM information_schema.plugins WHERE plugin_name='{plugin}'"):
            master.sql(f"INSTALL SONAME 'auth_{plugin}'")
        how = f"IDENTIFIED VIA {plugin} USING PASSWORD('by {plugin}')"
    elif master.kind.mariadb or not master.kind.at_least(5, 7):
        how = f"IDENTIFIED BY 'by {plugin}'"
    else:
        how = f"IDENTIFIED WITH {word} BY 'by {plugin}'"
    user = f"p_{plugin[:6]}_{protection}"
    master.quietly(f"CREATE USER '{user}'@'%' {how}", f"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{user}'@'%'")
    relay = scene.relay(master, tls=protection == "tls")
    relay.master |= {"user": user, "password": f"by {plugin}"}
    sluice = scene.sluice(relay)
    for _ in range(2):  # the second time caching_sha2_password has it cached
        with knock(relay) as client:
            assert client.query("SELECT @@GLOBAL.server_id") == [(str(master.server_id),)]
    assert f"by {plugin}" not in "\n".join(sluice.log)


def shared_master(stage):
    if not hasattr(stage, "shared"):
        stage.shared = stage.master()
    return stage.shared


@any_server
def test_a_wrong_password(scene):
    relay = scene.relay()
    relay.master["password"] = "not it"
    sluice = scene.sluice(relay)
    unreachable(relay)
    sluice.logged("master not reached", reason="1045|Access denied")
    assert "not it" not in "\n".join(sluice.log)


@any_server
@pytest.mark.parametrize("certificate, reason", [
    ("unknown", "(?i)unable to get|self.signed|unknown|untrusted|not trusted|verify"),
    ("expired", "(?i)expired"),
    ("elsewhere", "(?i)name|host|identity|address|mismatch")])
@pytest.mark.parametrize("mode", ["verify-identity", "verify-ca", "required"])
def test_a_certificate_that_is_wrong(scene, certificate, reason, mode):
    pair = getattr(scene.certificates, certificate)
    master = scene.master(f"--ssl-cert={pair.cert}", f"--ssl-key={pair.key}")
    relay = scene.relay(master)
    relay.master["tls"]["mode"] = mode
    if mode == "required":
        del relay.master["tls"]["ca"]
    sluice = scene.sluice(relay)
    accepted = mode == "required" or (mode == "verify-ca" and certificate == "elsewhere")
    if accepted:
        knock(relay).close()
        return
    unreachable(relay)
    sluice.logged("master not reached", reason=reason)


@any_server
def test_the_right_name_in_the_certificate(scene):
    relay = scene.relay()
    relay.master["host"] = "localhost"
    scene.sluice(relay)
    knock(relay).close()


@any_server
def test_a_master_without_tls_is_not_talked_to(scene):
    master = scene.master("--skip-ssl")
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    unreachable(relay)
    sluice.logged("master not reached", reason="TLS")


@any_server
def test_a_client_certificate_for_the_master(scene):
    master, tls = scene.master(), scene.certificates
    master.quietly("ALTER USER 'relay'@'%' REQUIRE X509")
    without, with_one = scene.relay(master, name="without"), scene.relay(master, name="with")
    with_one.master["tls"] |= {"cert": tls.client.cert, "key": tls.client.key}
    sluice = scene.sluice(without, with_one)
    unreachable(without)
    sluice.logged("master not reached", relay="without")
    knock(with_one).close()


@any_server
def test_no_master_at_all(scene):
    relay = scene.relay(1)  # nobody listens on port 1
    sluice = scene.sluice(relay)
    sluice.logged("master not reached", reason="(?i)refused")
    unreachable(relay)
    assert sluice.alive


@any_server
def test_a_master_that_never_says_anything(scene):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = scene.relay(silent.getsockname()[1])
        relay.master["connect_timeout"] = "1s"
        sluice = scene.sluice(relay)
        unreachable(relay)
        sluice.logged("master not reached", reason="(?i)time|within|after")


@any_server
def test_who_comes_before_the_master_was_looked_at_waits_for_that(stage, scene):
    """For some consumers any error is the end, and after a restart they are back at once."""
    master = shared_master(stage)
    with contextlib.closing(Forwarder(("127.0.0.1", master.port), record=False)) as between:
        between.pause()
        relay = scene.relay(between.port)
        scene.sluice(relay, start=False).launch()
        waiting.until("Sluice listens", lambda: not socket.socket().connect_ex(relay.address))
        with socket.create_connection(relay.address) as early:
            assert not select.select([early], [], [], 0.3)[0], early.recv(4096)
            between.resume()
            early.settimeout(30)
            assert early.recv(5)[4:] == b"\x0a"  # the protocol's version, and no error


@any_server
def test_a_master_that_is_no_database(scene):
    with socket.create_server(("127.0.0.1", 0)) as server:
        relay = scene.relay(server.getsockname()[1])
        relay.master["connect_timeout"] = "2s"
        sluice = scene.sluice(relay, start=False)
        sluice.launch()
        peer, _ = server.accept()
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        sluice.logged("master not reached")


@any_server
def test_a_master_whose_greeting_is_too_large(scene):
    """Whoever answers there has not logged in either."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        relay = scene.relay(server.getsockname()[1])
        sluice = scene.sluice(relay, start=False)
        sluice.launch()
        peer, _ = server.accept()
        peer.sendall(b"\xff\xff\xff\0" + b"x" * 100)
        sluice.logged("master not reached", reason="a packet that is too large")


@each_family
def test_a_replica_waits_for_a_master_that_is_away_and_goes_on_when_it_is_back(scene):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    sluice.logged("master reached")
    master.stop()
    replication.point(replica, Route.through(relay), gtid=True)
    replication.start(replica)
    replication.io_error(replica)
    sluice.logged("master not reached")
    assert replication.status(replica)["Slave_IO_Running"] == "Connecting"
    master.start()
    master.sql("CREATE DATABASE app")
    replication.caught_up(replica, master)


@each_family
def test_a_wrong_password_of_the_replica_shows_at_the_replica(scene):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    scene.sluice(relay)
    route = Route(relay.port, "replica", "wrong", relay.ca)
    replication.point(replica, route, gtid=True)
    replication.start(replica)
    assert "Access denied for user 'replica'" in replication.io_error(replica)


@each_family
def test_a_replica_that_does_not_trust_our_certificate_stays_away(scene):
    master, replica = scene.master(), scene.replica()
    relay = scene.relay(master)
    relay.replica_tls |= {"cert": scene.certificates.unknown.cert, "key": scene.certificates.unknown.key}
    sluice = scene.sluice(relay, level="debug")
    replication.point(replica, Route(relay.port, "replica", "replica-secret", scene.certificates.ca), gtid=True)
    replication.start(replica)
    assert re.search("SSL|TLS|certificate", replication.io_error(replica))
    sluice.logged("session ended", reason="(?i)tls|certificate|alert|unknown ca")


@every_server
def test_the_master_lists_the_true_replica(stage, scene):
    master, replica = shared_master(stage), scene.replica()
    relay = scene.relay(master)
    scene.sluice(relay)
    replication.point(replica, Route.through(relay), gtid=False)
    replication.start(replica)
    names, rows = waiting.until("the master lists a replica", lambda: (t := master.table(master.say.show_replicas))
                                and t[1] and t)
    row = dict(zip((name.lower() for name in names), rows[0]))
    assert row["server_id"] == str(replica.server_id)
    assert row["host"] == f"replica-{replica.port}"
    assert row["port"] == str(replica.port)
    if not master.kind.mariadb:
        uuid = row.get("slave_uuid") or row.get("replica_uuid")
        assert uuid == replica.value("SELECT @@GLOBAL.server_uuid")
    replication.stop(replica)


@each_family
def test_another_sluice_may_be_the_master(scene):
    """It is asked how the master compares names, too, as this one has patterns."""
    master, replica = scene.master(), scene.replica()
    inner = scene.relay(master, name="inner")
    outer = scene.relay(inner, name="outer")
    outer.master |= {"user": "replica", "password": "replica-secret"}
    outer.filter = {"ignore": ["tmp.%"]}
    scene.sluice(inner)
    scene.sluice(outer)
    replication.point(replica, Route.through(outer), gtid=True)
    replication.start(replica)
    for statement in ("CREATE DATABASE app", "CREATE DATABASE tmp", "CREATE TABLE app.t (id INT PRIMARY KEY)",
                      "CREATE USER w_gone", "CREATE TABLE tmp.t (id INT PRIMARY KEY)", "INSERT INTO app.t VALUES (1)"):
        master.sql(statement)
    replication.caught_up(replica, master)
    assert replica.sql("SELECT id FROM app.t") == [("1",)]
    assert replica.sql("SELECT COUNT(*) FROM mysql.user WHERE user='w_gone'") == [("0",)]


@each_family
def test_replicas_do_not_have_the_master_refuse_one_handshake_each(scene):
    """Behind max_connect_errors of them it would let nobody in from this host."""
    master = scene.master()
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    knock(relay).close()
    relay.master["tls"]["ca"] = scene.certificates.unknown.cert
    sluice.reload()
    sluice.logged("master not reached")
    counted = lambda: int(dict(master.sql("SHOW GLOBAL STATUS LIKE 'Aborted_connects'"))["Aborted_connects"])
    before = counted()
    for _ in range(20):
        unreachable(relay)
    assert sluice.events("master not reached")[-1]["reason"].endswith("replicas wait for the next probe, within a minute")
    assert counted() < before + 10, "the probe's own are few"
