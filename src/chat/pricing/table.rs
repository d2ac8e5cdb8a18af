use std::collections::BTreeMap;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use super::{Amount, Price};
use crate::converse::{CacheDetail, CacheTTL, TokenUsage};
use crate::error::Error;
use crate::error_class::ErrorClass;

/// The prices of models by the id that they are called by.
///
/// An inference profile is priced by its own id: that of `us.amazon.nova-micro-v1:0` is not that of
/// `amazon.nova-micro-v1:0`, unless the table has it under [`same_as`](Self::same_as).
///
/// ```
/// use bedrock_converse::chat::pricing::PriceTable;
/// use bedrock_converse::converse::TokenUsage;
///
/// let table: PriceTable = serde_json::from_str(r#"{
///     "models": {
///         "amazon.nova-micro-v1:0": {"input": "0.035", "output": "0.14", "cacheRead": "0.00875", "cacheWrite": "0"}
///     },
///     "sameAs": {"us.amazon.nova-micro-v1:0": "amazon.nova-micro-v1:0"}
/// }"#)?;
///
/// let usage: TokenUsage = serde_json::from_str(
///     r#"{"inputTokens": 100, "outputTokens": 20, "totalTokens": 1120, "cacheReadInputTokens": 1000}"#,
/// )?;
/// let cost = table.cost("us.amazon.nova-micro-v1:0", &usage)?;
/// assert_eq!(cost.input.to_string(), "0.0000035");
/// assert_eq!(cost.cache_read.to_string(), "0.00000875");
/// assert_eq!(cost.total().to_string(), "0.00001505");
///
/// let error = table.cost("eu.amazon.nova-micro-v1:0", &usage).unwrap_err();
/// assert_eq!(error.to_string(), "the price table has no model \"eu.amazon.nova-micro-v1:0\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PriceTable {
    /// The prices of each model.
    #[serde(default)]
    pub models: BTreeMap<String, ModelPrices>,
    /// The ids whose prices are those of another one, which `models` must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub same_as: BTreeMap<String, String>,
}

/// What a million tokens of a model cost, by what is done with them.
///
/// ```
/// use bedrock_converse::chat::pricing::{ModelPrices, PriceTable};
/// use bedrock_converse::converse::CacheTTL;
///
/// let prices = ModelPrices::new("3".parse()?, "15".parse()?)
///     .cache_read("0.3".parse()?)
///     .cache_write("3.75".parse()?)
///     .cache_write_by_ttl(CacheTTL::OneHour, "6".parse()?);
/// let table = PriceTable::new().model("anthropic.claude-sonnet-4-5-20250929-v1:0", prices);
/// assert_eq!(
///     serde_json::to_string(&table)?,
///     concat!(
///         r#"{"models":{"anthropic.claude-sonnet-4-5-20250929-v1:0":{"input":"3","output":"15","#,
///         r#""cacheRead":"0.3","cacheWrite":"3.75","cacheWriteByTtl":{"1h":"6"}}}}"#
///     )
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelPrices {
    /// Tokens of the request that no cache had to do with.
    pub input: Price,
    /// Tokens of the answer.
    pub output: Price,
    /// Tokens of the request that were read from a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Price>,
    /// Tokens of the request that were written to a cache which is kept for five minutes, or for as long as the usage does
    /// not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Price>,
    /// Tokens that were written to a cache which is kept for as long as the usage tells, such as `1h`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cache_write_by_ttl: BTreeMap<String, Price>,
}

/// What an answer costs, counted apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// For the tokens of the request that no cache had to do with.
    pub input: Amount,
    /// For the tokens of the answer.
    pub output: Amount,
    /// For the tokens that were read from a cache.
    pub cache_read: Amount,
    /// For the tokens that were written to a cache.
    pub cache_write: Amount,
}

/// What a price table lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PricingError {
    /// It has no such model.
    #[error("the price table has no model {model_id:?}")]
    UnknownModel {
        /// The id that was looked for.
        model_id: String,
    },
    /// It does not say what reading a cache costs.
    #[error("the price table has no cacheRead for {model_id:?}, and {tokens} tokens were read from a cache")]
    NoCacheRead {
        /// The model.
        model_id: String,
        /// The tokens without a price.
        tokens: u64,
    },
    /// It does not say what writing a cache costs.
    #[error(
        "the price table has no cacheWrite for {model_id:?}, and {tokens} tokens were written to a cache"
    )]
    NoCacheWrite {
        /// The model.
        model_id: String,
        /// The tokens without a price.
        tokens: u64,
    },
    /// It does not say what writing a cache costs that is kept for so long.
    #[error(
        "the price table has no cacheWriteByTtl of {:?} for {model_id:?}, and {tokens} tokens were written to such a cache",
        .ttl.as_str()
    )]
    NoCacheWriteByTtl {
        /// The model.
        model_id: String,
        /// How long the cache is kept.
        ttl: CacheTTL,
        /// The tokens without a price.
        tokens: u64,
    },
}

