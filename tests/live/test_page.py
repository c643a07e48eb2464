"""The page of the admin interface, in a real browser: it tells what is so, to whoever may know, on any screen."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
import websocket

import replication
import waiting
from admin import Admin
from browser import Browser, Unavailable
from clients import knock
from kinds import any_server
from ports import free_port
from replication import Route

TOKEN = "a-token-for-the-tests-0123456789"
HOSTILE = "<img src=x onerror=alert(1)>"
CONNECTION = "document.getElementById('connection').dataset.state"
ON_MASTER = ("CREATE DATABASE app", "CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
             "INSERT INTO app.t (v) VALUES (1), (2)", "CREATE USER someone")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    try:
        browser = Browser(tmp_path_factory.mktemp("browser"))
    except Unavailable as error:
        pytest.skip(f"no browser: {error}")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def master(stage):
    return stage.master("--max-connections=300")


@pytest.fixture(scope="module")
def relay(stage, master):
    relay = stage.relay(master, name="orders")
    relay.replica = {"max_sessions": 400, "max_logins": 200}
    relay.filter = {"ignore": ["tmp.%"]}
    relay.users.append({"name": HOSTILE, "password": "hostile-secret"})
    return relay


@pytest.fixture(scope="module")
def running(stage, relay):
    sluice = stage.sluice(relay, start=False)
    sluice.admin = {"listen": f"127.0.0.1:{free_port()}"}
    return sluice.start()


@pytest.fixture(scope="module")
def replica(stage, running, relay, master):
    """It has got what is on the master."""
    replica = stage.replica()
    replication.point(replica, Route.through(relay), gtid=True)
    replication.start(replica)
    for statement in ON_MASTER:
        master.sql(statement)
    replication.caught_up(replica, master)
    return replica


@pytest.fixture
def page(browser, admin):
    """Open, and live; nothing it asks for is elsewhere, and nothing goes wrong on it."""
    url = f"http://127.0.0.1:{admin.port}/"
    page = browser.open(url)
    page.until("the page is live", f"{CONNECTION} === 'live'")
    yield page
    page.run("0")  # what it has told is noted by now
    assert {request for request in page.requests if not request.startswith((url, url.replace("http", "ws"), "data:"))} == set()
    assert page.complaints == []
    page.close()


def row(session: int) -> str:
    return f"tbody[data-session='{session}']"


def session_of(admin: Admin, server_id: int) -> dict | None:
    return next((session for session in admin.get("/api/v1/status")["sessions"]
                 if session["dump"] and session["replica"]["server_id"] == server_id), None)


@any_server
def test_it_shows_what_is_so(page, admin, master, replica, relay):
    server_id = int(replica.value("SELECT @@server_id"))
    number = waiting.until("the session is told", lambda: session_of(admin, server_id))["id"]
    page.until("the rules are shown", "document.querySelector('[data-relay=orders] .diagram .rules li') !== null")
    page.until("the session is shown", f"document.querySelector({row(number)!r}) !== null")

    diagram = page.text("[data-relay=orders] .diagram")
    for expected in (f"127.0.0.1:{master.port}", "reached", master.value("SELECT VERSION()"), f"127.0.0.1:{relay.port}",
                     "drops mysql.*", "ignores tmp.%", f"server {server_id}", "up to date", "TLSv1.3", "B/s"):
        assert expected in diagram
    # Lines from the master to Sluice and on to the replica.
    assert len(page.run("[...document.querySelectorAll('.pipe')].map((path) => path.getAttribute('d'))")) == 2
    charts = page.run("[...document.querySelectorAll('.chart svg')].map((chart) => chart.getAttribute('aria-label'))")
    assert [chart.partition(":")[0] for chart in charts] == ["Throughput", "Behind the master", "Events dropped"]
    page.until("the curves have points", "[...document.querySelectorAll('.chart .curve')].every("
               "(curve) => (curve.getAttribute('d').match(/L/g) ?? []).length > 1)")

    def is_at_the_end() -> bool:
        file, position = master.coordinates
        return f"{file}:{position}" in page.text(f"{row(number)} td.place") and f"{file}:{position}" in page.text(".diagram")

    waiting.until("the coordinates are the master's", is_at_the_end)
    master.sql("INSERT INTO app.t (v) VALUES (3)")
    waiting.until("the coordinates have moved along", is_at_the_end)

    page.run(f"document.querySelector(`{row(number)} .toggle`).click()")

    def is_told() -> bool:
        told, detail = session_of(admin, server_id)["dump"], page.text(f"{row(number)} .detail")
        return all(re.search(rf"{re.escape(name)}\s+{count}\b", detail) for name, count in told["events_by_type"].items())

    waiting.until("the page tells what the status does", is_told, tell=lambda: page.text(f"{row(number)} .detail"))
    detail = page.text(f"{row(number)} .detail")
    assert re.search(r"accounts\s+1 \(\d+ B\)", detail) and "replica" in detail


@any_server
def test_what_peers_say_is_text(page, admin, relay, replica):
    with knock(relay, HOSTILE, "hostile-secret"):
        page.until("the session is shown", "document.querySelector('#sessions').innerText.includes('onerror')")
        assert HOSTILE in page.text("#sessions table") and HOSTILE in page.text(".diagram")
        assert page.run("document.querySelectorAll('main img').length") == 0


@any_server
def test_a_keyboard_is_enough(page, admin, relay, replica):
    with knock(relay) as idle:
        port = idle.wire.connection.getsockname()[1]
        number = waiting.until("the session is there", lambda: next(
            (one["id"] for one in admin.get("/api/v1/status")["sessions"] if one["peer"].endswith(f":{port}")), None))
        page.until("the page shows it", f"document.querySelector(`{row(number)}`) !== null")
        page.press("Tab")
        assert page.run("document.activeElement.className") == "skip"
        page.press("Enter", "\r")
        assert page.run("document.activeElement.id") == "sessions"
        page.press("/", "/")
        assert page.run("document.activeElement.type") == "search" and page.run("document.activeElement.value") == ""
        page.type("idle")
        page.until("it alone is found", "[...document.querySelectorAll('tbody[data-session]')]"
                   f".map((one) => one.dataset.session).join() === '{number}'")
        page.press("Tab")
        for _ in range(10):  # the heads to sort by come first
            if "toggle" in page.run("document.activeElement.className"):
                break
            page.press("Tab")
        page.press("Enter", "\r")
        assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
        assert port == int(re.search(r"Address\s+127.0.0.1:(\d+)", page.text(".detail"))[1])
        page.press("Escape")
        assert page.texts(".detail") == []


@any_server
def test_200_replicas_have_room_on_every_screen(page, admin, relay, master, replica):
    file, position = master.coordinates
    clients = [knock(relay) for _ in range(199)]
    for number, client in enumerate(clients[:100], 1):
        client.introduce(700000 + number, mariadb=True)  # no port, in which the search looks too, has such a number
        client.request_dump(file, position, 700000 + number)
    page.until("all of them are drawn", "document.querySelectorAll('.squares button').length === 200", timeout=30)
    page.until("half of them are streaming", "document.querySelectorAll('.squares [data-level=good]').length === 101")
    assert "101 up to date" in page.text(".legend") and "99 idle" in page.text(".legend")
    page.run("document.querySelector('.more').click()")
    assert page.run("document.querySelectorAll('tbody[data-session]').length") == 200
    for width in (1920, 1000, 400, 320):
        page.look(width)
        page.until(f"all of it is {width} wide", f"document.documentElement.scrollWidth === {width}")

    # The arrow keys go from one to the next, Enter shows which it is.
    page.run("document.querySelector('.squares button').focus()")
    page.press("ArrowRight")
    page.press("Enter", "\r")
    assert page.run("[...document.querySelectorAll('.squares button')].findIndex((one) => one.tabIndex === 0)") == 1
    assert page.run("document.activeElement.textContent") == page.texts(".toggle")[1]
    assert len(page.texts(".detail")) == 1

    page.run("document.querySelector('input[type=search]').value = 'server 700100 streaming'")
    page.run("document.querySelector('input[type=search]').dispatchEvent(new Event('input'))")
    assert page.texts("td.replica b") == ["server 700100"]
    for client in clients:
        client.close()
    page.until("they are gone", "document.querySelectorAll('.replica').length && !document.querySelector('.squares button')", timeout=30)


SHOWN = "#tap li"


def set_field(page, selector: str, value: str) -> None:
    page.run(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")
    for event in ("input", "change"):
        page.run(f"document.querySelector({json.dumps(selector)}).dispatchEvent(new Event('{event}'))")


def click(page, text: str) -> None:
    page.run(f"[...document.querySelectorAll('#tap button')].find((one) => one.innerText === {json.dumps(text)}).click()")


@any_server
def test_the_tap(page, master, replica):
    assert page.texts(SHOWN) == []
    click(page, "Tap")
    page.until("it taps", "document.querySelector('#tap [role=status]').innerText === 'Tapping.'")
    master.sql("INSERT INTO app.t (v) VALUES (10)")
    master.sql("CREATE USER secretive IDENTIFIED BY 'some-secret'")
    page.until("the rows are shown", f"[...document.querySelectorAll('{SHOWN}')].some((line) => /WRITE_ROWS.*app\\.t.*keep/s.test(line.innerText))")
    page.until("what is dropped is shown", f"[...document.querySelectorAll('{SHOWN} .pill')].some((one) => one.innerText === 'dropped: accounts')")
    assert "secretive" not in page.text(SHOWN)
    set_field(page, "#tap input[type=search]", "accounts")
    assert len(page.texts(SHOWN)) == 1
    set_field(page, "#tap input[type=search]", "")
    assert len(page.texts(SHOWN)) > 5

    click(page, "Pause")
    before = page.texts(SHOWN)
    master.sql("INSERT INTO app.t (v) VALUES (11)")
    page.until("it says what it misses", "/Paused: \\d+ came meanwhile/.test(document.querySelector('#tap [role=status]').innerText)")
    assert page.texts(SHOWN) == before
    click(page, "Go on")
    click(page, "Clear")
    set_field(page, "#tap input[list]", "XID")
    page.until("it taps", "document.querySelector('#tap [role=status]').innerText === 'Tapping.'")
    master.sql("INSERT INTO app.t (v) VALUES (12)")
    page.until("the transaction's end is shown", f"document.querySelectorAll('{SHOWN}').length > 0")
    assert all("XID" in line for line in page.texts(SHOWN))
    click(page, "Stop")
    page.until("it has stopped", "document.querySelector('#tap [role=status]').innerText === 'Stopped.'")


CONTRASTS = """(() => {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map((value) => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const pairs = [["good", "good-back"], ["warn", "warn-back"], ["bad", "bad-back"], ["ink", "accent-back"], ["soft", "accent-back"]];
  for (const back of ["card", "raised"]) {
    for (const ink of ["ink", "soft", "accent", "good", "warn", "bad"]) pairs.push([ink, back]);
  }
  return pairs.map((pair) => [...pair, ratio(...pair.map(light))]);
})()"""


@any_server
def test_light_and_dark(page):
    def is_dark() -> bool:
        return sum(map(int, re.findall(r"\d+", page.run("getComputedStyle(document.body).backgroundColor")))) < 200

    for theme in ("light", "dark"):
        page.look(1280, theme=theme)
        assert is_dark() == (theme == "dark")
        # WCAG 2, level AA
        assert [pair for pair in page.run(CONTRASTS) if pair[2] < 4.5] == []
    page.run("document.getElementById('theme').click()")
    assert not is_dark() and page.text("#theme") == "Theme: light"
    page.reload()
    page.until("it is open again", f"{CONNECTION} === 'live'")
    assert not is_dark()


@any_server
def test_it_loses_sluice_and_finds_it_again(browser, sluice, admin):
    page = browser.open(f"http://127.0.0.1:{admin.port}/")
    page.until("the page is live", f"{CONNECTION} === 'live'")
    sluice.kill()
    page.until("it says that it has no connection", f"{CONNECTION} === 'lost'")
    assert re.search(r"no connection, again in \d+ s", page.text("#connection"))
    assert re.search(r"Sluice does not answer\. What is shown is of \d", page.text("#trouble"))
    sluice.start()
    page.until("the page is live again", f"{CONNECTION} === 'live'", timeout=40)
    assert page.texts("#trouble") == []
    page.close()


@any_server
def test_it_asks_where_it_gets_no_web_socket(browser, admin, relay):
    taken = []

    def take() -> bool:
        with contextlib.suppress(websocket.WebSocketBadStatusException):
            taken.append(admin.open_socket("/api/v1/live"))
        return len(taken) == 16

    # A page of another test may have one still.
    waiting.until("all WebSockets are taken", take)
    page = browser.open(f"http://127.0.0.1:{admin.port}/")
    page.until("it asks every second", f"{CONNECTION} === 'polling'")
    assert "asking every second" in page.text("#connection")
    with knock(relay, HOSTILE, "hostile-secret"):
        page.until("what it shows is new", "document.querySelector('#sessions').innerText.includes('onerror')")
    for socket in taken:
        socket.close()
    page.until("it has got one", f"{CONNECTION} === 'live'", timeout=40)
    page.close()


@any_server
def test_a_token_is_asked_for_and_stays_in_the_tab(browser, scene):
    relay, port, tls = scene.relay(), free_port(), scene.certificates
    sluice = scene.sluice(relay, start=False)
    token_file = sluice.config.with_name("admin.token")
    token_file.write_text(TOKEN)
    token_file.chmod(0o600)
    sluice.admin = {"listen": f"127.0.0.1:{port}", "token_file": token_file,
                    "tls": {"cert": tls.relay.cert, "key": tls.relay.key}}
    sluice.start()
    stranger = Admin(port, "", tls.ca)
    status, headers, body = stranger.ask("/")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8" and relay.name not in body.decode()
    assert "unsafe" not in headers["Content-Security-Policy"] and stranger.ask("/page.js")[0] == 200
    assert stranger.ask("/", "POST")[0] == 405 and stranger.ask("/page/page.js")[0] == 401

    page = browser.open(f"https://127.0.0.1:{port}/")

    def say(token: str) -> None:
        page.until("it asks for the token", "document.getElementById('token').open")
        assert page.run("document.activeElement.id") == "token-text"
        page.type(token)
        page.press("Enter", "\r")

    page.until("it asks for the token", "document.getElementById('token').open")
    assert page.texts("article, #token-wrong") == []
    say("wrong")
    page.until("it says that the token is wrong", "!document.getElementById('token-wrong').hidden")
    say(TOKEN)
    page.until("the page is live", f"{CONNECTION} === 'live'")
    assert relay.name in page.text(".relay h2")
    page.reload()
    page.until("the page is live without being told again", f"document.querySelector('article') && {CONNECTION} === 'live'")
    assert json.loads(page.run("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")) == [{"sluice.token": TOKEN}, {}, ""]
    assert not [request for request in page.requests if TOKEN in request]
    page.close()
