"""`make vectors`: write our own vectors anew; git shows what changed."""

from tests.vectors.own import FOLDER, make

FOLDER.mkdir(exist_ok=True)
for name, content in make().items():
    (FOLDER / name).write_bytes(content)
    print(name)
