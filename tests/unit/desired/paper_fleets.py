"""Fleets for the tests of paper: the samples, and one whose every text is as long and as hostile as it may be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from holofleet import desired, spec
from holofleet.desired.files import people
from holofleet.desired.files.made import Made
from holofleet.resources import State
from holofleet.samples import SAMPLES, enclosures, text

HOSTILE = "<script>alert(1)</script> \"'&;,\\ {{secret:env:HOLOFLEET_SECRET_WIFI}} END:VEVENT"


def made(fleet: str | spec.Spec) -> dict[str, Made]:
    """Return the paper of a fleet by path."""
    parsed = spec.parse({"fleet.yaml": fleet}) if isinstance(fleet, str) else fleet
    return {one.path: one for one in people.write(parsed, compiled(parsed))}


def compiled(parsed: spec.Spec) -> State:
    return desired.compile(parsed, target="files")


@cache
def sample(name: str) -> spec.Spec:
    files = {path: content.encode() for path, content in enclosures(name).items()}
    return spec.parse(text(name), enclosures=files)


def samples() -> Iterator[tuple[str, Made]]:
    """Yield every file of the paper of every sample, with a name for the test."""
    for name in SAMPLES:
        for path, one in made(sample(name)).items():
            yield f"{name}/{path}", one


def largest(filler: str = HOSTILE) -> str:
    """Return a fleet that fills every line that paper has, with long texts in every place that takes any."""
    long = quoted((filler + " ") * (4000 // (len(filler) + 1)))
    ssids = [(f"{number}" + filler).encode()[:32].decode(errors="ignore").strip() for number in range(6)]
    wifi = ", ".join(
        f"{{ssid: {quoted(ssid)}, security: open, auto_connect: {str(number < 3).lower()}}}"
        for number, ssid in enumerate(ssids)
    )
    sites = "\n".join(
        f"  - {{name: site-{number}, client: far, display_name: {long}, connected_in_use: true,\n"
        f"     network: {{first_wifi: captive-portal, wifi: [{wifi}]}}}}"
        for number in range(6)
    )
    serials = [f"{number}" + "x" * 63 for number in range(6)]
    serial_list = ", ".join(serials)
    headsets = "\n".join(
        f"  - {{serial: {serial}, asset: {quoted((str(number) + filler * 9)[:128])},\n"
        f"     site: site-{number}, autopilot: true}}"
        for number, serial in enumerate(serials)
    )
    return f"""\
holofleet: 1
organization: {{name: {long}, country: US, timezone: America/New_York}}
tenant: {{id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}}
people:
  - {{upn: helpdesk1@contoso.com, display_name: {long}, roles: [helpdesk]}}
  - {{upn: expert1@contoso.com, display_name: {long}, roles: [expert]}}
groups:
  - {{name: {"g" * 63}, members: [expert1@contoso.com]}}
clients:
  - {{name: near, display_name: {long}}}
  - name: far
    display_name: {long}
    experts: [expert1@contoso.com, {"g" * 63}]
    informed_about_records: 2026-11-16
sites:
{sites}
headsets:
{headsets}
loans:
  - {{client: near, headsets: [{serial_list}], ships: 2026-01-12, returned: 2026-09-02}}
  - {{client: far, headsets: [{serial_list}], ships: 2026-12-30, returns: 2027-09-29, test_call: 2026-12-28}}
deployments:
  - name: {"d" * 63}
    scenario: [external-clients, shared-identity, near-offline]
    client: far
    headsets: all
    tenant_lock: true
    enrollment: {{first_account: none, autopilot: {{profile: p}}, online_sign_in_by: 2026-12-29}}
    accounts:
      kind: shared-manual
      manual_because: {long}
      password: {{expires_after_days: 300}}
      custody: {{check_out: required, kept_by: {long}}}
    sign_in: {{pin: {{digits_only: true, min_length: 6}}, iris: false, lock_after_min: 30}}
    kiosk:
      for: everyone
      apps: [assist, edge, camera, settings, device-picker, photos, movies-and-tv, file-explorer]
    app_control: {{deny: [mail-and-calendar, onedrive, feedback-hub, store, 3d-viewer, movies-and-tv]}}
    settings_pages: {{show: [network, bluetooth, sound, calibration, signinoptions, windowsupdate, workplace]}}
    restrictions: {{usb_data: false, microsoft_accounts: false, developer_mode: false, bluetooth: false,
                   vpn_settings: false}}
    privacy: {{camera: deny, microphone: deny, location_service: false, speech: false}}
    updates: {{active_hours: {{start: 7, end: 18}}}}
    assist: {{product: holofleet, recording: allowed, keep: {{headset: nothing, records_days: 3650}}}}
    reconnect: {{rule: monthly, week: second, day: wednesday, window: 2d, offline_from: 2026-12-30}}
"""


def quoted(value: str) -> str:
    """Write a text as YAML."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
