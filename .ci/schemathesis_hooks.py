"""What schemathesis must know about this contract beyond the OpenAPI file."""

import schemathesis

CONTRACT_HEADERS = {
    "accept",
    "authorization",
    "content-type",
    "lapor-app",
    "lapor-contract",
    "lapor-prior-tracking-id",
    "lapor-request",
    "lapor-skew",
    "tus-resumable",
    "upload-offset",
}


@schemathesis.serializer("application/offset+octet-stream")
def piece_of_a_picture(context, value):
    """Bytes as they are: tus puts no frame around them."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_case(context, case):
    """Headers that HTTP carries for others (proxies, phones) break no contract: not tried as an error."""
    return all(name.lower() in CONTRACT_HEADERS for name in (case.headers or {}))
