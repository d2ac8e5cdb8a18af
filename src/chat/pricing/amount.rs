use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The price of a million tokens, with nine decimal places: as AWS's price list has it, or in another currency.
///
/// In a file it is a text, such as `"0.0375"`: a JSON number is a binary fraction, and most prices are none.
///
/// ```
/// use bedrock_converse::chat::pricing::Price;
///
/// let price: Price = "0.0375".parse()?;
/// assert_eq!(price.to_string(), "0.0375");
/// assert_eq!(price.for_tokens(2_000).to_string(), "0.000075");
/// assert!("0,04".parse::<Price>().is_err());
/// # Ok::<(), bedrock_converse::chat::pricing::NotAPrice>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price {
    billionths: u64,
}

/// A sum of money, exact to the share of one token: a whole number of 10⁻¹⁵.
///
/// Prints itself as a decimal without a currency, which is that of the prices.
///
/// ```
/// use bedrock_converse::chat::pricing::{Amount, Price};
///
/// let price: Price = "3".parse()?;
/// let three_calls: Amount = [1, 20, 300].into_iter().map(|tokens| price.for_tokens(tokens)).sum();
/// assert_eq!(three_calls.to_string(), "0.000963");
/// assert_eq!(Amount::ZERO.to_string(), "0");
/// # Ok::<(), bedrock_converse::chat::pricing::NotAPrice>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    quadrillionths: u128,
}

/// A text is not a price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a price: write a decimal such as 0.0375, with a point and at most 9 decimal places")]
pub struct NotAPrice(String);

const DECIMAL_PLACES: usize = 9;

impl FromStr for Price {
    type Err = NotAPrice;

    fn from_str(text: &str) -> Result<Self, NotAPrice> {
        billionths(text).map(|billionths| Self { billionths }).ok_or_else(|| NotAPrice(text.to_owned()))
    }
}

fn billionths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > DECIMAL_PLACES {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<DECIMAL_PLACES$}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(fraction)
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, u128::from(self.billionths), 9)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.quadrillionths, 15)
    }
}

fn decimal(f: &mut fmt::Formatter<'_>, number: u128, places: usize) -> fmt::Result {
    let digits = format!("{number:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    match fraction.trim_end_matches('0') {
        "" => f.pad_integral(true, "", whole),
        fraction => f.pad_integral(true, "", &format!("{whole}.{fraction}")),
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Price {
    /// What so many tokens cost.
    pub fn for_tokens(self, tokens: u64) -> Amount {
        Amount { quadrillionths: u128::from(self.billionths) * u128::from(tokens) }
    }
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self { quadrillionths: 0 };

    /// The amount in units of 10⁻¹⁵.
    pub fn quadrillionths(self) -> u128 {
        self.quadrillionths
    }
}

/// Ends at the largest amount, which no table of prices comes near.
impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { quadrillionths: self.quadrillionths.saturating_add(other.quadrillionths) }
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}
