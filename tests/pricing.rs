//! Prices and costs: exact, counted apart, and never guessed.

#![allow(clippy::unwrap_used, clippy::panic)]

use bedrock_converse::ErrorClass;
use bedrock_converse::chat::pricing::{Amount, Cost, ModelPrices, Price, PriceTable, PricingError};
use bedrock_converse::converse::{CacheTTL, TokenUsage};
use bedrock_converse::stand_in::{Reply, StandIn};
use serde_json::{Value, json};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn plain() -> ModelPrices {
    ModelPrices::new(price("3"), price("15"))
}

fn cached() -> ModelPrices {
    plain()
        .cache_read(price("0.3"))
        .cache_write(price("3.75"))
        .cache_write_by_ttl(CacheTTL::OneHour, price("6"))
}

fn usage(usage: Value) -> TokenUsage {
    serde_json::from_value(usage).unwrap()
}

fn cost(prices: ModelPrices, used: Value) -> Cost {
    PriceTable::new().model(MODEL, prices).cost(MODEL, &usage(used)).unwrap()
}

fn failure(table: &PriceTable, model_id: &str, used: Value) -> PricingError {
    let error = table.cost(model_id, &usage(used)).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    error.detail::<PricingError>().unwrap().clone()
}

#[test]
fn prices_are_decimals_and_nothing_else() {
    for (text, printed) in [
        ("0", "0"),
        ("3", "3"),
        ("3.0", "3"),
        ("007.50", "7.5"),
        ("0.000000001", "0.000000001"),
        ("18446744073.709551615", "18446744073.709551615"),
    ] {
        assert_eq!(price(text).to_string(), printed);
        assert_eq!(price(printed), price(text));
    }
    for text in [
        "",
        " ",
        ".5",
        "5.",
        "1.2.3",
        "-1",
        "+1",
        "1e3",
        "0,5",
        "$3",
        " 3",
        "٣",
        "NaN",
        "0.0000000001",
        "18446744073.709551616",
        "99999999999999999999",
    ] {
        assert!(text.parse::<Price>().is_err(), "{text:?}");
    }
}

#[test]
fn nothing_is_rounded() {
    let tenth = price("0.1").for_tokens(1);
    let sum: Amount = std::iter::repeat_n(tenth, 30).sum();
    assert_eq!(sum, price("0.1").for_tokens(30));
    assert_eq!(sum.to_string(), "0.000003");
    assert_eq!(price("0.000000001").for_tokens(1).quadrillionths(), 1);
    assert_eq!(price("0.000000001").for_tokens(1).to_string(), "0.000000000000001");
    assert_eq!(format!("{:>8}", price("2.5").for_tokens(1_000_000)), "     2.5");
    let most = price("18446744073.709551615").for_tokens(u64::MAX);
    assert_eq!(most.quadrillionths(), u128::from(u64::MAX) * u128::from(u64::MAX));
    assert_eq!((most + most).quadrillionths(), u128::MAX);
}

#[test]
fn each_kind_of_token_is_counted_apart() {
    let cost = cost(
        cached(),
        json!({
            "inputTokens": 1_000, "outputTokens": 100, "totalTokens": 13_100,
            "cacheReadInputTokens": 10_000, "cacheWriteInputTokens": 2_000,
        }),
    );
    let parts = [cost.input, cost.output, cost.cache_read, cost.cache_write].map(|part| part.to_string());
    assert_eq!(parts, ["0.003", "0.0015", "0.003", "0.0075"]);
    assert_eq!(cost.total().to_string(), "0.015");
    assert_eq!((cost + cost).total().to_string(), "0.03");
    assert_eq!(Cost::default().total(), Amount::ZERO);
}

#[test]
fn cache_writes_are_priced_by_how_long_the_cache_is_kept() {
    let five_minutes = json!({"ttl": "5m", "inputTokens": 1_000});
    let one_hour = json!({"ttl": "1h", "inputTokens": 1_000});
    let with_own_price = || cached().cache_write_by_ttl(CacheTTL::FiveMinutes, price("4"));
    for (prices, written, details, expected) in [
        (cached(), 2_000, json!([five_minutes, one_hour]), "0.00975"),
        (cached(), 1_000, json!([one_hour]), "0.006"),
        (cached(), 3_000, json!([one_hour]), "0.0135"),
        (cached(), 1_000, json!([]), "0.00375"),
        (cached(), 0, json!([one_hour]), "0.006"),
        (with_own_price(), 1_000, json!([five_minutes]), "0.004"),
        (with_own_price(), 2_000, json!([five_minutes]), "0.00775"),
    ] {
        let used = json!({"cacheWriteInputTokens": written, "cacheDetails": details});
        assert_eq!(cost(prices, used.clone()).cache_write.to_string(), expected, "{used}");
    }
}

