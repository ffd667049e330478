"""Routes and triggers, nothing else. `chalicelib` holds everything that they call."""

from typing import Any

from chalice.app import CloudWatchEvent, Cron, DynamoDBEvent, Rate

from chalicelib.api.routes import Application, register
from chalicelib.bootstrap import Container
from chalicelib.jobs.authority import handle_authority
from chalicelib.jobs.handing_over import on_request as on_transfer_request
from chalicelib.jobs.handing_over import on_schedule as on_transfer_schedule
from chalicelib.jobs.issuing import handle_issue
from chalicelib.jobs.publishing import on_daily, on_schedule, on_status_change
from chalicelib.jobs.sealing import on_day_end, on_entries, on_sweep

app = Application(app_name="zhengzhao")
app.api.binary_types = [
    "*/*"
]  # bytes in, bytes out: an answer's media type never depends on the Accept header
container = Container()
register(app, container)


@app.lambda_function(name="issuer")
def issuer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The only function that may sign with units' keys."""
    return handle_issue(container.platform, event)


@app.lambda_function(name="authority")
def authority(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The only function that may sign with the platform root."""
    return handle_authority(container, event, context.aws_request_id)


@app.on_dynamodb_record(stream_arn="status-table-stream", batch_size=100, name="publish_on_change")
def publish_on_change(event: DynamoDBEvent) -> dict[str, Any]:
    """Status lists follow their values; the stream's ARN is the template's to know."""
    return on_status_change(container.platform, event.to_dict()["Records"])


@app.schedule(Rate(5, unit=Rate.MINUTES), name="publish_on_schedule")
def publish_on_schedule(event: CloudWatchEvent) -> None:
    """What expires soon, or what a lost stream record left behind."""
    on_schedule(container.platform)


@app.schedule(Cron(30, 16, "*", "*", "?", "*"), name="archive_lists_daily")
def archive_lists_daily(event: CloudWatchEvent) -> None:
    """00:30 in Shenzhen: yesterday's lists, for ever."""
    on_daily(container.platform)


@app.on_dynamodb_record(stream_arn="log-table-stream", batch_size=1000, name="seal_on_change")
def seal_on_change(event: DynamoDBEvent) -> None:
    """The only function that may sign with the log's keys."""
    on_entries(container.platform, event.to_dict()["Records"])


@app.schedule(Rate(1, unit=Rate.MINUTES), name="seal_on_schedule")
def seal_on_schedule(event: CloudWatchEvent) -> None:
    """What a lost stream record, or a sealer that died, left behind."""
    on_sweep(container.platform)


@app.on_dynamodb_record(stream_arn="transfers-table-stream", batch_size=1, name="hand_over_on_request")
def hand_over_on_request(event: DynamoDBEvent) -> None:
    """Packages for the archives bureau; signs with no key."""
    on_transfer_request(container.platform, event.to_dict()["Records"])


@app.schedule(Rate(5, unit=Rate.MINUTES), name="hand_over_on_schedule")
def hand_over_on_schedule(event: CloudWatchEvent) -> None:
    """What is not finished: an entry was not sealed, time was short, or the worker died."""
    on_transfer_schedule(container.platform)


@app.schedule(Cron(5, 16, "*", "*", "?", "*"), name="timestamp_log_daily")
def timestamp_log_daily(event: CloudWatchEvent) -> None:
    """00:05 in Shenzhen: the last checkpoint of the day that ended, for a time-stamping authority, where there is one."""
    on_day_end(container.platform)
