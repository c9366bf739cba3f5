use super::is_loopback_name;

#[test]
fn only_names_that_cannot_be_rebound_count_as_here() {
    for host in [
        "127.0.0.1:8080",
        "localhost",
        "[::1]:8080",
        "127.9.9.9",
        "LOCALHOST:1",
    ] {
        assert!(is_loopback_name(host), "{host}");
    }
    for host in [
        "",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "10.0.0.1:80",
        "localhost.evil",
    ] {
        assert!(!is_loopback_name(host), "{host}");
    }
}
