#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::Ipv4Addr;

use super::answer;

const HERE: Ipv4Addr = Ipv4Addr::new(10, 77, 2, 2);

fn asked(name: &str, kind: u8) -> Vec<u8> {
    let mut question = vec![0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(u8::try_from(label.len()).unwrap());
        question.extend(label.bytes());
    }
    question.extend([0, 0, kind, 0, 1]);
    question
}

#[test]
fn a_name_of_the_lab_has_the_gateways_address() {
    let question = asked("gateway.lapor.test", 1);
    let told = answer(&question, HERE, "lapor.test").unwrap();
    assert_eq!(told[..2], [0xAB, 0xCD]);
    assert_eq!(told[3] & 15, 0);
    assert_eq!(told[6..8], [0, 1]);
    assert_eq!(told[told.len() - 4..], HERE.octets());
}

#[test]
fn it_has_no_ipv6_address_and_others_have_none_at_all() {
    let told = answer(&asked("gateway.lapor.test", 28), HERE, "lapor.test").unwrap();
    assert_eq!((told[3] & 15, told[7]), (0, 0));
    let told = answer(&asked("elsewhere.test", 1), HERE, "lapor.test").unwrap();
    assert_eq!((told[3] & 15, told[7]), (3, 0));
}

#[test]
fn half_a_question_is_none() {
    let question = asked("gateway.lapor.test", 1);
    for length in 0..question.len() {
        assert_eq!(answer(&question[..length], HERE, "lapor.test"), None);
    }
}
