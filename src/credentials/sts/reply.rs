//! What STS answers: the credentials of a role, or why there are none.
//!
//! Source: "AssumeRole", "AssumeRoleWithWebIdentity" and "Common Errors" in the AWS Security Token Service API Reference.

use bytes::Bytes;
use zeroize::Zeroizing;

use super::xml::element_text;
use crate::identity::{Credentials, InvalidIdentity};
use crate::service_error::ServiceError;
use crate::time::Timestamp;

/// A reply of STS that holds no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StsError {
    /// The service says no.
    #[error("{0}")]
    Service(Box<ServiceError>),
    /// The service says yes, in a way that it should not.
    #[error("a reply with status {status} that is not XML or has no {missing} in it")]
    Incomplete {
        /// The HTTP status.
        status: u16,
        /// The element that was looked for.
        missing: &'static str,
    },
    /// Something in the reply cannot be used as a credential.
    #[error("a reply in which {0}")]
    Invalid(#[from] InvalidIdentity),
    /// The end of the credentials is not a date.
    #[error("a reply in which the expiration is not a date")]
    Expiration,
}

/// Reads the reply to AssumeRole or AssumeRoleWithWebIdentity. All credentials that STS hands out have a session token and
/// an expiration, so both must be there.
///
/// ```
/// use bedrock_converse::credentials::parse_sts_reply;
///
/// let reply = b"<AssumeRoleResponse><AssumeRoleResult>
///     <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/demo/me</Arn></AssumedRoleUser>
///     <Credentials>
///         <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
///         <SessionToken>token</SessionToken><Expiration>2026-01-02T03:04:05Z</Expiration>
///     </Credentials>
/// </AssumeRoleResult></AssumeRoleResponse>";
/// let credentials = parse_sts_reply(200, reply)?;
/// assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
/// assert_eq!(credentials.account_id(), Some("123456789012"));
///
/// let reply = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>";
/// assert_eq!(parse_sts_reply(403, reply).unwrap_err().to_string(), "AccessDenied (status 403): No.");
/// # Ok::<(), bedrock_converse::credentials::StsError>(())
/// ```
///
/// # Errors
/// [`StsError`].
pub fn parse_sts_reply(status: u16, body: &[u8]) -> Result<Credentials, StsError> {
    if !(200..300).contains(&status) {
        return Err(StsError::Service(Box::new(service_error(status, body))));
    }
    let element = |name: &'static str| {
        let text = xml_of(body).and_then(|xml| element_text(xml, &["Credentials", name]));
        text.filter(|text| !text.trim().is_empty()).ok_or(StsError::Incomplete { status, missing: name })
    };
    let expiration = element("Expiration")?;
    Ok(Credentials::new(trimmed(&element("AccessKeyId")?), trimmed(&element("SecretAccessKey")?))?
        .with_session_token(trimmed(&element("SessionToken")?))?
        .with_expiration(Timestamp::parse_rfc3339(expiration.trim()).map_err(|_| StsError::Expiration)?)
        .with_account_id(account_id(body).unwrap_or_default()))
}

fn service_error(status: u16, body: &[u8]) -> ServiceError {
    let element = |path| xml_of(body).and_then(|xml| element_text(xml, path)).map(|text| trimmed(&text));
    ServiceError {
        code: element(&["Error", "Code"]).filter(|code| !code.is_empty()),
        message: element(&["Error", "Message"]),
        status: Some(status),
        request_id: element(&["RequestId"]),
        body: Bytes::copy_from_slice(body.get(..ServiceError::BODY_LIMIT).unwrap_or(body)),
        ..ServiceError::default()
    }
}

/// The account in `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`.
fn account_id(body: &[u8]) -> Option<String> {
    let arn = element_text(xml_of(body)?, &["AssumedRoleUser", "Arn"])?;
    let account_id = arn.trim().split(':').nth(4)?;
    let is_account_id = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
    is_account_id.then(|| account_id.to_owned())
}

fn xml_of(body: &[u8]) -> Option<&str> {
    std::str::from_utf8(body).ok()
}

/// Some replies are laid out in lines.
fn trimmed(text: &Zeroizing<String>) -> String {
    text.trim().to_owned()
}
