#![allow(clippy::unwrap_used)]
use super::*;

#[test]
fn https_anywhere_and_plain_http_to_this_machine() {
    for good in [
        "https://lapor.example/",
        "https://lapor.example:8443/gateway",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:9/",
    ] {
        assert!(GatewayUrl::parse(good, false).is_ok(), "{good}");
    }
}

#[test]
fn anything_that_could_be_overheard_is_refused_with_what_to_do() {
    assert_eq!(
        GatewayUrl::parse("http://lapor.example/", false),
        Err(BadGateway::PlainHttp)
    );
    assert_eq!(
        GatewayUrl::parse("http://localhost.evil.example/", false),
        Err(BadGateway::PlainHttp)
    );
    assert_eq!(
        GatewayUrl::parse("http://10.0.0.1/", false),
        Err(BadGateway::PlainHttp)
    );
    assert_eq!(
        GatewayUrl::parse("ftp://lapor.example/", false),
        Err(BadGateway::NotHttps)
    );
    assert_eq!(
        GatewayUrl::parse("lapor.example", false),
        Err(BadGateway::NotAUrl)
    );
    assert_eq!(
        GatewayUrl::parse("https://siti:rahasia@lapor.example/", false),
        Err(BadGateway::HoldsCredentials)
    );
    assert!(
        GatewayUrl::parse("http://10.0.0.1/", true).is_ok(),
        "the debug setting"
    );
}

#[test]
fn a_session_belongs_to_scheme_host_and_port_and_on_this_machine_to_any_port() {
    let issuer = |address| GatewayUrl::parse(address, true).unwrap().issuer();
    let ours = issuer("https://lapor.example/");
    assert_eq!(ours, issuer("https://LAPOR.example:443/gateway"));
    for other in [
        "https://lapor.example:8443/",
        "https://lapor.example.evil/",
        "http://lapor.example/",
        "https://127.0.0.1/",
    ] {
        assert_ne!(ours, issuer(other), "{other}");
    }
    let here = issuer("http://127.0.0.1:8080/");
    assert_eq!(here, issuer("http://127.0.0.1:9090/"));
    assert_ne!(here, issuer("https://127.0.0.1:8080/"));
    assert_ne!(here, issuer("http://localhost:8080/"));
}
