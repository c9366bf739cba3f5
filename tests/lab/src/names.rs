//! The smallest name server: one address for every name below the lab's domain, so that a cold
//! start pays for its question as it does in the field.

use std::net::{Ipv4Addr, UdpSocket};

use anyhow::Result;

#[cfg(test)]
mod tests;

const HEAD: usize = 12;
const ANSWER: u8 = 0x80;
const RECURSION_AVAILABLE: u8 = 0x80;
const NO_SUCH_NAME: u8 = 3;
const TYPE_A: u16 = 1;
const CLASS_IN: u16 = 1;

/// Answers on port 53 until the process is ended.
pub(crate) fn run(address: Ipv4Addr, domain: &str) -> Result<()> {
    let socket = UdpSocket::bind((address, 53))?;
    println!("ready");
    let mut question = [0; 512];
    loop {
        let (length, from) = socket.recv_from(&mut question)?;
        let question = question.get(..length).unwrap_or_default();
        if let Some(answer) = answer(question, address, domain) {
            // A question that cannot be answered is asked again.
            let _lost = socket.send_to(&answer, from);
        }
    }
}

/// RFC 1035, one question a packet. Nothing for what is no question.
fn answer(question: &[u8], address: Ipv4Addr, domain: &str) -> Option<Vec<u8>> {
    let mut name = String::new();
    let mut at = HEAD;
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = question.get(at..at + length)?;
        name.push_str(&String::from_utf8_lossy(label).to_lowercase());
        name.push('.');
        at += length;
    }
    let kind = u16::from_be_bytes([*question.get(at)?, *question.get(at + 1)?]);
    let asked = question.get(HEAD..at + 4)?;
    let known = name.trim_end_matches('.').ends_with(domain);
    let has_address = known && kind == TYPE_A;

    let mut out = question.get(..2)?.to_vec();
    let recursion_desired = question.get(2)? & 1;
    let code = if known { 0 } else { NO_SUCH_NAME };
    out.extend([ANSWER | recursion_desired, RECURSION_AVAILABLE | code]);
    out.extend([0, 1, 0, u8::from(has_address), 0, 0, 0, 0]);
    out.extend_from_slice(asked);
    if has_address {
        // The name is the one asked for: a pointer to it.
        out.extend([0xC0, 12]);
        out.extend(TYPE_A.to_be_bytes());
        out.extend(CLASS_IN.to_be_bytes());
        out.extend(60_u32.to_be_bytes());
        out.extend(4_u16.to_be_bytes());
        out.extend(address.octets());
    }
    Some(out)
}
