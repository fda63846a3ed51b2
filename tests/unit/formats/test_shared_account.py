import pytest

from holofleet.formats.shared_account import SharedAccount, SharedAccountError, parse, render

THUMBPRINT = "A1" * 20


@pytest.mark.parametrize(
    "account",
    [
        SharedAccount(issuer_thumbprint=THUMBPRINT),
        SharedAccount(issuer_name="CN=Contoso Device CA & Sons"),
        SharedAccount(issuer_name="CN=Contoso", key_usages=("1.3.6.1.5.5.7.3.4", "1.2.3")),
    ],
)
def test_a_shared_account_is_read_as_it_was_written(account):
    assert parse(render(account)) == account


def test_the_document_has_the_published_shape():
    assert render(SharedAccount(issuer_thumbprint=THUMBPRINT, key_usages=("1.2.3",))) == (
        f"<SharedAccountConfiguration><SharedAccount><IssuerThumbprint>{THUMBPRINT}</IssuerThumbprint>"
        "<EkuOidRequirements><Oid>1.2.3</Oid></EkuOidRequirements></SharedAccount></SharedAccountConfiguration>"
    )


@pytest.mark.parametrize(
    "account",
    [
        SharedAccount(),
        SharedAccount(THUMBPRINT, "CN=Contoso"),
        SharedAccount("A1" * 19),
        SharedAccount("", "x" * 513),
        SharedAccount(THUMBPRINT, key_usages=("client",)),
        SharedAccount(THUMBPRINT, key_usages=("1.2",) * 6),
    ],
)
def test_what_a_headset_would_refuse_is_not_written(account):
    with pytest.raises(SharedAccountError):
        render(account)


@pytest.mark.parametrize(
    "text",
    [
        "<SharedAccountConfiguration/>",
        "<x/>",
        "<",
        "<SharedAccountConfiguration><SharedAccount><AutoLogon/></SharedAccount></SharedAccountConfiguration>",
    ],
)
def test_what_is_no_shared_account_is_not_read(text):
    with pytest.raises(SharedAccountError):
        parse(text)
