"""How well it is known that a HoloLens 2 takes a node."""

from __future__ import annotations

from enum import StrEnum


class Evidence(StrEnum):
    """Who says that a HoloLens 2 takes a node; the order is from the strongest word to the weakest."""

    DOCUMENTED = "documented"
    CSP_TABLE = "csp_table"
    RELEASE_NOTES = "release_notes"
    DDF_AND_RELEASE_NOTES = "ddf_and_release_notes"
    DDF_AND_CSP_PAGE = "ddf_and_csp_page"
    INSIDER = "insider"
    DDF_ONLY = "ddf_only"
    PPKG_ONLY = "ppkg_only"

    @property
    def rank(self) -> int:
        """0 for the strongest, growing as it gets weaker."""
        return _RANKS[self]

    @property
    def weak(self) -> bool:
        """Whether a person should try it on a headset before a fleet relies on it."""
        return self in (Evidence.INSIDER, Evidence.DDF_ONLY)

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_RANKS = {evidence: rank for rank, evidence in enumerate(Evidence)}
_MEANINGS = {
    Evidence.DOCUMENTED: "named for HoloLens 2 in the vendor's list of supported policies or CSPs",
    Evidence.CSP_TABLE: "its whole CSP is in the vendor's HoloLens table; the node itself is known from its DDF",
    Evidence.RELEASE_NOTES: "named in the HoloLens release notes, not in the list of supported policies",
    Evidence.DDF_AND_RELEASE_NOTES: "in the DDF for Holographic editions, and touched on in the release notes",
    Evidence.DDF_AND_CSP_PAGE: "on the page of the MixedReality policies and in its DDF, not in the list",
    Evidence.INSIDER: "an Insider feature when last read (March 2024); its first production build is in no source",
    Evidence.DDF_ONLY: "only the DDF's edition list includes Holographic; no HoloLens page names it",
    Evidence.PPKG_ONLY: "settable by a provisioning package only; an MDM server is refused",
}
