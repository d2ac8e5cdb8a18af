//! Who a request is made as: [`Credentials`] that sign it, or a [`BearerToken`] that is sent with it.
//!
//! Both are checked when they are made, so that a stray newline in an environment variable is an error that names the
//! value, not a panic deep in an HTTP library or a signature that never matches. Neither prints what it holds.

use std::fmt;

use zeroize::Zeroizing;

use crate::time::Timestamp;

/// The two ways Bedrock knows a caller: the authentication schemes `aws.auth#sigv4` and `smithy.api#httpBearerAuth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Keys that sign each request with Signature Version 4.
    Credentials(Credentials),
    /// A Bedrock API key that is sent as `authorization: Bearer ...`.
    BearerToken(BearerToken),
}

/// An access key id, its secret access key and, for temporary credentials, a session token and an expiration.
///
/// ```
/// use bedrock_converse::identity::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// assert_eq!(
///     Credentials::new("AKIDEXAMPLE", "secret\n").unwrap_err().to_string(),
///     "the secret access key holds a control character or a space",
/// );
/// # Ok::<(), bedrock_converse::identity::InvalidIdentity>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    expiration: Option<Timestamp>,
    account_id: Option<String>,
}

/// A Bedrock API key.
///
/// Source: "Use an Amazon Bedrock API key" in the Amazon Bedrock User Guide.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    token: Zeroizing<String>,
    expiration: Option<Timestamp>,
}

/// A value that can't be a credential. Holds which and why, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {part} {flaw}")]
pub struct InvalidIdentity {
    part: IdentityPart,
    flaw: Flaw,
}

/// The value that an [`InvalidIdentity`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityPart {
    /// `AWS_ACCESS_KEY_ID` and its kin.
    AccessKeyId,
    /// `AWS_SECRET_ACCESS_KEY` and its kin.
    SecretAccessKey,
    /// `AWS_SESSION_TOKEN` and its kin.
    SessionToken,
    /// `AWS_BEARER_TOKEN_BEDROCK` and its kin.
    BearerToken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Blank,
    ControlOrSpace,
    NotAscii,
}

impl Credentials {
    /// Long-term credentials, as IAM hands them out for a user.
    ///
    /// # Errors
    /// Either value is blank or holds a space, a control character or a character outside ASCII.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> Result<Self, InvalidIdentity> {
        let access_key_id = access_key_id.into();
        let secret_access_key = Zeroizing::new(secret_access_key.into());
        IdentityPart::AccessKeyId.check(&access_key_id)?;
        IdentityPart::SecretAccessKey.check(&secret_access_key)?;
        Ok(Self { access_key_id, secret_access_key, session_token: None, expiration: None, account_id: None })
    }

    /// Adds the session token that temporary credentials come with. An empty one is no token.
    ///
    /// # Errors
    /// The token holds a space, a control character or a character outside ASCII.
    pub fn with_session_token(mut self, session_token: impl Into<String>) -> Result<Self, InvalidIdentity> {
        let session_token = Zeroizing::new(session_token.into());
        self.session_token = if session_token.is_empty() {
            None
        } else {
            IdentityPart::SessionToken.check(&session_token)?;
            Some(session_token)
        };
        Ok(self)
    }

    /// Says when the service stops accepting these credentials.
    pub fn with_expiration(mut self, expiration: Timestamp) -> Self {
        self.expiration = Some(expiration);
        self
    }

    /// Says whose account they are for. An empty one is none.
    pub fn with_account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = Some(account_id.into()).filter(|account_id| !account_id.is_empty());
        self
    }

    /// The public half: `AKIA...` for long-term credentials, `ASIA...` for temporary ones.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret half, which never leaves this machine.
    pub fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    /// The token of temporary credentials, which is sent with each request.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.as_str())
    }

    /// When these credentials end; `None` if they don't or nobody said.
    pub fn expiration(&self) -> Option<Timestamp> {
        self.expiration
    }

    /// The account that they are for, if somebody said.
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }
}

impl Identity {
    /// The secret that is sent, and that a server may send back; empty where there is none.
    #[cfg(feature = "client")]
    pub(crate) fn echoed_secret(&self) -> &str {
        match self {
            Self::Credentials(credentials) => credentials.session_token().unwrap_or_default(),
            Self::BearerToken(token) => token.token(),
        }
    }

    /// When it ends; `None` if it doesn't or nobody said.
    pub fn expiration(&self) -> Option<Timestamp> {
        match self {
            Self::Credentials(credentials) => credentials.expiration,
            Self::BearerToken(token) => token.expiration,
        }
    }

    /// Whether a service cannot tell the two apart: their secrets are the same, whatever is known of their end.
    #[cfg(feature = "client")]
    pub(crate) fn is_same_to_a_service(&self, other: &Self) -> bool {
        let sent = |credentials: &Credentials| {
            let Credentials { access_key_id, secret_access_key, session_token, .. } = credentials.clone();
            (access_key_id, secret_access_key, session_token)
        };
        match (self, other) {
            (Self::Credentials(one), Self::Credentials(another)) => sent(one) == sent(another),
            (Self::BearerToken(one), Self::BearerToken(another)) => one.token == another.token,
            _ => false,
        }
    }
}

impl BearerToken {
    /// A token as it is sent.
    ///
    /// # Errors
    /// The token is blank or holds a space, a control character or a character outside ASCII.
    pub fn new(token: impl Into<String>) -> Result<Self, InvalidIdentity> {
        let token = Zeroizing::new(token.into());
        IdentityPart::BearerToken.check(&token)?;
        Ok(Self { token, expiration: None })
    }

    /// Says when the service stops accepting it.
    pub fn with_expiration(mut self, expiration: Timestamp) -> Self {
        self.expiration = Some(expiration);
        self
    }

    /// The secret itself.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// When it ends; `None` if it doesn't or nobody said.
    pub fn expiration(&self) -> Option<Timestamp> {
        self.expiration
    }
}

impl InvalidIdentity {
    /// Which value it is about.
    pub fn part(&self) -> IdentityPart {
        self.part
    }
}

impl IdentityPart {
    fn check(self, value: &str) -> Result<(), InvalidIdentity> {
        let flaw = if value.trim().is_empty() {
            Flaw::Blank
        } else if value.chars().any(|character| character.is_control() || character.is_whitespace()) {
            Flaw::ControlOrSpace
        } else if !value.is_ascii() {
            Flaw::NotAscii
        } else {
            return Ok(());
        };
        Err(InvalidIdentity { part: self, flaw })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &Redacted)
            .field("session_token", &self.session_token.as_ref().map(|_| Redacted))
            .field("expiration", &self.expiration)
            .field("account_id", &self.account_id)
            .finish()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").field("token", &Redacted).field("expiration", &self.expiration).finish()
    }
}

impl fmt::Display for IdentityPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessKeyId => "access key id",
            Self::SecretAccessKey => "secret access key",
            Self::SessionToken => "session token",
            Self::BearerToken => "bearer token",
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "is blank",
            Self::ControlOrSpace => "holds a control character or a space",
            Self::NotAscii => "holds a character outside ASCII",
        })
    }
}

/// What a secret prints as.
struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
