//! What an answer costs, by prices that the program brings.
//!
//! - [`PriceTable`]: the prices of models, and the cost of a [`TokenUsage`](crate::converse::TokenUsage) by them.
//! - [`Price`] and [`Amount`]: money as whole numbers. Nothing is rounded.
//!
//! No prices are built in: they change, and differ by region, by tier and by contract.

mod amount;
mod table;

pub use amount::{Amount, NotAPrice, Price};
pub use table::{Cost, ModelPrices, PriceTable, PricingError};