#[test]
fn a_price_that_is_missing_is_an_error_only_where_there_are_tokens() {
    let table = PriceTable::new().model(MODEL, plain());
    let model_id = MODEL.to_owned();
    let none = json!({
        "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0, "cacheDetails": [{"ttl": "1h", "inputTokens": 0}],
    });
    assert_eq!(table.cost(MODEL, &usage(none)).unwrap().total(), Amount::ZERO);
    assert_eq!(
        failure(&table, MODEL, json!({"cacheReadInputTokens": 7})),
        PricingError::NoCacheRead { model_id: model_id.clone(), tokens: 7 }
    );
    assert_eq!(
        failure(&table, MODEL, json!({"cacheWriteInputTokens": 7})),
        PricingError::NoCacheWrite { model_id: model_id.clone(), tokens: 7 }
    );
    let table = PriceTable::new().model(MODEL, plain().cache_write(price("3.75")));
    let one_hour = json!({"cacheWriteInputTokens": 7, "cacheDetails": [{"ttl": "1h", "inputTokens": 7}]});
    let error = failure(&table, MODEL, one_hour);
    assert_eq!(error, PricingError::NoCacheWriteByTtl { model_id, ttl: CacheTTL::OneHour, tokens: 7 });
    assert!(error.to_string().contains("\"1h\"") && error.to_string().contains(MODEL), "{error}");
}

#[test]
fn an_id_has_its_own_prices_unless_the_table_says_otherwise() {
    let profile = format!("us.{MODEL}");
    let used = json!({"inputTokens": 1_000_000});
    let table = PriceTable::new().model(MODEL, plain());
    assert_eq!(
        failure(&table, &profile, used.clone()),
        PricingError::UnknownModel { model_id: profile.clone() }
    );
    let aliased = table.clone().same_as(&profile, MODEL);
    assert_eq!(aliased.cost(&profile, &usage(used.clone())).unwrap().total().to_string(), "3");
    let dearer = table.model(&profile, ModelPrices::new(price("3.3"), price("16.5")));
    assert_eq!(dearer.cost(&profile, &usage(used.clone())).unwrap().total().to_string(), "3.3");
    assert_eq!(dearer.cost(MODEL, &usage(used.clone())).unwrap().total().to_string(), "3");
    let astray = PriceTable::new().same_as(&profile, "no-such-model");
    assert!(failure(&astray, &profile, used).to_string().contains("no-such-model"));
}

#[test]
fn a_table_comes_from_a_file_and_goes_back() {
    let table = PriceTable::new().model(MODEL, cached()).same_as("us.x", MODEL);
    let saved = serde_json::to_string(&table).unwrap();
    assert_eq!(serde_json::from_str::<PriceTable>(&saved).unwrap(), table);
    for (file, says) in [
        (r#"{"models": {"m": {"input": 3, "output": "15"}}}"#, "expected a string"),
        (r#"{"models": {"m": {"input": "3.", "output": "15"}}}"#, "\"3.\" is not a price"),
        (r#"{"models": {"m": {"input": "3"}}}"#, "missing field `output`"),
        (
            r#"{"models": {"m": {"input": "3", "output": "15", "cacheRaed": "1"}}}"#,
            "unknown field `cacheRaed`",
        ),
        (r#"{"model": {}}"#, "unknown field `model`"),
        (r#"{"models": "#, "EOF"),
    ] {
        let error = serde_json::from_str::<PriceTable>(file).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn the_usage_of_a_reply_has_a_cost() {
    let stand_in = StandIn::start().await.unwrap();
    stand_in.reply(Reply::event_stream(&include_bytes!("../fixtures/streams/text.bin")[..]));
    let client = stand_in.client().await.unwrap();
    let reply = client.converse(MODEL).user("Hi").stream().await.unwrap().into_response().await.unwrap();
    let usage = reply.usage.unwrap();
    let cost = PriceTable::new().model(MODEL, plain()).cost(MODEL, &usage).unwrap();
    assert_eq!(
        cost.total(),
        price("3").for_tokens(usage.input_tokens) + price("15").for_tokens(usage.output_tokens)
    );
    assert!(cost.total() > Amount::ZERO);
}
