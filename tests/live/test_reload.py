"""SIGHUP: the configuration is loaded anew, whole or not at all, and nobody is disturbed without need."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
import time

import pytest
import websocket

import replication
import waiting
from admin import Admin
from certificates import SERVER_NAMES
from clients import knock, may_come, refused
from forwarder import Forwarder
from kinds import any_server, each_family
from mysql_client import Client, trusting
from packets import ENDED, Closed
from ports import free_port
from replication import Route


@pytest.fixture
def master(scene):
    return scene.master()


@pytest.fixture
def relay(scene, master):
    return scene.relay(master)


@pytest.fixture
def sluice(scene, relay):
    return scene.sluice(relay)


def served_certificate(relay) -> bytes:
    client = knock(relay, login=False, tls=trusting())
    client.start_tls()
    certificate = client.wire.connection.getpeercert(binary_form=True)
    client.wire.connection.close()
    return certificate


def pem(path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(path.read_text())


def certificates_served(port: int) -> int:
    """With its chain."""
    shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-showcerts"],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    return shown.stdout.count("BEGIN CERTIFICATE")


@any_server
def test_a_new_certificate_is_served(scene, relay, sluice):
    """Also when it lies where the old one lay, as renewed certificates do."""
    tls = scene.certificates
    cert, key = sluice.config.with_name("server.pem"), sluice.config.with_name("server.key")
    cert.write_bytes(tls.relay.cert.read_bytes())
    key.write_bytes(tls.relay.key.read_bytes())
    relay.replica_tls |= {"cert": cert, "key": key}
    sluice.reload()
    assert served_certificate(relay) == pem(tls.relay.cert)
    client = knock(relay)
    sluice.reload()
    sluice.logged("relay unchanged", relay=relay.name)
    cert.write_bytes(tls.server.cert.read_bytes())
    key.write_bytes(tls.server.key.read_bytes())
    sluice.reload()
    assert served_certificate(relay) == pem(tls.server.cert) != pem(tls.relay.cert)
    assert sluice.logged("relay changed", relay=relay.name)["changed"] == "the certificate for replicas"
    authorities = sluice.config.with_name("authorities.pem")
    authorities.write_bytes(tls.ca.read_bytes())
    relay.master["tls"] |= {"ca": authorities}
    sluice.reload()
    assert sluice.logged("relay changed", relay=relay.name)["changed"] == "master.tls"
    client = knock(relay)
    authorities.write_bytes(tls.ca.read_bytes() + tls.unknown.cert.read_bytes())
    sluice.reload()
    assert sluice.logged("relay changed", relay=relay.name)["changed"] == "the authorities for the master"
    client.ping()
    authorities.write_bytes(tls.unknown.cert.read_bytes())
    sluice.reload()
    lets_go(sluice, client)


def lets_go(sluice, client) -> None:
    sluice.logged("draining a session", session=client.greeting.thread_id, reason="another configuration")
    sluice.logged("session ended", session=client.greeting.thread_id)
    with pytest.raises(ENDED):
        client.ping()


@any_server
def test_replicas_whose_authority_is_not_trusted_any_more_are_let_go(scene, relay, sluice):
    tls, authorities = scene.certificates, sluice.config.with_name("clients.pem")
    authorities.write_bytes(tls.ca.read_bytes() + tls.unknown.cert.read_bytes())
    relay.replica_tls["client_ca"] = authorities
    sluice.reload()
    client = knock(relay, tls=trusting(certificate=tls.client.cert, key=tls.client.key))
    authorities.write_bytes(tls.ca.read_bytes() + tls.unknown.cert.read_bytes() + tls.relay.cert.read_bytes())
    sluice.reload()
    client.ping()
    authorities.write_bytes(tls.ca.read_bytes())
    sluice.reload()
    lets_go(sluice, client)


@any_server
def test_who_reads_nothing_does_not_stay_when_his_authority_is_not_trusted_any_more(scene, master, relay, sluice):
    tls, authorities = scene.certificates, sluice.config.with_name("clients.pem")
    authorities.write_bytes(tls.ca.read_bytes() + tls.unknown.cert.read_bytes())
    relay.replica_tls["client_ca"] = authorities
    sluice.reload()
    master.quietly("CREATE DATABASE large", "CREATE TABLE large.t (id INT PRIMARY KEY, b LONGBLOB)")
    start = master.coordinates
    master.sql("INSERT INTO large.t VALUES (1, REPEAT('x', 20000000))")
    with knock(relay, tls=trusting(certificate=tls.client.cert, key=tls.client.key)) as client:
        client.introduce(601, mariadb=master.kind.mariadb)
        client.request_dump(*start, server_id=601)
        sluice.logged("dump started", session=client.greeting.thread_id)
        authorities.write_bytes(tls.ca.read_bytes())
        sluice.reload()
        sluice.logged("session ended", session=client.greeting.thread_id, reason="another configuration")


@any_server
def test_a_certificate_that_has_expired_is_named_at_each_loading(scene, tmp_path):
    relay = scene.relay()
    good = dict(relay.replica_tls)
    sluice = scene.sluice(relay)
    assert not sluice.events("the certificate must be renewed")
    expired = scene.certificates.expired
    relay.replica_tls |= {"cert": expired.cert, "key": expired.key}
    sluice.reload()
    line = sluice.logged("the certificate must be renewed", level="warn", relay=relay.name, leg="replica")
    assert line["reason"] == "it has expired" and line["file"] == str(expired.cert)
    good_one = scene.certificates.relay
    chain = tmp_path / "chain.pem"
    chain.write_bytes(good_one.cert.read_bytes() + expired.cert.read_bytes())
    relay.replica_tls |= {"cert": chain, "key": good_one.key}
    sluice.reload()
    line = sluice.logged("the certificate must be renewed", level="warn", relay=relay.name, leg="replica")
    assert line["reason"] == "CN=127.0.0.1, which is sent along, has expired" and line["file"] == str(chain)
    relay.replica_tls = good
    sluice.reload()
    assert not sluice.events("the certificate must be renewed")


@any_server
def test_authorities_that_have_all_expired_are_named_at_each_loading(scene, tmp_path):
    relay, tls = scene.relay(), scene.certificates
    ca = tmp_path / "authorities.pem"
    ca.write_bytes(tls.ca.read_bytes() + tls.expired.cert.read_bytes())
    relay.master["tls"] |= {"ca": ca}
    sluice = scene.sluice(relay)
    assert not sluice.events("the authorities must be renewed")
    ca.write_bytes(tls.expired.cert.read_bytes())
    sluice.reload()
    line = sluice.logged("the authorities must be renewed", level="warn", relay=relay.name, leg="master")
    assert line["reason"] == "CN=127.0.0.1, the last of them to expire, has expired" and line["file"] == str(ca)


@any_server
def test_a_new_certificate_of_the_admin_interface_is_served(scene, sluice):
    tls, port = scene.certificates, free_port()
    cert, key = sluice.config.with_name("admin.pem"), sluice.config.with_name("admin.key")
    renew = lambda pair: (cert.write_bytes(pair.cert.read_bytes()), key.write_bytes(pair.key.read_bytes()))
    served = lambda: ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=20))
    days_left = lambda: round((Admin(port, ca=tls.ca).metric("sluice_admin_certificate_expiry_timestamp_seconds")
                               - time.time()) / 86400)
    renew(tls.relay)
    sluice.admin = {"listen": f"127.0.0.1:{port}", "tls": {"cert": cert, "key": key}}
    sluice.stop()
    sluice.start()
    assert served() == pem(tls.relay.cert) and days_left() == 365
    cert.write_text("no certificate")
    sluice.hang_up()
    sluice.logged("the configuration was not loaded, the running one stays")
    assert served() == pem(tls.relay.cert)
    another = tls.authority.sign("another", SERVER_NAMES, "-days", "30")
    renew(another)
    sluice.reload()
    sluice.logged("admin interface changed", changed="the certificate")
    assert served() == pem(another.cert) and days_left() == 30
    cert.write_bytes(another.cert.read_bytes() + tls.ca.read_bytes())
    sluice.reload()
    sluice.logged("admin interface changed", changed="the certificate")
    assert certificates_served(port) == 2


@any_server
def test_what_needs_a_restart_is_said_each_time_and_stays_as_it_was(scene, sluice, tmp_path):
    tls, port = scene.certificates, free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.stop()
    sluice.start()

    def stays(ca=None) -> None:
        for _ in range(2):
            sluice.reload()
            sluice.logged("a change needs a restart", key=key)
            assert Admin(port, ca=ca).ask("/healthz")[0] == 200

    key = "admin.listen"
    sluice.admin["listen"] = f"127.0.0.1:{free_port()}"
    stays()
    # The rest of the section does not wait for that.
    token = tmp_path / "token"
    token.write_text("a-token-that-is-new")
    sluice.admin |= {"token_file": token, "tap": "off", "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.reload()
    sluice.logged("a change needs a restart", key=key, reason="the rest")
    sluice.logged("admin interface changed", changed="the token, tap, the certificate")
    assert [Admin(port, ca=tls.ca, token=said).ask("/api/v1/status")[0] for said in ("", "a-token-that-is-new")] == [401, 200]
    key, sluice.admin = "admin", {}
    stays(tls.ca)
    sluice.logged("a change needs a restart", key=key, reason="is gone")
    key, sluice.runtime = "runtime.threads", {"threads": 1}
    stays(tls.ca)


@any_server
def test_a_loopback_address_that_is_to_come_takes_no_token_away(scene, sluice, tmp_path):
    """From elsewhere nobody gets in without, as long as others get there."""
    tls, port, token = scene.certificates, free_port(), tmp_path / "token"
    token.write_text("a-token-of-the-first-day")
    sluice.admin = {"listen": f"0.0.0.0:{port}", "token_file": token, "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.stop()
    sluice.start()
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    sluice.reload()
    sluice.logged("a change needs a restart", key="admin.listen", reason="all of .admin. stays")
    assert Admin(port, ca=tls.ca).ask("/api/v1/status")[0] == 401
    assert Admin(port, ca=tls.ca, token="a-token-of-the-first-day").ask("/api/v1/status")[0] == 200


@any_server
def test_what_the_admin_interface_asks_for_is_that_of_the_new_file(scene, sluice, tmp_path):
    """Also a token that lies where the old one lay; and whoever taps with the old one does so no longer."""
    tls, port, token = scene.certificates, free_port(), tmp_path / "token"

    def answers(says: str, ca=None) -> int:
        return Admin(port, ca=ca, token=says).ask("/api/v1/status")[0]

    token.write_text("a-token-of-the-first-day")
    sluice.admin = {"listen": f"127.0.0.1:{port}", "token_file": token}
    sluice.stop()
    sluice.start()
    assert answers("a-token-of-the-first-day") == 200
    tap = Admin(port, token="a-token-of-the-first-day").open_socket("/api/v1/tap")

    token.write_text("a-token-of-the-second-day")
    sluice.admin |= {"tap": "off", "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.reload()
    sluice.logged("admin interface changed", changed="the token, tap, the certificate")
    while (frame := tap.recv_frame()).opcode != websocket.ABNF.OPCODE_CLOSE:
        pass
    assert frame.data[2:] == b"the configuration of [admin] has changed"
    assert (answers("a-token-of-the-first-day", tls.ca), answers("a-token-of-the-second-day", tls.ca)) == (401, 200)
    admin = Admin(port, token="a-token-of-the-second-day", ca=tls.ca)
    with pytest.raises(websocket.WebSocketBadStatusException):
        admin.open_socket("/api/v1/tap")
    expiry = "sluice_admin_certificate_expiry_timestamp_seconds"
    assert admin.metric(expiry) > time.time()

    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.reload()
    assert Admin(port).ask("/api/v1/status")[0] == 200
    assert expiry not in Admin(port).metrics()


@any_server
def test_the_metrics_tell_of_what_runs(scene, relay, sluice):
    """And neither of relays that are gone, nor of a configuration that was not taken: alerts are made of them."""
    tls, port, nowhere = scene.certificates, free_port(), free_port()
    admin = Admin(port)

    def told(name: str) -> set[str]:
        return {re.search(r'relay="(\w+)"', series)[1] for series in admin.metrics() if series.startswith(name + "{")}

    def expiry() -> float:
        return admin.metric("sluice_certificate_expiry_timestamp_seconds", relay=relay.name)

    gone = scene.relay(scene.master(), name="gone")
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.relays = (relay, gone)
    sluice.stop()
    sluice.start()
    gauges = ("sluice_master_reachable", "sluice_certificate_expiry_timestamp_seconds", "sluice_sessions",
              "sluice_seconds_behind", "sluice_bytes_behind")
    for gauge in gauges:
        waiting.until(f"{gauge} is there", lambda: told(gauge) == {relay.name, "gone"}, tell=lambda: told(gauge))
    before = expiry()
    another = tls.authority.sign("another", SERVER_NAMES, "-days", "30")
    good = dict(relay.replica_tls)
    relay.replica_tls |= {"cert": another.cert, "key": another.key}
    refused_one = scene.relay(nowhere, name="refused")
    refused_one.replica_tls["key"] = another.key
    sluice.relays = (relay, gone, refused_one)
    sluice.write_config()
    sluice.hang_up()
    sluice.logged("the configuration was not loaded, the running one stays")
    assert expiry() == before and told("sluice_master_reachable") == {relay.name, "gone"}
    assert not [series for series in admin.metrics() if 'relay="refused"' in series]
    relay.replica_tls = good
    sluice.reload(relay)
    for gauge in gauges:
        waiting.until(f"{gauge} is no more", lambda: told(gauge) == {relay.name}, tell=lambda: told(gauge))
    relay.replica_tls = {"mode": "disabled"}
    sluice.reload()
    assert told("sluice_certificate_expiry_timestamp_seconds") == set()


PASSWORD, ITS_HASH = "pw-c", ("0x24412430304124406F7B6B103B183336090116717E216A5801656F564E374E6F7836744D744B686A354C447867"
                              "6651363734506A792E755572366C644D335642536D6D685139")


@any_server
def test_who_has_logged_in_over_tls_need_not_do_so_again(relay, sluice):
    """caching_sha2_password with a hash: without TLS only who has been seen over TLS since the start."""
    relay.replica_tls["mode"] = "optional"
    relay.users = [{"name": "replica", "password_hash": ITS_HASH}]
    sluice.reload()

    def knock_plainly() -> None:
        knock(relay, password=PASSWORD, plugin="caching_sha2_password", tls=None).close()

    with refused(1045):
        knock_plainly()
    knock(relay, password=PASSWORD, plugin="caching_sha2_password").close()
    knock_plainly()
    relay.replica["max_sessions"] = 20
    sluice.reload()
    knock_plainly()
    relay.users[0]["plugin"] = "caching_sha2_password"  # another account
    sluice.reload()
    with refused(1045):
        knock_plainly()


@any_server
def test_users_networks_and_limits_are_those_of_the_new_file(relay, sluice):
    old = knock(relay)
    relay.users = [{"name": "new", "password": "new-secret"}, {"name": "replica", "password": "changed"}]
    relay.replica["max_sessions"] = 2
    sluice.reload()
    assert sluice.logged("relay changed")["changed"] == "replica, replica.user"
    with refused(1045):
        knock(relay)
    new = knock(relay, "new", "new-secret")
    with refused(1040):
        knock(relay, "replica", "changed")
    new.close()
    waiting.until("there is room again", lambda: may_come(relay, "replica", "changed"))
    relay.allow = ["192.0.2.0/24"]
    sluice.reload()
    with refused(1130):
        knock(relay, "new", "new-secret")
    old.ping()
    assert "new-secret" not in "\n".join(sluice.log)


def says_that_sessions_start(relay, sluice) -> bool:
    sluice.mark()
    with refused(1045):
        knock(relay, "nobody", "x")
    sluice.logged("login refused")  # a warning, and later
    return bool(sluice.events("session started"))  # at debug


@any_server
def test_who_has_not_logged_in_yet_does_so_by_the_new_file(relay, sluice):
    """A password that is taken back is no good on a connection that was there before."""
    disturbed = knock(relay, login=False)
    relay.users = [{"name": "other", "password": "another one"}]
    sluice.level = "debug"  # of who has not logged in there is nothing else in the log
    sluice.reload()
    sluice.logged("session ended", reason="another configuration")
    with pytest.raises(ENDED):
        disturbed.login("replica", "replica-secret")
    undisturbed = knock(relay, login=False)
    sluice.reload()
    sluice.logged("relay unchanged")
    undisturbed.login("other", "another one")
    undisturbed.ping()
    undisturbed.close()


@any_server
def test_a_login_that_is_ended_so_is_not_blamed_on_the_master(scene, master, sluice):
    front, port = Forwarder(("127.0.0.1", master.port), record=False), free_port()
    scene.stack.callback(front.close)
    relay = scene.relay(front.port, name="behind")
    relay.replica_tls = relay.master["tls"] = {"mode": "disabled"}
    relay.users[0]["plugin"] = "mysql_native_password"
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.relays = (relay,)
    sluice.stop()
    sluice.start()
    front.pause()
    with knock(relay, login=False) as client, pytest.raises(ENDED):
        def change() -> None:
            waiting.until("it waits for the master", lambda: sluice.events("session authenticated"))
            relay.filter["ignore"] = ["tmp.%"]
            sluice.reload()

        changing = threading.Thread(target=change)
        changing.start()
        client.login("replica", "replica-secret")
    changing.join()
    assert not sluice.events("master not reached")
    refused = lambda reason: Admin(port).metric("sluice_logins_refused_total", relay="behind", reason=reason)
    waiting.until("it is counted", lambda: refused("broken") == 1)
    assert refused("master_unreachable") == 0


@any_server
def test_the_level_of_the_log(relay, sluice):
    sluice.level = "debug"
    sluice.reload()
    assert says_that_sessions_start(relay, sluice)
    sluice.level = "warn"
    sluice.write_config()
    sluice.hang_up()
    waiting.until("sessions are not logged any more", lambda: not says_that_sessions_start(relay, sluice))
    sluice.level = "debug"
    sluice.reload()
    assert says_that_sessions_start(relay, sluice)


BROKEN = {
    "no TOML": lambda text, **_: text + "\n[[[",
    "an unknown key": lambda text, **_: text.replace("host = ", "hots = "),
    "no such file": lambda text, **_: text.replace("cert = ", 'cert = "/nowhere.pem" #'),
    "a key that belongs to another certificate":
        lambda text, tls: text.replace(f'key = "{tls.relay.key}"', f'key = "{tls.server.key}"'),
    "a port that is taken": lambda text, **_: text.replace('listen = ["', 'listen = ["127.0.0.1:TAKEN", "'),
    "an address that takes in one which is listened on":
        lambda text, **_: text.replace('listen = ["127.0.0.1:', 'listen = ["0.0.0.0:'),
}


@any_server
@pytest.mark.parametrize("what", BROKEN)
def test_a_file_with_an_error_changes_nothing(scene, relay, sluice, what):
    client = knock(relay)
    certificate = served_certificate(relay)
    relay.users = [{"name": "new", "password": "new-secret"}]
    sluice.write_config()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        text = BROKEN[what](sluice.config.read_text(), **({"tls": scene.certificates} if "belongs" in what else {}))
        sluice.config.write_text(text.replace("TAKEN", str(taken.getsockname()[1])))
        sluice.hang_up()
        sluice.logged("the configuration was not loaded, the running one stays")
    assert sluice.events("configuration", level="error")
    assert not sluice.events("configuration loaded")
    client.ping()
    knock(relay).close()
    assert served_certificate(relay) == certificate
    with refused(1045):
        knock(relay, "new", "new-secret")


@any_server
def test_a_metric_tells_whether_the_last_one_was_loaded(relay, sluice):
    sluice.stop()
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.start()
    admin = Admin(port)

    def told() -> tuple[float, float]:
        return (admin.metric("sluice_config_last_reload_successful"),
                admin.metric("sluice_config_last_reload_success_timestamp_seconds"))

    first, loaded = told()
    assert first == 1
    good = sluice.config.read_text()
    sluice.config.write_text(good + "hots = 1\n")
    sluice.hang_up()
    sluice.logged("the configuration was not loaded, the running one stays")
    assert told() == (0, loaded)
    sluice.reload()
    again, later = told()
    assert again == 1 and later > loaded


@any_server
def test_all_errors_are_named(relay, sluice):
    relay.master["hots"] = "x"
    relay.replica["max_logins"] = 0
    sluice.write_config()
    sluice.hang_up()
    assert sluice.logged("the configuration was not loaded, the running one stays")["problems"] == 2
    assert sluice.events("configuration", reason="hots") and sluice.events("configuration", reason="max_logins")


@any_server
def test_listeners_come_and_go(relay, sluice):
    first, second = relay.port, free_port()
    client = knock(relay)
    relay.more["listen"] = [f"127.0.0.1:{first}", f"127.0.0.1:{second}"]
    sluice.reload()
    knock(relay).close()
    relay.port = second
    knock(relay).close()
    relay.more["listen"] = [f"127.0.0.1:{second}"]
    sluice.reload()
    sluice.logged("no longer listening", address=f"127.0.0.1:{first}")
    knock(relay).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", first))
    client.ping()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@any_server
def test_all_addresses_of_either_family_may_have_one_port(relay, sluice):
    if not has_ipv6():
        pytest.skip("there is no ::1")
    relay.port = free_port()
    relay.allow = ["127.0.0.1", "::1"]
    relay.more["listen"] = [f"0.0.0.0:{relay.port}", f"[::]:{relay.port}"]
    sluice.reload()
    knock(relay).close()
    with Client(("::1", relay.port), "replica", "replica-secret", tls=trusting(relay.ca, hostname=False)) as client:
        client.ping()
    sluice.logged("session authenticated", peer=r"^\[?::1\b")


@any_server
def test_relays_come_and_go(scene, master, relay, sluice):
    other_master = scene.master()
    other = scene.relay(other_master, name="other")
    client = knock(relay)
    sluice.reload(relay, other)
    sluice.logged("relay unchanged", relay=relay.name)
    sluice.logged("relay added", relay="other")
    sluice.logged("master reached", relay="other")
    with knock(other) as second:
        assert second.query("SELECT @@GLOBAL.server_id") == [(str(other_master.server_id),)]
    client.ping()
    sluice.reload(other)
    sluice.logged("relay removed", relay=relay.name)
    sluice.logged("session ended", relay=relay.name, reason="removed")
    with pytest.raises(Closed):
        client.ping()
    knock(other).close()
    with pytest.raises(ConnectionRefusedError):
        knock(relay)


@any_server
def test_an_address_may_go_to_another_relay(scene, master, relay, sluice):
    other_master = scene.master()
    other = scene.relay(other_master, name="other")
    other.port = relay.port
    sluice.reload(other)
    sluice.logged("master reached", relay="other")
    with knock(other) as client:
        assert client.query("SELECT @@GLOBAL.server_id") == [(str(other_master.server_id),)]


@any_server
def test_replicas_wait_for_the_first_look_at_another_master(scene, master, relay, sluice):
    """All of them are told to come back just then, and an error would keep them away for a while."""
    other_master = scene.master()
    front = Forwarder(("127.0.0.1", other_master.port), record=False)
    front.pause()
    other = scene.relay(other_master, name="other")
    other.port, other.master["port"] = relay.port, front.port
    sluice.reload(other)
    with sluice.connect_raw() as early:
        waiting.until("Sluice has begun to look at it", lambda: front.conversations)
        front.resume()
        assert early.recv(100)[4] == 10  # a greeting, and no error
    with knock(other) as client:
        client.ping()
    front.close()


@any_server
def test_a_requirement_reaches_who_is_connected(scene, master, relay, sluice):
    with knock(relay) as client:
        client.ping()
        relay.requirements["primary_key"] = "refuse"
        sluice.reload()
        sluice.logged("session ended", reason="another configuration")


@any_server
def test_an_address_within_which_it_listens_itself(scene, relay, sluice):
    relay.more["listen"] = [f"0.0.0.0:{relay.port}"]
    sluice.write_config()
    sluice.hang_up()
    sluice.logged("configuration", level="error", reason=f"Sluice itself listens on 127.0.0.1:{relay.port}: .*restart")
    knock(relay).close()


class Follower:
    """A replica that would not come back by itself within the test if it had lost its connection."""

    def __init__(self, scene, master, relay, port: int | None = None):
        self.master, self.replica = master, scene.replica()
        route = Route(port or relay.port, "replica", "replica-secret", relay.ca)
        replication.point(self.replica, route, gtid=True, retry=60)
        replication.start(self.replica)

    def caught_up(self) -> None:
        replication.caught_up(self.replica, self.master, timeout=20)


def tables(server) -> set[str]:
    return {f"{schema}.{table}" for schema, table in server.sql(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('app', 'tmp')")}


@each_family
def test_a_running_replica_of_an_unchanged_relay_is_not_disturbed(scene, master, relay, sluice):
    master.sql("CREATE DATABASE app")
    follower = Follower(scene, master, relay)
    follower.caught_up()
    other = scene.relay(master, name="other")
    relay.users.append({"name": "second", "password": "another one"})
    relay.replica["max_sessions"] = 7
    relay.allow = ["192.0.2.0/24"]
    for relays in ((relay,), (relay, other), (relay,)):
        sluice.reload(*relays)
        master.sql("CREATE TABLE IF NOT EXISTS app.t (id INT AUTO_INCREMENT PRIMARY KEY)")
        master.sql("INSERT INTO app.t VALUES ()")
        follower.caught_up()
        assert not sluice.events("session ended", user="replica")
    assert not replication.errors(follower.replica)


@each_family
def test_a_rule_reaches_a_running_replica(scene, master, relay, sluice):
    """At once, though the replica would wait a minute after a connection that was lost."""
    for schema in ("app", "tmp"):
        master.sql(f"CREATE DATABASE {schema}")
    master.sql("CREATE TABLE tmp.before_it (id INT PRIMARY KEY)")
    follower = Follower(scene, master, relay)
    follower.caught_up()
    relay.filter["ignore"] = ["tmp.%"]
    sluice.reload()
    assert sluice.logged("relay changed")["changed"] == "filter"
    sluice.logged("session ended", reason="another configuration")
    master.sql("CREATE TABLE tmp.after_it (id INT PRIMARY KEY)")
    master.sql("CREATE TABLE app.after_it (id INT PRIMARY KEY)")
    follower.caught_up()
    assert tables(follower.replica) == {"tmp.before_it", "app.after_it"}
    assert replication.read_position(follower.replica) == master.coordinates
    waiting.until("the executed GTIDs are equal", lambda: follower.replica.executed == master.executed)


@each_family
def test_a_rule_waits_for_the_end_of_the_transaction_under_way(scene, master, relay, sluice):
    for schema in ("app", "tmp"):
        master.sql(f"CREATE DATABASE {schema}")
        master.sql(f"CREATE TABLE {schema}.t (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)")
    front = Forwarder(relay.address, record=False, pace=4e6)
    scene.stack.callback(front.close)
    with master.connect(timeout=60) as session:
        session.query("BEGIN")
        for _ in range(12):  # 24 MB, 6 s on their way: Sluice has begun with it and is not done
            session.query("INSERT INTO app.t (b) VALUES (REPEAT('x', 1000000))")
            session.query("INSERT INTO tmp.t (b) VALUES (REPEAT('x', 1000000))")
        session.query("COMMIT")
    follower = Follower(scene, master, relay, front.port)
    waiting.until("the replica has some of it", lambda: replication.read_position(follower.replica)[1] > 5_000_000)
    relay.filter["ignore"] = ["tmp.%"]
    sluice.reload()
    assert not sluice.events("session ended", user="replica")
    master.sql("INSERT INTO tmp.t (b) VALUES ('later')")
    master.sql("INSERT INTO app.t (b) VALUES ('later')")
    replication.caught_up(follower.replica, master, timeout=60)
    sluice.logged("session ended", reason="another configuration")
    assert follower.replica.value("SELECT COUNT(*) FROM tmp.t") == "12"
    assert follower.replica.value("SELECT COUNT(*) FROM app.t") == "13"


@each_family
def test_another_master(scene, master, relay, sluice):
    """One that holds the same, as after a failover."""
    second = scene.replica(name="second")
    replication.open_accounts(second)
    replication.point(second, Route.straight(master, tls=True), gtid=True)
    replication.start(second)
    master.sql("CREATE DATABASE app")
    follower = Follower(scene, master, relay)
    for one in (follower.replica, second):
        replication.caught_up(one, master)
    replication.stop(second)
    relay.master["port"] = second.port
    sluice.reload()
    assert sluice.logged("relay changed")["changed"] == "master"
    second.sql("CREATE TABLE app.t (id INT PRIMARY KEY)")
    waiting.until("the replica follows the other master", lambda: tables(follower.replica) == {"app.t"}, timeout=20)


@any_server
def test_what_was_known_of_a_master_is_not_said_of_another(scene, master, relay, sluice):
    relay.requirements["primary_key"] = "refuse"
    port = free_port()
    sluice.admin = {"listen": f"127.0.0.1:{port}"}
    sluice.stop()
    sluice.start()
    admin = Admin(port)
    reachable = lambda: admin.metrics().get(f'sluice_master_reachable{{relay="{relay.name}"}}')

    def read(server, position: int = 4) -> int:
        """How many events come."""
        with knock(relay) as client:
            client.introduce(6, mariadb=server.kind.mariadb)
            client.request_dump(server.coordinates[0], position, blocking=False)
            return len(list(client.events()))

    master.sql("CREATE DATABASE app")
    master.sql("CREATE TABLE app.k (a INT)")
    assert read(master)  # so Sluice knows of the table
    assert reachable() == 1

    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay.master["port"] = silent.getsockname()[1]
        sluice.reload()
        waiting.until("the admin interface knows of it", lambda: admin.ask("/readyz")[0] == 503)
        assert reachable() is None

    other = scene.master()
    other.sql("CREATE DATABASE app")
    other.sql("CREATE TABLE app.k (a INT PRIMARY KEY)")
    position = other.coordinates[1]
    other.sql("INSERT INTO app.k VALUES (1)")
    relay.master["port"] = other.port
    sluice.reload()
    sluice.logged("master reached")
    assert read(other, position) > 3
