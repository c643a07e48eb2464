"""TLS sessions that replicas resume: without a second full handshake, and not without anything else."""

from __future__ import annotations

import ssl

import pytest

from clients import knock, refused
from kinds import any_server
from mysql_client import trusting
from packets import Closed

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
    sluice.mark()
    with knock(relay, tls=context, resume=ticket) as client:
        client.ping()
        assert resumed(client)
    sluice.logged("session authenticated", user="replica")
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
    sluice.logged("session ended", reason="(?i)certificate")
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
    sluice.logged("session ended", relay="closed", reason="(?i)certificate")
