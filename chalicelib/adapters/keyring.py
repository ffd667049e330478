"""The stage's two secrets, wrapped by KMS, kept in the locked archive under `keyring/`: see `sealing`."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from chalicelib.audit.retention import Retention
from chalicelib.kernel.errors import DomainError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

    from chalicelib.adapters.s3_archive import S3Archive

NAMES: Final = ("holder-index", "fields")


class Keyring:
    """Makes (once) and unwraps the secrets. `keys` maps a secret's name to the KMS key that wraps it."""

    def __init__(self, kms: "KMSClient", s3: "S3Client", bucket: str, keys: dict[str, str]) -> None:
        self._kms, self._s3, self._bucket, self._keys = kms, s3, bucket, keys

    def establish(self, archive: "S3Archive", retention: Retention) -> None:
        """Make what is missing; what is archived first wins, so two at once end with the same secrets."""
        for name in NAMES:
            wrapped = self._kms.generate_data_key_without_plaintext(
                KeyId=self._keys[name], KeySpec="AES_256", EncryptionContext={"secret": name}
            )["CiphertextBlob"]
            # A crash here leaves nothing that anybody uses; the next run makes another one.
            archive.put(f"keyring/{name}", wrapped, "application/octet-stream", retention)

    def unwrap(self, name: str) -> bytes:
        """The secret in the clear: one S3 read and one KMS call. DomainError("keyring_missing") before `establish`."""
        try:
            wrapped = self._s3.get_object(Bucket=self._bucket, Key=f"keyring/{name}")["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise DomainError("keyring_missing") from error
            raise
        answer = self._kms.decrypt(
            CiphertextBlob=wrapped, KeyId=self._keys[name], EncryptionContext={"secret": name}
        )
        return answer["Plaintext"]
