use super::*;

#[test]
fn only_what_is_made_here_carries_nothing_that_nobody_chose_to_tell() {
    let form = Form {
        anonymous: true,
        ..Form::default()
    };
    assert_eq!(AsItIs::of("image/jpeg", &form), None);
    for kind in ["application/pdf", "image/png", "something new"] {
        let told = AsItIs {
            anonymous: true,
            secret: false,
            details_seen: false,
        };
        assert_eq!(AsItIs::of(kind, &form), Some(told), "{kind}");
    }
}
