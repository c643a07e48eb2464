"""TLS sessions that replicas resume: without a second full handshake, and not without anything else."""

from __future__ import annotations

import ssl

import pytest

import waiting
from admin import Admin
from clients import knock, refused
from kinds import any_server, each_family
from mysql_client import trusting
from packets import Closed, ServerError
from ports import free_port

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@pytest.fixture(params=VERSIONS)
def version(request):
    return VERSIONS[request.param]


def ticket_of(relay, context) -> ssl.SSLSession:
    with knock(relay, tls=context) as client:
        client.ping()
        return client.wire.connection.session


def resumed(client) -> bool:
    return client.wire.connection.session_reused


@any_server
def test_a_session_is_resumed_and_logs_in_with_its_password(sluice, relay, version):
    context = trusting(relay.ca, maximum=version)
    ticket = ticket_of(relay, context)
    assert ticket.ticket_lifetime_hint == 7200
    sluice.mark()
    with knock(relay, tls=context, resume=ticket) as client:
        client.ping()
        assert resumed(client)
    sluice.logged("session authenticated", user="replica", tls="resumed")
    with refused(1045):
        knock(relay, password="wrong", tls=context, resume=ticket)


@any_server
def test_a_session_with_a_client_certificate_is_resumed_until_another_authority_is_named(scene, version):
    relay, tls = scene.relay(), scene.certificates
    relay.replica_tls["client_ca"] = tls.ca
    sluice = scene.sluice(relay)
    context = trusting(relay.ca, maximum=version, certificate=tls.client.cert, key=tls.client.key)
    ticket = ticket_of(relay, context)
    with knock(relay, tls=context, resume=ticket) as client:
        assert resumed(client)
        ticket = client.wire.connection.session
    relay.replica_tls["client_ca"] = tls.stranger.ca
    sluice.reload()
    sluice.mark()
    with pytest.raises((ssl.SSLError, ConnectionError, Closed)):
        knock(relay, tls=context, resume=ticket).ping()
    sluice.logged("login refused", refused_for="tls", reason="(?i)certificate")
    assert not sluice.events("session authenticated")


@any_server
def test_a_ticket_of_one_relay_is_none_at_another(scene, version):
    """Or one without `client_ca` would let in at one with it."""
    master, tls = scene.master(), scene.certificates
    open_relay, closed = scene.relay(master, name="open"), scene.relay(master, name="closed")
    closed.replica_tls["client_ca"] = tls.ca
    sluice = scene.sluice(open_relay, closed)
    context = trusting(tls.ca, maximum=version)
    ticket = ticket_of(open_relay, context)
    with pytest.raises((ssl.SSLError, ConnectionError, Closed)):
        knock(closed, tls=context, resume=ticket).ping()
    sluice.logged("login refused", relay="closed", refused_for="tls", reason="(?i)certificate")


# ------------------------------------------------------------ towards the master


def hits(master) -> int:
    return int(master.sql("SHOW GLOBAL STATUS LIKE 'Ssl_session_cache_hits'")[0][1])


@each_family
@pytest.mark.parametrize("account", ["", "REQUIRE X509"])
def test_sluice_resumes_its_session_with_the_master(scene, account):
    """Also where the master wants to see a certificate, and does not see it again."""
    master, tls = scene.master(), scene.certificates
    relay = scene.relay(master)
    if account:
        master.quietly(f"ALTER USER 'relay'@'%' {account}")
        relay.master["tls"] |= {"cert": tls.client.cert, "key": tls.client.key}
    sluice = scene.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    sluice.start()
    admin = Admin(int(sluice.admin["listen"].rpartition(":")[2]))
    before, told = hits(master), []
    for _ in range(3):
        with knock(relay) as client:
            assert client.query("SELECT @@GLOBAL.server_id") == [(str(master.server_id),)]
            told.append(waiting.until("the session is shown", lambda: next(
                (one["master"]["tls"] for one in admin.get("/api/v1/status")["sessions"]
                 if one["id"] == client.greeting.thread_id), None)))
    assert sum(text.endswith(", resumed") for text in told) >= 2, told
    if not master.kind.mariadb:  # it does not count them
        assert hits(master) >= before + 2


@each_family
def test_a_ticket_that_the_master_does_not_know_is_followed_by_a_full_handshake(scene):
    master, stranger = scene.master(), scene.certificates.unknown
    relay = scene.relay(master)
    sluice = scene.sluice(relay)
    knock(relay).close()
    master.restart()
    knock(relay).close()
    master.options += [f"--ssl-cert={stranger.cert}", f"--ssl-key={stranger.key}"]
    master.restart()
    with pytest.raises(ServerError):
        knock(relay)
    sluice.logged("master not reached", reason="(?i)verify|unable to get")
