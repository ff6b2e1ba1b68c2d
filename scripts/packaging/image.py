"""Writes the static program as an image for `docker load`: the same files give the same bytes.

    image.py PROGRAM VERSION EPOCH OUT LICENSE…

`docker build` records the hour of the build, and needs an engine. An image of one layer is two JSON files and a tar
file (the format of `docker save`), which Python can write anywhere.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from datetime import datetime, timezone
from pathlib import Path

program, version, epoch, out, *licenses = sys.argv[1:]


def tar(files: list[tuple[str, int, bytes]]) -> bytes:
    """A tar file of (name, mode, content), as root's and of the release's time. A name that ends in / is a folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, mode, content in files:
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.mode, entry.mtime, entry.size = mode, int(epoch), len(content)
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


folders = ["tmp/", "usr/", "usr/local/", "usr/local/bin/", "usr/share/", "usr/share/doc/", "usr/share/doc/lamb-auth/"]
layer = tar(
    [(folder, 0o1777 if folder == "tmp/" else 0o755, b"") for folder in folders]
    + [("usr/local/bin/lamb-auth", 0o755, Path(program).read_bytes())]
    + [(f"usr/share/doc/lamb-auth/{Path(file).name}", 0o644, Path(file).read_bytes()) for file in licenses]
)
config = json.dumps(
    {
        "architecture": "amd64",
        "os": "linux",
        "created": datetime.fromtimestamp(int(epoch), timezone.utc).isoformat(),
        "config": {
            "Entrypoint": ["/usr/local/bin/lamb-auth"],
            "Env": ["PATH=/usr/local/bin"],
            # The program, if it runs in this image, puts private copies of a database here.
            "WorkingDir": "/tmp",
            "Labels": {"org.opencontainers.image.version": version},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
).encode()
name = f"{hashlib.sha256(config).hexdigest()}.json"
manifest = [{"Config": name, "RepoTags": [f"lamb-auth:{version}"], "Layers": ["layer.tar"]}]
image = tar([(name, 0o644, config), ("layer.tar", 0o644, layer), ("manifest.json", 0o644, json.dumps(manifest).encode())])
Path(out).write_bytes(gzip.compress(image, mtime=0))
