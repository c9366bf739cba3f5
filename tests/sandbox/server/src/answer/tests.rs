use super::accepts_gzip;

#[test]
fn gzip_only_for_those_who_ask() {
    assert!(accepts_gzip("gzip"));
    assert!(accepts_gzip("br, GZIP;q=0.5"));
    assert!(accepts_gzip("*"));
    assert!(!accepts_gzip("identity"));
    assert!(!accepts_gzip("gzip;q=0"));
    assert!(!accepts_gzip(""));
}
