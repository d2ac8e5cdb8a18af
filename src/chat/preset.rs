//! Settings of a client and defaults of a request, to be kept in a file.

use std::fmt;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::client::ClientBuilder;
use crate::converse::ConverseRequest;

/// Settings of a client, a model, and the defaults of its requests.
///
/// It is serde data: the program reads and writes the file, in the format and at the place that it likes, and this crate
/// opens none. What is left out stays as the client has it. A member that is not known is an error that names it, whatever
/// its value, in the request as well, since it is likely a known one misspelt; but where Amazon's model is open (a union, a
/// message), it is kept, since it may be one that Amazon added.
///
/// There are no credentials in it: name a profile. The endpoint URL is not printed by `Debug`; one with a password is
/// refused by [`ClientBuilder::build`].
///
/// ```
/// # use bedrock_converse::stand_in::{Reply, StandIn};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let stand_in = StandIn::start().await?;
/// # let message = serde_json::json!({"role": "assistant", "content": [{"text": "Hello."}]});
/// # stand_in.reply(Reply::json(serde_json::json!({"output": {"message": message}, "stopReason": "end_turn"}).to_string()));
/// # let builder = stand_in.client_builder();
/// use bedrock_converse::chat::preset::Preset;
///
/// let preset: Preset = serde_json::from_str(r#"{
///     "region": "us-east-1",
///     "modelId": "amazon.nova-micro-v1:0",
///     "retry": {"maxAttempts": 5},
///     "timeouts": {"connectSeconds": 3},
///     "request": {"system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 200}}
/// }"#)?;
///
/// // `builder` is `Client::builder()`.
/// let client = preset.apply_to(builder).build().await?;
/// let model_id = preset.model_id.as_deref().unwrap_or_default();
/// let reply = client.converse(model_id).request(preset.request.clone()).user("Hi").send().await?;
/// assert_eq!(reply.text(), "Hello.");
///
/// let error = serde_json::from_str::<Preset>(r#"{"request": {"inferenceConfig": {"maxTokns": 200}}}"#).unwrap_err();
/// assert!(error.to_string().starts_with("unknown member `inferenceConfig.maxTokns` of the request"), "{error}");
/// # Ok(()) }
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Preset {
    /// As [`ClientBuilder::region`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// As [`ClientBuilder::profile`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// As [`ClientBuilder::endpoint_url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_url: Option<String>,
    /// As [`ClientBuilder::control_plane_endpoint_url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_plane_endpoint_url: Option<String>,
    /// As [`ClientBuilder::signing_host`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_host: Option<String>,
    /// As [`ClientBuilder::use_fips`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_fips: Option<bool>,
    /// As [`ClientBuilder::use_dual_stack`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_dual_stack: Option<bool>,
    /// Whether to call [`ClientBuilder::region_of_instance`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_of_instance: Option<bool>,
    /// Whether to call [`ClientBuilder::suggest_model_ids`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest_model_ids: Option<bool>,
    /// How often and how soon to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPreset>,
    /// The time limits.
    #[serde(default, skip_serializing_if = "TimeoutPreset::is_empty")]
    pub timeouts: TimeoutPreset,
    /// The model: a model id, an inference profile id or an ARN. The program names it in each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    /// What each request begins with: the program gives it to [`ConverseCall::request`](crate::ConverseCall::request).
    #[serde(default, deserialize_with = "without_unknown_members", skip_serializing_if = "is_empty_request")]
    pub request: ConverseRequest,
}

/// How often and how soon to try again. What is left out is as the builder, the environment or the profile says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryPreset {
    /// As [`RetryConfig::max_attempts`](crate::retry::RetryConfig::max_attempts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// As [`RetryConfig::max_backoff`](crate::retry::RetryConfig::max_backoff), in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_backoff_seconds: Option<u64>,
}

/// The time limits of a client, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeoutPreset {
    /// As [`ClientBuilder::connect_timeout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_seconds: Option<u64>,
    /// As [`ClientBuilder::first_byte_timeout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_seconds: Option<u64>,
    /// As [`ClientBuilder::idle_timeout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<u64>,
    /// As [`ClientBuilder::total_timeout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_seconds: Option<u64>,
    /// As [`ClientBuilder::pool_idle_timeout`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_idle_seconds: Option<u64>,
}

