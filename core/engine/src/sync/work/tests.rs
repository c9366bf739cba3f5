use super::*;

/// The words stand in the accounts of every phone: who is signed in must stay so in a new version.
#[test]
fn sessions_are_read_from_the_words_that_phones_have_stored() {
    let states = [
        SessionState::Good,
        SessionState::Expired,
        SessionState::Ended,
    ];
    let words = ["good", "expired", "ended"];
    assert_eq!(states.map(SessionState::as_str), words);
    assert_eq!(words.map(SessionState::parse), states.map(Some));
    assert_eq!(SessionState::parse("new"), None);
}
