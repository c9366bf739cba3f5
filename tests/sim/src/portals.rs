//! Pages that answer in the place of LAPOR!: what portals, proxies and filters say. None bears the
//! contract's mark with this request's own nonce, however much of the mark it copies.

use lapor_core::engine::api::{Exchange, WireRequest};

use crate::fate::plain;

/// Status, headers, body.
type Page = (u16, &'static [(&'static str, &'static str)], &'static [u8]);

const PAGES: [Page; 18] = [
    (200, &[], b"<html>Selamat datang di wifi gratis</html>"),
    (
        200,
        &[("content-type", "application/json")],
        b"{\"ok\":true}",
    ),
    (200, &[("content-type", "application/json")], b"{}"),
    (
        200,
        &[("lapor-contract", "1")],
        b"{\"tracking_id\":\"1\",\"revision\":1}",
    ),
    // A page that was kept from another request, or made up.
    (
        201,
        &[
            ("lapor-contract", "1"),
            ("lapor-request", "000000000000000000000000"),
        ],
        b"{\"tracking_id\":\"7777777\",\"revision\":1,\"status\":\"unverified\"}",
    ),
    (204, &[], b""),
    (204, &[("lapor-contract", "1")], b""),
    (302, &[("location", "http://10.0.0.1/login")], b""),
    (303, &[("location", "https://portal.test/")], b""),
    (307, &[("location", "http://10.0.0.1/login")], b""),
    (304, &[], b""),
    (401, &[("www-authenticate", "Basic realm=wifi")], b"-"),
    (403, &[], b"<html>Internet Positif</html>"),
    (404, &[], b"<html>not found</html>"),
    (407, &[("proxy-authenticate", "Basic realm=kantor")], b"-"),
    (410, &[], b"-"),
    (
        422,
        &[("content-type", "application/problem+json")],
        b"{\"code\":\"invalid\"}",
    ),
    (511, &[], b"<html>masuk dulu</html>"),
];

pub(crate) const PORTALS: usize = PAGES.len();

pub(crate) fn portal(kind: usize, request: &WireRequest) -> Exchange {
    let (status, headers, body) = PAGES.get(kind).copied().unwrap_or((511, &[], b""));
    let mut exchange = plain(status, None, body);
    for (name, value) in headers {
        exchange.headers.retain(|(have, _)| have != name);
        exchange
            .headers
            .push(((*name).to_owned(), (*value).to_owned()));
    }
    // What asks for no body gets none.
    if request.method.as_str() == "HEAD" {
        exchange.body.clear();
    }
    exchange
}
