//! Areas of Indonesia by the code `PP.KK.CC.DDDD`: province, regency or city, district, village.

use std::{fmt, str::FromStr};

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Province,
    Regency,
    District,
    Village,
}

/// A well-formed area code. Whether the area exists is reference data, not form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaCode(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an area code is PP, PP.KK, PP.KK.CC or PP.KK.CC.DDDD, digits only")]
pub struct BadAreaCode;

impl AreaCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn level(&self) -> Level {
        match self.0.len() {
            2 => Level::Province,
            5 => Level::Regency,
            8 => Level::District,
            _ => Level::Village,
        }
    }
}

impl FromStr for AreaCode {
    type Err = BadAreaCode;

    fn from_str(text: &str) -> Result<Self, BadAreaCode> {
        const WIDTHS: [usize; 4] = [2, 2, 2, 4];
        let parts: Vec<&str> = text.split('.').collect();
        let fits = (1..=4).contains(&parts.len())
            && parts.iter().zip(WIDTHS).all(|(part, width)| {
                part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())
            });
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadAreaCode)
        }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
