//! What the id of a model says: plain ids, inference profiles of a geography, and the ARNs that may stand in their place.
//!
//! | text | kind |
//! |---|---|
//! | `amazon.nova-micro-v1:0`, `amazon.nova-micro-v1:0:24k` | [`FoundationModel`](ModelIdKind::FoundationModel) |
//! | `us.amazon.nova-micro-v1:0`, `global.cohere.embed-v4:0` | [`InferenceProfile`](ModelIdKind::InferenceProfile) |
//! | `arn:aws:bedrock:...:application-inference-profile/...` and the like | by the resource |
//! | `arn:aws:sagemaker:...:endpoint/...` | [`SageMakerEndpoint`](ModelIdKind::SageMakerEndpoint) |
//!
//! Source: the pattern of `modelId` in [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html),
//! and [Supported Regions and models for inference profiles](https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).

use std::fmt;

/// The geographies that inference profiles are prefixed with.
const GEOGRAPHIES: &[&str] = &["us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "amer", "global"];

/// The id or the ARN of a model, or of what stands for one.
///
/// Any text is a model id: what is unknown has the kind [`Unknown`](ModelIdKind::Unknown), and only Bedrock can tell whether
/// a model exists. The text is never rewritten.
///
/// ```
/// use bedrock_converse::model_id::{ModelId, ModelIdKind};
///
/// let profile = ModelId::new("us.anthropic.claude-sonnet-4-20250514-v1:0");
/// assert_eq!(profile.kind(), ModelIdKind::InferenceProfile);
/// assert_eq!(profile.geography(), Some("us"));
/// assert_eq!(profile.provider(), Some("anthropic"));
/// assert_eq!(profile.foundation_model(), Some("anthropic.claude-sonnet-4-20250514-v1:0"));
///
/// let arn = ModelId::new("arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl");
/// assert_eq!(arn.kind(), ModelIdKind::ProvisionedModel);
/// assert_eq!((arn.region(), arn.account()), (Some("eu-west-1"), Some("123456789012")));
/// assert_eq!(arn.provider(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId(String);

/// What a model id is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelIdKind {
    /// A model as its provider made it.
    FoundationModel,
    /// A model in the regions of a geography, or in all, as Bedrock defines it.
    InferenceProfile,
    /// An inference profile of an account, for its costs and labels.
    ApplicationInferenceProfile,
    /// Throughput that an account has bought.
    ProvisionedModel,
    /// A model that an account has customized.
    CustomModel,
    /// A custom model that is served on demand.
    CustomModelDeployment,
    /// A model that an account has brought.
    ImportedModel,
    /// A router of an account between models.
    PromptRouter,
    /// A router between models that Bedrock defines.
    DefaultPromptRouter,
    /// A prompt of Prompt management, which names its model itself.
    Prompt,
    /// A model of Bedrock Marketplace.
    SageMakerEndpoint,
    /// None of these: an ARN of another kind, or a text that names no provider.
    Unknown,
}

impl ModelId {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is the id of.
    pub fn kind(&self) -> ModelIdKind {
        match self.arn() {
            Some(arn) => arn.kind(),
            None if self.geography().is_some() => ModelIdKind::InferenceProfile,
            None if self.provider().is_some() => ModelIdKind::FoundationModel,
            None => ModelIdKind::Unknown,
        }
    }

    /// Who made the model, such as `anthropic`, if the id says it: that of provisioned throughput, for one, does not.
    ///
    /// A first segment that is not a known geography is the provider.
    pub fn provider(&self) -> Option<&str> {
        split_provider(self.split_geography().1).map(|(provider, _)| provider)
    }

    /// The geography that an inference profile is of, such as `us`, `us-gov`, `eu`, `apac` or `global`. Amazon adds to them;
    /// one that this crate does not know is taken for a provider.
    pub fn geography(&self) -> Option<&str> {
        self.split_geography().0
    }

    /// The id of the foundation model, without an ARN, a geography and a context length: `amazon.nova-micro-v1:0` of all of
    /// `us.amazon.nova-micro-v1:0`, `amazon.nova-micro-v1:0:24k` and
    /// `arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0`. Of a custom model it is the one that was
    /// customized.
    pub fn foundation_model(&self) -> Option<&str> {
        let names_a_model = matches!(
            self.kind(),
            ModelIdKind::FoundationModel | ModelIdKind::InferenceProfile | ModelIdKind::CustomModel
        );
        let name = self.split_geography().1;
        split_provider(name).filter(|_| names_a_model)?;
        Some(split_suffix(name).0)
    }