impl Preset {
    /// Makes a preset without settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the preset sets, and leaves the rest of the builder as it is.
    pub fn apply_to(&self, builder: ClientBuilder) -> ClientBuilder {
        let timeouts = &self.timeouts;
        let retry = self.retry.unwrap_or_default();
        Settings(builder)
            .set(self.region.as_deref(), ClientBuilder::region)
            .set(self.profile.as_deref(), ClientBuilder::profile)
            .set(self.endpoint_url.as_deref(), ClientBuilder::endpoint_url)
            .set(self.control_plane_endpoint_url.as_deref(), ClientBuilder::control_plane_endpoint_url)
            .set(self.signing_host.as_deref(), ClientBuilder::signing_host)
            .switch(self.region_of_instance, ClientBuilder::region_of_instance)
            .switch(self.suggest_model_ids, ClientBuilder::suggest_model_ids)
            .set(self.use_fips, ClientBuilder::use_fips)
            .set(self.use_dual_stack, ClientBuilder::use_dual_stack)
            .set(retry.max_attempts, ClientBuilder::max_attempts)
            .set(seconds(retry.max_backoff_seconds), ClientBuilder::max_backoff)
            .set(seconds(timeouts.connect_seconds), ClientBuilder::connect_timeout)
            .set(seconds(timeouts.first_byte_seconds), ClientBuilder::first_byte_timeout)
            .set(seconds(timeouts.idle_seconds), ClientBuilder::idle_timeout)
            .set(seconds(timeouts.total_seconds), ClientBuilder::total_timeout)
            .set(seconds(timeouts.pool_idle_seconds), ClientBuilder::pool_idle_timeout)
            .0
    }
}

/// A builder of which some settings are set.
struct Settings(ClientBuilder);

impl Settings {
    fn set<T>(self, value: Option<T>, setter: impl FnOnce(ClientBuilder, T) -> ClientBuilder) -> Self {
        match value {
            Some(value) => Self(setter(self.0, value)),
            None => self,
        }
    }

    /// What cannot be switched off.
    fn switch(self, value: Option<bool>, setter: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.set(value.filter(|is_on| *is_on), |builder, _on| setter(builder))
    }
}

impl TimeoutPreset {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn seconds(seconds: Option<u64>) -> Option<Duration> {
    seconds.map(Duration::from_secs)
}

fn is_empty_request(request: &ConverseRequest) -> bool {
    *request == ConverseRequest::default()
}

/// The model of a request ignores members that it does not know. They are those that it does not write again.
fn without_unknown_members<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ConverseRequest, D::Error> {
    let mut read = Value::deserialize(deserializer)?;
    let request = ConverseRequest::deserialize(&read).map_err(D::Error::custom)?;
    leave_out_empty_messages(&mut read);
    let written = serde_json::to_value(&request).map_err(D::Error::custom)?;
    match lost_member(&read, &written) {
        Some(path) => {
            Err(D::Error::custom(format_args!("unknown member `{path}` of the request, or one that is null")))
        }
        None => Ok(request),
    }
}

/// The one known member that is not written where it is an empty list.
fn leave_out_empty_messages(request: &mut Value) {
    if let Some(members) = request.as_object_mut() {
        members.retain(|name, value| name != "messages" || *value != Value::Array(Vec::new()));
    }
}

fn lost_member(read: &Value, written: &Value) -> Option<String> {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            read.iter().find_map(|(name, value)| lost_below(name, value, written.get(name)))
        }
        (Value::Array(read), Value::Array(written)) => read
            .iter()
            .enumerate()
            .find_map(|(index, value)| lost_below(&index.to_string(), value, written.get(index))),
        _ => None,
    }
}

fn lost_below(name: &str, read: &Value, written: Option<&Value>) -> Option<String> {
    match written {
        None => Some(name.to_owned()),
        Some(written) => lost_member(read, written).map(|path| format!("{name}.{path}")),
    }
}

/// Leaves out the endpoint URL, in which there may be a password.
impl fmt::Debug for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preset")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("retry", &self.retry)
            .field("timeouts", &self.timeouts)
            .field("model_id", &self.model_id)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}
