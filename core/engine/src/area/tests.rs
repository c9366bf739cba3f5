#![allow(clippy::unwrap_used)]
use super::*;

#[test]
fn kuta_utara_and_its_villages() {
    assert_eq!(
        "51.03.06".parse::<AreaCode>().unwrap().level(),
        Level::District
    );
    assert_eq!(
        "51.03.06.2005".parse::<AreaCode>().unwrap().level(),
        Level::Village
    );
    assert_eq!("51".parse::<AreaCode>().unwrap().level(), Level::Province);
}

#[test]
fn anything_else_is_refused() {
    for bad in [
        "",
        "5",
        "51.3",
        "51.03.06.200",
        "51.03.06.2005.1",
        "51-03",
        "5a.03",
        "51.",
        "٥١",
    ] {
        assert_eq!(bad.parse::<AreaCode>(), Err(BadAreaCode), "{bad}");
    }
}
