"""`make demo`: one certificate, end to end, on the local AWS, told step by step; its files stay in `.local/demo/`."""

import json
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError
from cryptography import x509

from chalicelib.certificates.submission import TYP
from chalicelib.kernel.clock import SHANGHAI
from chalicelib.signing.jws import parse_jws
from chalicelib.signing.sd_jwt import parse_sd_jwt
from chalicelib.verification.verifier import Evidence, Verifier
from local_aws.city import COMPANY, FOOD, MARKET
from local_aws.client import (
    ASSERTION,
    Answer,
    Client,
    assertion,
    request,
    sign,
    staff_client,
    system_client,
    token,
)
from local_aws.demo_log import tell_log
from local_aws.demo_transfer import tell_transfer
from local_aws.seed import Credentials, seed
from local_aws.stage import LocalStage, start_stage
from local_aws.story import Story

FOLDER: Final = Path(".local/demo")


@dataclass(slots=True)
class Desk:
    """The market authority's people and system, signed in."""

    stage: LocalStage
    credentials: Credentials
    system: Client
    people: dict[str, Client]

    def submission(self, **changes: Any) -> str:
        """A food business licence for a company, as the unit's system signs it."""
        today = datetime.now(SHANGHAI).date()
        claims: dict[str, Any] = {
            "iss": self.credentials.unit.client_id,
            "aud": self.stage.base_url,
            "iat": int(time.time()),
            "type_code": FOOD,
            "certificate_number": "JY24403050012345",
            "holder": COMPANY,
            "issue_date": today.isoformat(),
            "valid_from": today.isoformat(),
            "valid_until": (today + timedelta(days=1800)).isoformat(),
            "attributes": {
                "business_address": "深圳市南山区粤海街道·科苑路 1 号",
                "legal_representative": "欧阳𠮷",
                "main_business": "餐饮服务经营者",
                "business_items": ["热食类食品制售", "冷食类食品制售"],
            },
            "collector": "market.collector",
            **changes,
        }
        return sign(self.credentials.key, {"typ": TYP, "kid": self.credentials.kid}, claims)

    def collect(self, **changes: Any) -> Answer:
        """Collect by the unit's system."""
        return self.system.post("/v1/certificates", {"submission": self.submission(**changes)})

    def review(self, identifier: str, person: str = "market.reviewer") -> Answer:
        """Approve."""
        return self.people[person].post(f"/v1/certificates/{identifier}/review", {"decision": "approve"})

    def issue(self, identifier: str) -> Answer:
        """Issue by the signer."""
        return self.people["market.signer"].post(f"/v1/certificates/{identifier}/issuance", {})

    def read(self, identifier: str) -> dict[str, Any]:
        """The certificate as its unit sees it."""
        found: dict[str, Any] = self.people["market.reviewer"].get(f"/v1/certificates/{identifier}").json()
        return found


