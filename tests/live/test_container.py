"""The image of conf/Containerfile, and the manifests for Kubernetes in conf/, which run it."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import tomllib

import pytest
import yaml

import waiting
from admin import Admin
from clients import knock, refused
from kinds import any_server
from podman import Podman, Unavailable
from ports import free_port
from sluice import PROGRAM, Relay, Sluice, is_sanitized

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = PROGRAM.resolve().parent
IMAGE = "localhost/sluice"
USER = 10001  # the image's, as the README and the manifest have it


# ---------------------------------------------------------------- the image


@pytest.fixture(scope="module")
def podman(stage):
    """With the image in it. It is made as the Containerfile says, of the package of this build instead of one that its
    first stage would build."""
    if not (BUILD / "CMakeCache.txt").exists():
        pytest.skip(f"{BUILD} is no build folder")
    if is_sanitized():
        pytest.skip("with sanitizers it needs other libraries")
    try:
        podman = Podman(stage.folder("podman"))
        podman.make_base()
    except Unavailable as reason:
        pytest.skip(str(reason))
    package = podman.folder / "build" / "package"
    made = subprocess.run(["cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", podman.folder / "cpack"],
                          cwd=podman.folder, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr
    package.mkdir(parents=True)
    next((podman.folder / "cpack").glob("*.deb")).rename(package / "sluice.deb")
    # chroot: without the machine's cgroups
    built = podman("build", "--isolation=chroot", "--network=host", "--pull=never", f"--build-context=build={package.parent}",
                   "-f", ROOT / "conf" / "Containerfile", "-t", IMAGE, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    return podman


class Contained(Sluice):
    """Sluice in a container. Its folder is /etc/sluice there."""

    def __init__(self, scene, podman: Podman, relay: Relay, *options: str):
        super().__init__(scene.folder("contained"), relay)
        self.podman, self.options = podman, [*options, f"--volume={self.config.parent}:/etc/sluice:ro"]
        scene.stack.callback(self.stop)

    def write_config(self) -> None:
        super().write_config()
        hand_over(self.config, self.config.read_bytes())

    def launch(self) -> None:
        self.write_config()
        self.process = self.podman.launch(self.log_file, *self.options, IMAGE)


def hand_over(file: pathlib.Path, content: bytes) -> None:
    """As somebody does who runs Sluice in a container: root's file, which the container's group may read."""
    file.write_bytes(content)
    os.chown(file, 0, USER)
    file.chmod(0o440)


# As in README.md. Without the folders in memory that podman would have writable.
SAFELY = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges"]


@any_server
def test_what_is_in_the_image(podman):
    config = json.loads(podman("image", "inspect", IMAGE).stdout)[0]["Config"]
    assert config["User"] == f"{USER}:{USER}" and list(config["ExposedPorts"]) == ["3306/tcp"] and config["StopSignal"] in ("SIGTERM", "15")
    assert config["Entrypoint"] + config["Cmd"] == ["sluice", "run", "/etc/sluice/sluice.toml"]
    assert [word.split("=")[0] for word in config["Env"]] == ["PATH"]
    said = podman.run("--entrypoint=sh", *SAFELY, IMAGE, "-ec",
                  "id; stat -c '%A %U %G' /etc/sluice; ls -A /etc/sluice; dpkg-query -W -f '${Package}\n'")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"uid={USER}(sluice) gid={USER}(sluice) groups={USER}(sluice)\ndrwxr-x--- root sluice\n"), said.stdout
    packages = set(said.stdout.split())
    assert {"sluice", "ca-certificates"} < packages and not {"g++", "cmake", "libssl-dev"} & packages


@any_server
def test_a_wrong_configuration(podman, tmp_path):
    """Exit status 2: whoever would start it again can tell that it does not help."""
    tmp_path.chmod(0o755)
    hand_over(tmp_path / "sluice.toml", Relay(3306, tls=False).text().replace("host = ", "hots = ").encode())
    for options, words in ([], "cannot be read"), ([f"--volume={tmp_path}:/etc/sluice:ro"], "hots"):
        said = podman.run(*SAFELY, *options, IMAGE)
        assert said.returncode == 2 and words in said.stderr, said.stderr


@any_server
def test_it_relays_and_ends_well(scene, podman):
    """On a root file system that cannot be written, without privileges, with what the image says by itself."""
    master = scene.master()
    relay, tls = scene.relay(master), scene.certificates
    relay.master["tls"]["ca"], relay.replica_tls = "master-ca.pem", {"mode": "required", "cert": "server.pem", "key": "server.key"}
    sluice = Contained(scene, podman, relay, *SAFELY)
    for name, file in ("master-ca.pem", tls.ca), ("server.pem", tls.relay.cert), ("server.key", tls.relay.key):
        hand_over(sluice.config.with_name(name), file.read_bytes())
    sluice.start()
    master.sql("CREATE DATABASE app")
    with knock(relay) as client:
        client.introduce(55, mariadb=master.kind.mariadb)
        client.request_dump("binlog.000001", server_id=55, blocking=False)
        assert any(b"CREATE DATABASE app" in event for event in client.events())
    with refused(1045):
        knock(relay, password="wrong")
    relay.users[0]["password"] = "another"
    sluice.reload()  # SIGHUP
    with knock(relay, password="another") as client:
        client.ping()
        sluice.signal(signal.SIGTERM)
        assert sluice.process.wait(30) == 0
    assert sluice.events("no longer listening")


# ---------------------------------------------------------------- Kubernetes


class Manifest:
    """One of conf/: beside a server (kubernetes.yaml), or alone."""

    def __init__(self, name: str):
        self.text = (ROOT / "conf" / name).read_text()
        self.objects = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(self.text)}
        self.toml = self.objects["ConfigMap", "sluice"]["data"]["sluice.toml"]
        self.config = tomllib.loads(self.toml)
        self.service = self.objects["Service", "sluice"]["spec"]
        (self.set,) = (one["spec"] for (kind, _), one in self.objects.items() if kind in ("StatefulSet", "Deployment"))
        self.pod = self.set["template"]["spec"]
        self.containers = {one["name"]: one for one in self.pod["containers"]}
        self.sluice = self.containers["sluice"]
        self.ports = {port["name"]: port["containerPort"] for port in self.sluice["ports"]}
        self.secret_files = set(re.findall(r'"/secrets/([^"]+)"', self.toml))
        self.beside_server = "mysql" in self.containers


@pytest.fixture(scope="module", params=["kubernetes.yaml", "kubernetes-deployment.yaml"])
def manifest(request):
    return Manifest(request.param)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_the_manifest_agrees_with_itself_and_with_the_image(manifest):
    containerfile = (ROOT / "conf" / "Containerfile").read_text()
    (relay,), security = manifest.config["relay"], manifest.sluice["securityContext"]
    assert re.findall("^USER (.*)$", containerfile, re.M) == [f"{security['runAsUser']}:{security['runAsGroup']}"] == [f"{USER}:{USER}"]
    assert manifest.pod["securityContext"]["fsGroup"] == USER
    assert manifest.ports == {"replicas": port_of(relay["listen"][0]), "admin": port_of(manifest.config["admin"]["listen"])}
    if manifest.beside_server:
        assert manifest.ports["replicas"] != relay["master"].get("port", 3306), "the Pod has one network for both"
        # Applications reach the server whatever Sluice's probes say.
        assert manifest.objects["Service", "mysql"]["spec"]["publishNotReadyAddresses"]
    assert manifest.set["selector"]["matchLabels"] == manifest.set["template"]["metadata"]["labels"]
    assert manifest.service["ports"] == [{"port": port_of(relay["advertise"]), "targetPort": "replicas"}]
    assert manifest.service["externalTrafficPolicy"] == "Local" and manifest.service["loadBalancerSourceRanges"] == relay["replica"]["allow"]
    assert int(manifest.config["shutdown"]["grace"].removesuffix("s")) < manifest.pod["terminationGracePeriodSeconds"]
    assert manifest.service["selector"].items() <= manifest.set["template"]["metadata"]["labels"].items()
    volumes = {volume["name"]: volume for volume in manifest.pod["volumes"]}
    volumes |= {claim["metadata"]["name"]: claim for claim in manifest.set.get("volumeClaimTemplates", ())}
    assert {mount["name"] for one in manifest.containers.values() for mount in one["volumeMounts"]} == set(volumes)
    assert volumes["secrets"]["secret"]["defaultMode"] == 0o440
    assert set(re.findall(r"--from-file=(\S+)", manifest.text)) == manifest.secret_files | ({"root.password"} if manifest.beside_server else set())


def test_the_manifest_s_configuration(manifest, certificates, tmp_path):
    """Is right without a change."""
    for name in manifest.secret_files:
        (tmp_path / name).write_text("a-secret-of-some-length")
    (tmp_path / "server.pem").write_bytes(certificates.relay.cert.read_bytes())
    config = tmp_path / "sluice.toml"
    config.write_text(manifest.toml.replace("/secrets/", f"{tmp_path}/"))
    done = subprocess.run([PROGRAM, "link", config, "--for", "azure", "--position", "binlog.1:4", "--replica-version", "8.4.0",
                           "--ca", certificates.ca],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "sluice.example.com" in done.stdout, done.stderr


class Secret:
    """A Secret as Kubernetes mounts it: what files say changes for all of them at once."""

    def __init__(self, folder: pathlib.Path, files: dict[str, bytes]):
        folder.mkdir()
        self.folder, self.updates = folder, 0
        self.update(files)
        for name in files:
            (folder / name).symlink_to(f"..data/{name}")

    def update(self, files: dict[str, bytes]) -> None:
        self.updates += 1
        current = self.folder / f"..{self.updates}"
        current.mkdir()
        for name, content in files.items():
            hand_over(current / name, content)
        new = self.folder / "..data_tmp"
        new.symlink_to(current.name)
        new.rename(self.folder / "..data")


def as_podman_says(manifest: Manifest) -> list[str]:
    """The options that have podman run a container as the manifest has it, but for its volumes."""
    security = dict(manifest.sluice["securityContext"])
    assert security.pop("runAsNonRoot") and security.pop("seccompProfile") == {"type": "RuntimeDefault"}  # by default
    assert security.pop("readOnlyRootFilesystem") and not security.pop("allowPrivilegeEscalation")
    options = ["--read-only", "--read-only-tmpfs=false", "--security-opt=no-new-privileges"]
    options += [f"--user={security.pop('runAsUser')}:{security.pop('runAsGroup')}"]
    options += [f"--cap-drop={capability.lower()}" for capability in security.pop("capabilities")["drop"]]
    assert not security
    return [*options, f"--group-add={manifest.pod['securityContext']['fsGroup']}"]


class Sidecar(Contained):
    """The manifest's container, with these ports and networks instead of its own."""

    def __init__(self, scene, podman: Podman, manifest: Manifest, relay: Relay, replaced: dict[str, str]):
        super().__init__(scene, podman, relay, *as_podman_says(manifest), "--name=sidecar")
        self.text = manifest.toml
        for old, new in replaced.items():
            assert self.text.count(old) == 1, old
            self.text = self.text.replace(old, new)
        contents = dict.fromkeys(manifest.secret_files, b"a-secret-of-some-length")
        contents |= {"server.pem": scene.certificates.relay.cert.read_bytes() + scene.certificates.ca.read_bytes(),
                     "server.key": scene.certificates.relay.key.read_bytes(),
                     "master.password": relay.master["password"].encode(), "replica.password": b"replica-secret\n"}
        if "master-ca.pem" in contents:
            contents["master-ca.pem"] = scene.certificates.ca.read_bytes()
        self.contents, self.secret = contents, Secret(self.config.with_name("secrets"), contents)
        mounts = {mount["name"]: mount for mount in manifest.sluice["volumeMounts"]}
        assert mounts["config"] == {"name": "config", "mountPath": "/etc/sluice", "readOnly": True}
        assert mounts["secrets"]["readOnly"]
        self.options.append(f"--volume={self.secret.folder}:{mounts['secrets']['mountPath']}:ro")

    def write_config(self) -> None:
        hand_over(self.config, self.text.encode())


