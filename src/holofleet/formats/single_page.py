"""Pages that are one file: no server, no script from elsewhere, no other file, whoever opens them.

Names in a fleet file may be hostile, and such a file is opened with whatever rights a local file has: everything
is escaped, and a content security policy inside the page lets only its own style and script run, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def environment(package: str, folder: str = ".", *, fillable: bool = False) -> Environment:
    """Return the templates that lie in a package, with everything that is put into them escaped.

    Args:
        package: Name of the package.
        folder: Where they lie in it.
        fillable: Secrets are filled into its pages later, by ``{{secret:...}}``: braces of values are escaped too,
            so that no text of a fleet file becomes a reference.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_braces if fillable else None,
    )


def asset(package: str, name: str) -> str:
    """Return a style sheet or script that lies in a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def inline(name: str, text: str) -> dict[str, str]:
    """Return our own style or script as two values of a template: ``NAME``, not escaped, and ``NAME_hash``.

    The hash is that of a content security policy (W3C, Content Security Policy Level 3, section 2.3.1).
    """
    from markupsafe import Markup

    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {name: Markup(text), f"{name}_hash": f"sha256-{digest}"}  # noqa: S704 - our own file


def ended(page: str) -> str:
    """Return a page that ends in one line end."""
    return page.rstrip("\n") + "\n"


def _without_braces(value: object) -> Markup:
    from markupsafe import Markup, escape

    return value if isinstance(value, Markup) else Markup(str(escape(value)).replace("{", "&#123;"))  # noqa: S704