def main() -> int:
    """Tell it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    story = Story(FOLDER)
    print("\n证照 Zhengzhao · one certificate, end to end\n")
    stage = start_stage(background=False)
    try:
        _tell(story, stage)
    finally:
        stage.stop()
    return story.end()


def _tell(story: Story, stage: LocalStage) -> None:
    _, everybody = seed(stage)
    story.step(
        "本地 AWS 已按 infra/ 建立,样例城市已入驻 · the local AWS stands, as infra/ says",
        ok=True,
        detail=stage.base_url,
    )
    credentials = next(one for one in everybody if one.unit.id == MARKET)
    desk = _sign_in(story, stage, credentials)
    identifier = _issue(story, desk)
    credential = _leave(story, desk, identifier)
    _verify(story, desk, credential)
    _refuse(story, desk, identifier)
    _update(story, desk)
    _revoke(story, desk, identifier, credential)
    _remember(story, desk, identifier)
    _tell_log(story, desk, identifier)
    _tell_transfer(story, desk)


def _sign_in(story: Story, stage: LocalStage, credentials: Credentials) -> Desk:
    client_id, base = credentials.unit.client_id, stage.base_url
    once = assertion(base, client_id, credentials.key, credentials.kid)
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": once}
    first, second = token(base, form), token(base, form)
    story.step("业务系统用私钥登录 · the unit's system signs in by its key", first.status == 200)
    replayed = second.status == 401 and second.json()["code"] == "assertion_replayed"
    story.step("同一断言再用被拒 · the same proof is not taken twice", replayed, second.json()["code"])
    system = system_client(base, client_id, credentials.key, credentials.kid)
    audience = stage.loaded.environment["ZHENGZHAO_OIDC_AUDIENCE"]
    people = {
        subject: staff_client(base, stage.oidc_issuer, audience, subject)
        for subject in credentials.unit.staff
    }
    return Desk(stage, credentials, system, people)


def _issue(story: Story, desk: Desk) -> str:
    collected = desk.collect()
    identifier = str(collected.json().get("id"))
    story.step(
        "采集:单位签名提交 · collected: signed by the unit's system", collected.status == 201, identifier
    )
    alone = desk.collect(certificate_number="JY24403050099999", collector="market.both").json()["id"]
    same = desk.review(alone, "market.both")
    story.step("采集人不得审核 · who collected may not review", same.status == 403, same.json().get("code"))
    early = desk.issue(identifier)
    story.step("未审核不得签发 · nothing is issued unreviewed", early.status == 409, early.json().get("code"))
    reviewed = desk.review(identifier)
    story.step(
        "审核:逐条规范检查通过 · reviewed: every lint rule kept",
        reviewed.status == 200,
        reviewed.json()["state"],
    )
    issued = desk.issue(identifier)
    story.step(
        "签发:KMS 签名,先归档后生效 · issued: signed by KMS, archived, then valid",
        issued.status == 201,
        issued.json()["state"],
    )
    return identifier


def _leave(story: Story, desk: Desk, identifier: str) -> str:
    """What a stranger would hold."""
    desk.stage.drain()
    credential = str(desk.read(identifier)["credential"])
    claims = _claims(credential)
    story.keep("certificate.sd-jwt", credential)
    story.keep("roots.pem", request("GET", f"{desk.stage.base_url}/v1/trust/roots").body)
    story.keep("unit-certificates.pem", request("GET", f"{desk.stage.base_url}/v1/trust/certificates").body)
    story.keep("crl.der", request("GET", f"{desk.stage.base_url}/v1/trust/crl").body)
    story.keep("type-metadata.json", request("GET", claims["vct"]).body)
    story.keep("status-list.jwt", request("GET", claims["status"]["status_list"]["uri"]).body)
    return credential


def _claims(credential: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(parse_jws(parse_sd_jwt(credential).jws).payload)
    return found


def _evidence(status_list: str) -> Evidence:
    return Evidence(
        at=datetime.now(UTC),
        status_list=(FOLDER / status_list).read_text(),
        crl=(FOLDER / "crl.der").read_bytes(),
        type_metadata=(FOLDER / "type-metadata.json").read_bytes(),
    )


def _verify(story: Story, desk: Desk, credential: str) -> None:
    verifier = Verifier(x509.load_pem_x509_certificates((FOLDER / "roots.pem").read_bytes()))
    verdict = verifier.verify(credential, _evidence("status-list.jwt"))
    story.step(
        "陌生人离线核验:真实有效 · a stranger verifies offline: genuine",
        verdict.result == "genuine" and not verdict.reasons,
        f"{len(verdict.checks)} checks",
    )
    jws, _, rest = credential.partition("~")
    altered = f"{jws[:-2]}{'A' if jws[-2] != 'A' else 'B'}{jws[-1]}~{rest}"
    refused = verifier.verify(altered, _evidence("status-list.jwt"))
    story.step(
        "改动一个字符:被识破 · one character changed: found out",
        refused.result != "genuine",
        str(refused.result),
    )
    online = Client(desk.stage.base_url).post("/v1/verifications", {"credential": credential}).json()
    story.step("在线核验 · verified online", online["verdict"] == "genuine", online["zh"])


def _refuse(story: Story, desk: Desk, identifier: str) -> None:
    """Nobody, with any credentials, touches what is archived; and a state secret does not come in."""
    s3, bucket = boto3.client("s3"), desk.stage.loaded.environment["ZHENGZHAO_ARCHIVE_BUCKET"]
    listed = s3.list_object_versions(Bucket=bucket, Prefix=f"certificates/{identifier}/credential-")[
        "Versions"
    ][0]
    where: dict[str, Any] = {"Bucket": bucket, "Key": listed["Key"]}
    attempts = {
        "delete": lambda: s3.delete_object(**where, VersionId=listed["VersionId"]),
        "overwrite": lambda: s3.put_object(**where, Body=b"forged"),
        "shorten": lambda: s3.put_object_retention(
            **where,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)},
        ),
        "weaken": lambda: s3.put_object_retention(
            **where,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=36_500)},
        ),
    }
    refused = [name for name, attempt in attempts.items() if _is_refused(attempt)]
    story.step(
        "档案删除、覆盖、缩短、降级皆被拒 · the archive cannot be touched",
        len(refused) == len(attempts),
        ", ".join(refused),
    )
    secret = desk.collect(
        certificate_number="JY24403050077777",
        attributes={"business_address": "机密★10年", "legal_representative": "甲", "main_business": "餐饮服务经营者", "business_items": ["乙"]},
    )  # fmt: skip
    story.step(
        "带密级标志的内容不予受理 · a state secret is not admitted",
        secret.json().get("code") == "state_secret_mark",
        secret.json().get("field"),
    )


def _is_refused(attempt: Any) -> bool:
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "PreconditionFailed")
    return False


def _update(story: Story, desk: Desk) -> None:
    """A second certificate is updated: the serial stays, the version rises, the old one is superseded."""
    first = desk.collect(certificate_number="JY24403050054321").json()["id"]
    desk.review(first)
    desk.issue(first)
    old = str(desk.read(first)["credential"])
    body = {"submission": desk.submission(certificate_number="JY24403050054321", supersedes=first)}
    second = desk.system.post(f"/v1/certificates/{first}/supersession", body).json()["id"]
    desk.review(second)
    issued = desk.issue(second)
    raised = first.split(".")[-3] == second.split(".")[-3] and second.split(".")[-2] == "002"
    story.step(
        "更新:流水号不变,版本升为 002 · updated: same serial, version 002",
        issued.status == 201 and raised,
        second,
    )
    verdict = Client(desk.stage.base_url).post("/v1/verifications", {"credential": old}).json()["verdict"]
    story.step("旧版在线核验:已被取代 · the old version: superseded", verdict == "superseded", verdict)


def _revoke(story: Story, desk: Desk, identifier: str, credential: str) -> None:
    revoked = desk.people["market.signer"].post(
        f"/v1/certificates/{identifier}/revocation", {"reason": "经营者申请注销"}
    )
    story.step("注销 · revoked", revoked.status == 200, revoked.json().get("state"))
    online = (
        Client(desk.stage.base_url).post("/v1/verifications", {"credential": credential}).json()["verdict"]
    )
    story.step("在线核验立即知道 · the online verdict knows at once", online == "revoked", online)
    desk.stage.drain()
    story.keep(
        "status-list-after.jwt", request("GET", _claims(credential)["status"]["status_list"]["uri"]).body
    )
    verifier = Verifier(x509.load_pem_x509_certificates((FOLDER / "roots.pem").read_bytes()))
    offline = verifier.verify(credential, _evidence("status-list-after.jwt")).result
    story.step(
        "新状态列表使离线核验也知道 · and the new status list tells it offline",
        offline == "revoked",
        str(offline),
    )


def _remember(story: Story, desk: Desk, identifier: str) -> None:
    entries = desk.people["market.reviewer"].get(f"/v1/certificates/{identifier}/history").json()["entries"]
    kinds = [entry["kind"] for entry in entries]
    wanted = ["certificate_collected", "certificate_reviewed", "certificate_issued", "certificate_revoked"]
    told = all(kind in kinds for kind in wanted)
    named = all(entry["actor"].get("person") or entry["actor"].get("system") for entry in entries)
    story.step(
        "日志:每一步、每个人都在 · the log: every act, and who answers for it",
        told and named,
        " → ".join(kinds),
    )


def _tell_log(story: Story, desk: Desk, identifier: str) -> None:
    """Everything is sealed within seconds of its act; here the streams wait to be drained."""
    import app

    desk.stage.drain()
    tell_log(story, desk.stage.base_url, list(app.container.platform.log.signer.verifier_keys()), identifier)


def _tell_transfer(story: Story, desk: Desk) -> None:
    audience = desk.stage.loaded.environment["ZHENGZHAO_OIDC_AUDIENCE"]
    keeper = staff_client(desk.stage.base_url, desk.stage.oidc_issuer, audience, "archives.keeper")
    tell_transfer(story, desk.stage, keeper, FOOD, datetime.now(SHANGHAI).date().isoformat())


if __name__ == "__main__":
    sys.exit(main())