    /// The context length that a variant of a model is for, such as `24k`.
    ///
    /// Source: [Supported Region and models for Provisioned Throughput](https://docs.aws.amazon.com/bedrock/latest/userguide/prov-thru-supported.html).
    pub fn context_length(&self) -> Option<&str> {
        let suffix = split_suffix(self.foundation_model().and(Some(self.split_geography().1))?).1?;
        Some(suffix).filter(|suffix| suffix.starts_with(|first: char| first.is_ascii_digit()))
    }

    /// Whether it is an ARN.
    pub fn is_arn(&self) -> bool {
        self.arn().is_some()
    }

    /// The partition of an ARN, such as `aws` or `aws-us-gov`.
    pub fn partition(&self) -> Option<&str> {
        self.arn().map(|arn| arn.partition).filter(|partition| !partition.is_empty())
    }

    /// The region of an ARN.
    pub fn region(&self) -> Option<&str> {
        self.arn().map(|arn| arn.region).filter(|region| !region.is_empty())
    }

    /// The account of an ARN. That of a foundation model has none.
    pub fn account(&self) -> Option<&str> {
        self.arn().map(|arn| arn.account).filter(|account| !account.is_empty())
    }

    fn arn(&self) -> Option<Arn<'_>> {
        Arn::parse(&self.0)
    }

    fn split_geography(&self) -> (Option<&str>, &str) {
        let name = self.model_name();
        match name.split_once('.') {
            Some((first, rest)) if GEOGRAPHIES.contains(&first) && split_provider(rest).is_some() => {
                (Some(first), rest)
            }
            _ => (None, name),
        }
    }

    /// Of an ARN the part that a provider's name may begin; empty where ids are made by chance.
    fn model_name(&self) -> &str {
        let Some(arn) = self.arn() else { return &self.0 };
        match arn.kind() {
            ModelIdKind::FoundationModel
            | ModelIdKind::InferenceProfile
            | ModelIdKind::DefaultPromptRouter => arn.resource_id,
            ModelIdKind::CustomModel => arn.resource_id.split('/').next().unwrap_or_default(),
            _ => "",
        }
    }
}

/// `arn:partition:service:region:account:type/id`.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource_type: &'a str,
    resource_id: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let (resource_type, resource_id) = resource.split_once('/').unwrap_or((resource, ""));
        Some(Self { partition, service, region, account, resource_type, resource_id })
    }

    fn kind(&self) -> ModelIdKind {
        match (self.service, self.resource_type) {
            ("bedrock", "foundation-model") => ModelIdKind::FoundationModel,
            ("bedrock", "inference-profile") => ModelIdKind::InferenceProfile,
            ("bedrock", "application-inference-profile") => ModelIdKind::ApplicationInferenceProfile,
            ("bedrock", "provisioned-model") => ModelIdKind::ProvisionedModel,
            ("bedrock", "custom-model") => ModelIdKind::CustomModel,
            ("bedrock", "custom-model-deployment") => ModelIdKind::CustomModelDeployment,
            ("bedrock", "imported-model") => ModelIdKind::ImportedModel,
            ("bedrock", "prompt-router") => ModelIdKind::PromptRouter,
            ("bedrock", "default-prompt-router") => ModelIdKind::DefaultPromptRouter,
            ("bedrock", "prompt") => ModelIdKind::Prompt,
            ("sagemaker", "endpoint") => ModelIdKind::SageMakerEndpoint,
            _ => ModelIdKind::Unknown,
        }
    }
}

fn split_provider(name: &str) -> Option<(&str, &str)> {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    name.split_once('.')
        .filter(|(provider, model)| !provider.is_empty() && !model.is_empty() && provider.bytes().all(fits))
}

/// Splits what follows the version: `amazon.nova-micro-v1:0` and `24k`.
fn split_suffix(name: &str) -> (&str, Option<&str>) {
    let second_colon = name.match_indices(':').nth(1).map(|(at, _)| at);
    match second_colon.and_then(|at| name.split_at_checked(at)) {
        Some((model, suffix)) => (model, suffix.strip_prefix(':')),
        None => (name, None),
    }
}

impl From<&str> for ModelId {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for ModelId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// For the calls of a client, which take any text.
impl From<ModelId> for String {
    fn from(model_id: ModelId) -> Self {
        model_id.0
    }
}

/// As [`String::from`] of it.
impl From<&ModelId> for String {
    fn from(model_id: &ModelId) -> Self {
        model_id.0.clone()
    }
}

impl AsRef<str> for ModelId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
