"""Keys of a deployment about updates, power and calls."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from holofleet.spec.model.base import Model, OneOrMany, key
from holofleet.spec.model.calls import Hours
from holofleet.spec.values import (
    BuildOrNewest,
    FileName,
    Flag,
    Hour,
    Name,
    Origin,
    Text,
    TimeOfDay,
    Weekday,
    Whole,
    refuse,
)


class Deferral(Model):
    """How long updates wait."""

    feature_days: Whole | None = key("New major builds.", example="60", unit="days", rule="EXT-33", ge=0, le=365)
    quality_days: Whole | None = key("Monthly updates.", example="7", unit="days", rule="EXT-33", ge=0, le=30)


class ActiveHours(Model):
    """Hours in which a headset does not restart by itself."""

    start: Hour | None = key("First hour.", example="7", unit="hour of the day")
    end: Hour | None = key("Last hour.", example="17", unit="hour of the day")

    @model_validator(mode="after")
    def _span(self) -> ActiveHours:
        if self.start is not None and self.end is not None and not 1 <= (self.end - self.start) % 24 <= 18:
            raise refuse("active hours of 1 to 18 hours", "{start: 7, end: 18}")
        return self


class InstallTime(Model):
    """A fixed time for installing."""

    day: Literal[Weekday, "every-day"] = key("Day.", example="wednesday", default="every-day", rule="OFF-42")
    time: TimeOfDay = key("Full hour.", example="03:00", default=..., rule="OFF-42")

    @model_validator(mode="after")
    def _full_hour(self) -> InstallTime:
        if self.time.minute:
            raise refuse("a full hour", "03:00", "Headsets take full hours only.")
        return self


class Deadline(Model):
    """When an update is installed at the latest."""

    feature_days: Whole | None = key("New major builds.", example="7", unit="days", rule="OFF-18", ge=0, le=30)
    quality_days: Whole | None = key("Monthly updates.", example="2", unit="days", rule="OFF-18", ge=0, le=30)
    grace_days: Whole | None = key(
        "Days after that until the restart is forced.", example="1", unit="days", rule="OFF-18", ge=0, le=7
    )
    restart_early: Flag | None = key(
        "Restart before the deadline outside active hours.", example="true", rule="OFF-18"
    )


class Updates(Model):
    """System updates."""

    build: BuildOrNewest | None = key(
        "Build that headsets shall have: `newest-known`, or one.", example="newest-known", rule="EXT-13"
    )
    source: Literal["windows-update", "wsus"] | None = key(
        "Where they come from; a HoloLens 2 knows Windows Update only.", example="windows-update", rule="OFF-10"
    )
    mode: Literal["ring", "free"] | None = key(
        "Held back by rings, or left to flow.", example="ring", rule="EXT-33"
    )
    automatic: (
        Literal["notify", "install-and-notify", "install-and-restart", "scheduled", "without-user", "off"] | None
    ) = key("What happens by itself.", example="install-and-restart", rule="EXT-13")
    deferral: Deferral | None = key(
        "How long updates wait.", example="{feature_days: 60, quality_days: 7}", rule="EXT-33"
    )
    active_hours: ActiveHours | None = key("Hours without restarts.", example="{start: 7, end: 18}", rule="OFF-18")
    install: InstallTime | None = key(
        "Fixed time, with automatic `scheduled`.", example="{day: wednesday, time: 03:00}", rule="OFF-42"
    )
    deadline: Deadline | None = key("Installed at the latest.", example="{quality_days: 2}", rule="OFF-18")
    user_may_pause: Flag | None = key("People may pause updates.", example="false", rule="EXT-33")
    preview_builds: Flag | None = key("Preview builds.", example="false", rule="EXT-13")


class Restart(Model):
    """A restart by the clock."""

    day: Literal[Weekday, "every-day"] = key("Day.", example="sunday", default="every-day")
    time: TimeOfDay = key("Time of day.", example="02:30", default=...)


class Power(Model):
    """Display, standby and restarts."""

    display_off_on_battery_s: Whole | None = key(
        "Display off, which also locks, on battery.", example="120", unit="seconds", rule="SHR-24", ge=0, le=86400
    )
    display_off_plugged_in_s: Whole | None = key(
        "Display off, which also locks, plugged in.", example="60", unit="seconds", rule="SHR-24", ge=0, le=86400
    )
    standby_on_battery_s: Whole | None = key("Standby on battery.", example="300", unit="seconds", ge=0, le=86400)
    standby_plugged_in_s: Whole | None = key(
        "Standby plugged in; a short one keeps apps from updating.",
        example="1800",
        unit="seconds",
        rule="EXT-30",
        ge=0,
        le=86400,
    )
    restart: Restart | None = key("A restart by the clock.", example="{day: sunday, time: 02:30}")


class FirstStart(Model):
    """What the first start leaves out."""

    skip_calibration: Flag | None = key("Eye calibration.", example="false")
    skip_training: Flag | None = key("Learning the gestures.", example="false")


class AssistApp(Model):
    """The app that wraps our call page."""

    package_family_name: Text = key(
        "Package family name.",
        example="Contoso.AssistShell_1qaz2wsx3edc4",
        default=...,
        rule="EXT-39",
        pattern=r"^[A-Za-z0-9.-]{3,50}_[a-z0-9]{13}$",
    )
    application_id: Text = key(
        "Application id in its manifest.", example="App", default=..., rule="EXT-39", max_length=64
    )


class Keep(Model):
    """What is kept of calls."""

    headset: Literal["nothing"] | None = key("On the headset: nothing, always.", example="nothing", rule="EXT-55")
    expert_chat_days: Whole | None = key(
        "Chat on the expert's side.", example="90", unit="days", rule="EXT-56", ge=0, le=3650
    )
    records_days: Whole | None = key(
        "Who called whom, when.", example="730", unit="days", rule="SHR-38", ge=0, le=3650
    )
    recordings_days: Whole | None = key(
        "Recordings of calls; left out: 30.", example="30", unit="days", rule="EXT-56", ge=1, le=3650
    )


class Assist(Model):
    """Calls between a headset and an expert."""

    product: Literal["holofleet", "remote-assist"] | None = key(
        "Ours, or the vendor's, whose support ends on 2026-12-31.", example="holofleet", rule="EXT-08"
    )
    runs_in: Literal["app", "browser"] | None = key(
        "An app of its own, or the browser confined to our page.", example="app", rule="EXT-39"
    )
    origin: Origin | None = key(
        "Address of the call page, with runs_in `browser`: all that the browser may open.",
        example="https://assist.contoso.com",
        rule="EXT-39",
    )
    app: AssistApp | None = key(
        "The app, with runs_in `app`.",
        example="{package_family_name: Contoso.AssistShell_1qaz2wsx3edc4, application_id: App}",
        rule="EXT-39",
    )
    barrier: Literal["client", "none"] | None = key(
        "`client`: nobody of another client can be found or called.", example="client", rule="EXT-36"
    )
    experts: tuple[Text, ...] | None = key(
        "Groups and people that may be called, where no client says so.", example="[pump-experts]", rule="SHR-33"
    )
    keep: Keep | None = key("What is kept.", example="{headset: nothing, records_days: 730}", rule="EXT-55")
    recording: Literal["forbidden", "allowed"] | None = key(
        "Recording of calls.", example="forbidden", rule="EXT-56"
    )
    withdrawn: Literal["deleted", "kept"] | None = key(
        "What was recorded before somebody took back that they agreed; left out: deleted.",
        example="deleted",
        rule="EXT-56",
    )
    low_bandwidth: Literal["snapshots", "low-resolution", "refuse"] | None = key(
        "What a call does below the least bandwidth.", example="snapshots", rule="PREP-18"
    )
    hours: OneOrMany[Hours] | None = key(
        "When calls can be made; left out: always.", example="mon-fri 06:00-22:00", rule="EXT-57"
    )
    holder: Literal["required", "shown"] | None = key(
        "`required`: nobody calls from a headset that nobody has checked out. Left out: as "
        "`accounts.custody.check_out` says.",
        example="required",
        rule="SHR-37",
    )
    license: Text | None = key(
        "Product that the headset's account needs for our calls; left out: none.",
        example="AAD_PREMIUM",
        rule="EXT-08",
    )
    forbid: tuple[Literal["chat", "files", "snapshots", "location", "guests"], ...] | None = key(
        "What its calls do without.", example="[files, guests]", rule="EXT-56"
    )


class Certificate(Model):
    """A certificate that headsets trust or use."""

    name: Name = key("Name.", example="inspection-root", default=..., rule="OFF-22")
    file: FileName = key(
        "The certificate, without any private key.", example="inspection-root.pem", default=..., rule="OFF-22"
    )
    store: Literal["root", "intermediate", "publisher", "people"] = key(
        "Where it goes.", example="root", default="root", rule="OFF-22"
    )
