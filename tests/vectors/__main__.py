"""`make vectors`: write our own vectors anew, and what is generated from tables; git shows what changed."""

from chalicelib.audit.kinds import document
from tests.architecture.source import REPOSITORY
from tests.vectors.own import FOLDER, make

FOLDER.mkdir(exist_ok=True)
for name, content in make().items():
    (FOLDER / name).write_bytes(content)
    print(name)
(REPOSITORY / "docs" / "entry-kinds.md").write_text(document(), encoding="utf-8")
