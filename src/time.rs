//! Points in time, as AWS writes them.
//!
//! A [`Timestamp`] is always given to the core, never taken from a clock.

use std::fmt;
use std::str::FromStr;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::{Rfc2822, Rfc3339};
use ::time::{UtcDateTime, error};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A second in UTC, in the years 0 to 9999.
///
/// ```
/// use bedrock_converse::time::Timestamp;
///
/// let timestamp = Timestamp::parse_rfc3339("2015-08-30T12:36:00Z")?;
/// assert_eq!(timestamp.amz_date().as_str(), "20150830T123600Z");
/// assert_eq!(timestamp.amz_date().date(), "20150830");
/// assert_eq!(Timestamp::parse_amz_date("20150830T123600Z")?, timestamp);
/// assert_eq!(Timestamp::parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT")?, timestamp);
/// # Ok::<(), bedrock_converse::time::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(UtcDateTime);

/// The text is not a date in the format that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date in the form of {expected}")]
pub struct ParseTimestampError {
    expected: &'static str,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(UtcDateTime::UNIX_EPOCH);

    /// The time this many seconds after 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        UtcDateTime::from_unix_timestamp(seconds).ok().and_then(Self::in_four_digit_years)
    }

    /// Reads an ISO 8601 date as RFC 3339 restricts it, for example `2015-08-30T12:36:00Z`; fractions of a second are
    /// dropped.
    pub fn parse_rfc3339(text: &str) -> Result<Self, ParseTimestampError> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339);
        Self::whole_seconds(parsed, "2015-08-30T12:36:00Z")
    }

    /// Reads the date of an HTTP header, for example `Sun, 30 Aug 2015 12:36:00 GMT`.
    pub fn parse_http_date(text: &str) -> Result<Self, ParseTimestampError> {
        let parsed = OffsetDateTime::parse(text, &Rfc2822);
        Self::whole_seconds(parsed, "Sun, 30 Aug 2015 12:36:00 GMT")
    }

    /// Reads the value of an `x-amz-date` header, for example `20150830T123600Z`.
    pub fn parse_amz_date(text: &str) -> Result<Self, ParseTimestampError> {
        let error = ParseTimestampError { expected: "20150830T123600Z" };
        let rfc3339 = match text.as_bytes() {
            [y1, y2, y3, y4, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'] => [
                *y1, *y2, *y3, *y4, b'-', *m1, *m2, b'-', *d1, *d2, b'T', *h1, *h2, b':', *n1, *n2, b':',
                *s1, *s2, b'Z',
            ],
            _ => return Err(error),
        };
        std::str::from_utf8(&rfc3339).ok().and_then(|text| Self::parse_rfc3339(text).ok()).ok_or(error)
    }

    /// This time as SigV4 writes it.
    pub fn amz_date(self) -> AmzDate {
        AmzDate::new(self.0)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    fn whole_seconds(
        parsed: Result<OffsetDateTime, error::Parse>,
        expected: &'static str,
    ) -> Result<Self, ParseTimestampError> {
        parsed
            .ok()
            .and_then(|date| Self::from_unix_seconds(date.unix_timestamp()))
            .ok_or(ParseTimestampError { expected })
    }

    fn in_four_digit_years(date: UtcDateTime) -> Option<Self> {
        (0..=9999).contains(&date.year()).then_some(Self(date))
    }
}

/// As [`Timestamp::parse_rfc3339`].
impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        Self::parse_rfc3339(text)
    }
}

/// Prints RFC 3339: `2015-08-30T12:36:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let (hour, minute, second) = time.as_hms();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Writes RFC 3339, the `date-time` of Smithy.
///
/// Source: [timestampFormat](https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait).
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads `date-time`, and `epoch-seconds` too; fractions of a second are dropped.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Format {
            DateTime(String),
            EpochSeconds(f64),
        }

        match Format::deserialize(deserializer)? {
            Format::DateTime(text) => Self::parse_rfc3339(&text).map_err(D::Error::custom),
            Format::EpochSeconds(seconds) => Self::from_unix_seconds(seconds.floor() as i64)
                .ok_or_else(|| D::Error::custom("expected a date in the years 0 to 9999")),
        }
    }
}

/// A time in the `YYYYMMDD'T'HHMMSS'Z'` format of SigV4, and the `YYYYMMDD` date it begins with.
///
/// Source: "Elements of an AWS API request signature", *Date*, in the IAM User Guide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AmzDate([u8; 16]);

impl AmzDate {
    fn new(date: UtcDateTime) -> Self {
        let (hour, minute, second) = date.as_hms();
        let year = date.year().unsigned_abs();
        let [c1, c2] = two_digits(year / 100);
        let [y1, y2] = two_digits(year % 100);
        let [m1, m2] = two_digits(u8::from(date.month()).into());
        let [d1, d2] = two_digits(date.day().into());
        let [h1, h2] = two_digits(hour.into());
        let [n1, n2] = two_digits(minute.into());
        let [s1, s2] = two_digits(second.into());
        Self([c1, c2, y1, y2, m1, m2, d1, d2, b'T', h1, h2, n1, n2, s1, s2, b'Z'])
    }

    /// All of it: `20150830T123600Z`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The date alone: `20150830`.
    pub fn date(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }
}

impl fmt::Debug for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}