@any_server
def test_the_manifest_s_container(scene, podman, manifest):
    """It runs as it is to run there, its probes are answered, and it follows a Secret that has changed."""
    master, admin_port = scene.master(), free_port()
    relay = scene.relay(master, name="mysql")
    (shown,) = manifest.config["relay"]
    sluice = Sidecar(scene, podman, manifest, relay, {
        f'"{shown["listen"][0]}"': f'"127.0.0.1:{relay.port}"', f'"{manifest.config["admin"]["listen"]}"': f'"127.0.0.1:{admin_port}"',
        f'host = "{shown["master"]["host"]}"': f'host = "127.0.0.1"\nport = {master.port}', f'"{shown["replica"]["allow"][0]}"': '"127.0.0.1"'})
    sluice.start()
    admin = Admin(admin_port, ca=scene.certificates.ca)
    for kind in ("livenessProbe", "readinessProbe"):
        probe = manifest.sluice[kind]["httpGet"]
        assert probe["scheme"] == "HTTPS" and probe["port"] == "admin"
        # Kubernetes asks the Pod's address, without a token.
        waiting.until(f"the {kind} is content", lambda: admin.ask(probe["path"], Host="10.1.2.3:9104")[0] == 200)
    knock(relay).close()
    assert not sluice.events("configuration"), "it warns"
    tap = re.search(r"-c sluice -- (sluice tap .*?)\n#\n", manifest.text, re.S)[1].replace("\\\n#", "").replace(":9104", f":{admin_port}")
    watching = podman("exec", "sidecar", "sh", "-c", f"timeout 3 {tap}")
    assert watching.returncode == 124, f"it has not watched until it was ended: {watching.stderr}"

    sluice.secret.update(sluice.contents | {"replica.password": b"of-the-second-day\n"})
    sluice.mark()
    done = podman("exec", "sidecar", "sh", "-c", re.search("-c sluice -- sh -c '(kill .*?)'", manifest.text)[1])
    assert done.returncode == 0, done.stderr
    sluice.logged("configuration loaded")
    with refused(1045):
        knock(relay)
    knock(relay, password="of-the-second-day").close()
    assert sluice.stop() == 0