impl PriceTable {
    /// Makes a table without prices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model.
    pub fn model(mut self, model_id: impl Into<String>, prices: ModelPrices) -> Self {
        self.models.insert(model_id.into(), prices);
        self
    }

    /// Gives an id, such as that of an inference profile, the prices of a model.
    pub fn same_as(mut self, id: impl Into<String>, model_id: impl Into<String>) -> Self {
        self.same_as.insert(id.into(), model_id.into());
        self
    }

    /// What an answer costs that was billed by this usage.
    ///
    /// What `cacheDetails` tells is priced by how long each cache is kept; cache writes that it does not tell of, and those of
    /// five minutes where these have no price of their own, by [`cache_write`](ModelPrices::cache_write). A price is needed
    /// only for tokens that there are.
    ///
    /// # Errors
    /// [`PricingError`], of the class [`ErrorClass::Configuration`].
    pub fn cost(&self, model_id: &str, usage: &TokenUsage) -> Result<Cost, Error> {
        self.try_cost(model_id, usage).map_err(|error| Error::above(ErrorClass::Configuration, error))
    }

    fn try_cost(&self, model_id: &str, usage: &TokenUsage) -> Result<Cost, PricingError> {
        let model_id = self.same_as.get(model_id).map_or(model_id, String::as_str);
        let unknown = || PricingError::UnknownModel { model_id: model_id.to_owned() };
        let prices = self.models.get(model_id).ok_or_else(unknown)?;
        Ok(Cost {
            input: prices.input.for_tokens(usage.input_tokens),
            output: prices.output.for_tokens(usage.output_tokens),
            cache_read: prices.cost_of_cache_reads(model_id, usage)?,
            cache_write: prices.cost_of_cache_writes(model_id, usage)?,
        })
    }
}

impl ModelPrices {
    /// Makes the prices of a model that has no cache.
    pub fn new(input: Price, output: Price) -> Self {
        Self { input, output, cache_read: None, cache_write: None, cache_write_by_ttl: BTreeMap::new() }
    }

    /// Sets the price of tokens that are read from a cache.
    pub fn cache_read(mut self, price: Price) -> Self {
        self.cache_read = Some(price);
        self
    }

    /// Sets the price of tokens that are written to a cache.
    pub fn cache_write(mut self, price: Price) -> Self {
        self.cache_write = Some(price);
        self
    }

    /// Sets the price of tokens that are written to a cache which is kept for so long.
    pub fn cache_write_by_ttl(mut self, ttl: CacheTTL, price: Price) -> Self {
        self.cache_write_by_ttl.insert(ttl.as_str().to_owned(), price);
        self
    }

    fn cost_of_cache_reads(&self, model_id: &str, usage: &TokenUsage) -> Result<Amount, PricingError> {
        let tokens = usage.cache_read_input_tokens.unwrap_or_default();
        let no_price = || PricingError::NoCacheRead { model_id: model_id.to_owned(), tokens };
        cost_of(tokens, self.cache_read, no_price)
    }

    fn cost_of_cache_writes(&self, model_id: &str, usage: &TokenUsage) -> Result<Amount, PricingError> {
        let details = usage.cache_details.as_deref().unwrap_or_default();
        let by_ttl: Amount =
            details.iter().map(|detail| self.cost_of_cache_write(model_id, detail)).sum::<Result<_, _>>()?;
        let told = details.iter().fold(0_u64, |told, detail| told.saturating_add(detail.input_tokens));
        let tokens = usage.cache_write_input_tokens.unwrap_or_default().saturating_sub(told);
        let no_price = || PricingError::NoCacheWrite { model_id: model_id.to_owned(), tokens };
        Ok(by_ttl + cost_of(tokens, self.cache_write, no_price)?)
    }

    fn cost_of_cache_write(&self, model_id: &str, detail: &CacheDetail) -> Result<Amount, PricingError> {
        let CacheDetail { ttl, input_tokens: tokens, .. } = detail;
        let by_ttl = self.cache_write_by_ttl.get(ttl.as_str()).copied();
        let price = by_ttl.or(self.cache_write.filter(|_| *ttl == CacheTTL::FiveMinutes));
        let no_price = || PricingError::NoCacheWriteByTtl {
            model_id: model_id.to_owned(),
            ttl: ttl.clone(),
            tokens: *tokens,
        };
        cost_of(*tokens, price, no_price)
    }
}

fn cost_of(
    tokens: u64,
    price: Option<Price>,
    no_price: impl FnOnce() -> PricingError,
) -> Result<Amount, PricingError> {
    match price {
        Some(price) => Ok(price.for_tokens(tokens)),
        None if tokens == 0 => Ok(Amount::ZERO),
        None => Err(no_price()),
    }
}

impl Cost {
    /// All of it.
    pub fn total(&self) -> Amount {
        self.input + self.output + self.cache_read + self.cache_write
    }
}

/// The cost of two answers, each part apart.
impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            output: self.output + other.output,
            cache_read: self.cache_read + other.cache_read,
            cache_write: self.cache_write + other.cache_write,
        }
    }
}
