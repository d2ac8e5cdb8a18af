use std::fmt;

use super::DecodeError;

/// The value of a header, in one of the ten types of the wire (`true` and `false` are two).
///
/// The specification closes this set, so a match needs no further arm.
///
/// Source: [Headers Format](https://smithy.io/2.0/aws/amazon-eventstream.html#headers-format).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderValue<'a> {
    /// Types 0 and 1: true and false.
    Bool(bool),
    /// Type 2.
    Byte(i8),
    /// Type 3, which the specification calls a short.
    Int16(i16),
    /// Type 4, which the specification calls an integer.
    Int32(i32),
    /// Type 5, which the specification calls a long.
    Int64(i64),
    /// Type 6: at most 32,767 bytes.
    ByteArray(&'a [u8]),
    /// Type 7: at most 32,767 bytes of UTF-8.
    String(&'a str),
    /// Type 8: milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Type 9: a UUID, most significant byte first.
    Uuid([u8; 16]),
}

impl<'a> HeaderValue<'a> {
    /// The string, where this is one.
    pub fn as_str(&self) -> Option<&'a str> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }
}

pub(super) mod wire_type {
    pub(in super::super) const TRUE: u8 = 0;
    pub(in super::super) const FALSE: u8 = 1;
    pub(in super::super) const BYTE: u8 = 2;
    pub(in super::super) const INT16: u8 = 3;
    pub(in super::super) const INT32: u8 = 4;
    pub(in super::super) const INT64: u8 = 5;
    pub(in super::super) const BYTE_ARRAY: u8 = 6;
    pub(in super::super) const STRING: u8 = 7;
    pub(in super::super) const TIMESTAMP: u8 = 8;
    pub(in super::super) const UUID: u8 = 9;
}

/// The length field has two bytes, but the specification's grammar stops at 2^15 - 1.
pub(super) const VALUE_LIMIT: usize = i16::MAX as usize;

/// The headers of a message: an iterator of names and values, parsed where they lie.
#[derive(Clone)]
pub struct Headers<'a> {
    unread: &'a [u8],
}

impl<'a> Headers<'a> {
    pub(super) fn new(checked: &'a [u8]) -> Self {
        Self { unread: checked }
    }

    pub(super) fn find(mut self, name: &str) -> Option<HeaderValue<'a>> {
        while let Ok(header) = Header::take(&mut self.unread) {
            if header.name == name.as_bytes() {
                return header.value();
            }
        }
        None
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, HeaderValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let header = Header::take(&mut self.unread).ok()?;
        Some((header.name()?, header.value()?))
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

pub(super) fn check(mut headers: &[u8]) -> Result<(), DecodeError> {
    while !headers.is_empty() {
        Header::take(&mut headers)?.check()?;
    }
    Ok(())
}

/// One header cut out of its message. What it holds is decoded only when asked for: most headers are skipped.
struct Header<'a> {
    name: &'a [u8],
    value_type: u8,
    value: &'a [u8],
}

impl<'a> Header<'a> {
    fn take(unread: &mut &'a [u8]) -> Result<Self, DecodeError> {
        let [name_length] = take_array(unread)?;
        if name_length == 0 {
            return Err(DecodeError::HeaderNameEmpty);
        }
        let name = take(unread, name_length.into())?;
        let [value_type] = take_array(unread)?;
        let value_length = match value_type {
            wire_type::TRUE | wire_type::FALSE => 0,
            wire_type::BYTE => 1,
            wire_type::INT16 => 2,
            wire_type::INT32 => 4,
            wire_type::INT64 | wire_type::TIMESTAMP => 8,
            wire_type::BYTE_ARRAY | wire_type::STRING => take_value_length(unread)?,
            wire_type::UUID => 16,
            _ => return Err(DecodeError::HeaderType { value_type }),
        };
        Ok(Self { name, value_type, value: take(unread, value_length)? })
    }

    fn check(&self) -> Result<(), DecodeError> {
        if !is_utf8(self.name) {
            return Err(DecodeError::HeaderNameNotUtf8);
        }
        if self.value_type == wire_type::STRING && !is_utf8(self.value) {
            return Err(DecodeError::HeaderValueNotUtf8);
        }
        Ok(())
    }

    fn name(&self) -> Option<&'a str> {
        str::from_utf8(self.name).ok()
    }

    fn value(&self) -> Option<HeaderValue<'a>> {
        Some(match self.value_type {
            wire_type::TRUE => HeaderValue::Bool(true),
            wire_type::FALSE => HeaderValue::Bool(false),
            wire_type::BYTE => HeaderValue::Byte(i8::from_be_bytes(self.array()?)),
            wire_type::INT16 => HeaderValue::Int16(i16::from_be_bytes(self.array()?)),
            wire_type::INT32 => HeaderValue::Int32(i32::from_be_bytes(self.array()?)),
            wire_type::INT64 => HeaderValue::Int64(i64::from_be_bytes(self.array()?)),
            wire_type::BYTE_ARRAY => HeaderValue::ByteArray(self.value),
            wire_type::STRING => HeaderValue::String(str::from_utf8(self.value).ok()?),
            wire_type::TIMESTAMP => HeaderValue::Timestamp(i64::from_be_bytes(self.array()?)),
            wire_type::UUID => HeaderValue::Uuid(self.array()?),
            _ => return None,
        })
    }

    fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.value.try_into().ok()
    }
}

/// The grammar asks for at least one byte. An empty value is accepted nevertheless: encoders in use write
/// them, and to refuse an empty `:error-message` would hide the error it belongs to.
fn take_value_length(unread: &mut &[u8]) -> Result<usize, DecodeError> {
    let length = u16::from_be_bytes(take_array(unread)?);
    if usize::from(length) > VALUE_LIMIT {
        return Err(DecodeError::HeaderValueLength { length });
    }
    Ok(length.into())
}

fn take<'a>(unread: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    unread.split_off(..length).ok_or(DecodeError::HeadersTruncated)
}

fn take_array<const N: usize>(unread: &mut &[u8]) -> Result<[u8; N], DecodeError> {
    let (array, rest) = unread.split_first_chunk().ok_or(DecodeError::HeadersTruncated)?;
    *unread = rest;
    Ok(*array)
}

/// ASCII first: nearly every header is, and that is much quicker to see than UTF-8 is to check.
fn is_utf8(bytes: &[u8]) -> bool {
    bytes.is_ascii() || str::from_utf8(bytes).is_ok()
}
