use std::fmt;
use std::ops::Deref;

use base64::Engine;
use base64::alphabet;
use base64::display::Base64Display;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::Text;

/// Pads what it writes, and reads with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes that travel as base64 inside JSON: an image, a document, redacted reasoning.
///
/// Cloning shares the bytes. `Debug` prints their number only.
///
/// ```
/// use bedrock_converse::converse::Blob;
///
/// let blob = Blob::from(b"\x89PNG");
/// assert_eq!(serde_json::to_string(&blob)?, r#""iVBORw==""#);
/// assert_eq!(serde_json::from_str::<Blob>(r#""iVBORw==""#)?, blob);
/// assert_eq!(format!("{blob:?}"), "Blob(4 bytes)");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Source: [blob](https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#shape-serialization).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Blob(Bytes);

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Bytes> for Blob {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Blob {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl From<Blob> for Bytes {
    fn from(blob: Blob) -> Self {
        blob.0
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.len())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self, &BASE64))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(base64) = Text::deserialize(deserializer)?;
        BASE64.decode(&*base64).map(Self::from).map_err(D::Error::custom)
    }
}
