//! What ids say, and that any text is one.

#![allow(clippy::unwrap_used)]

use bedrock_converse::model_id::{ModelId, ModelIdKind};
use proptest::prelude::*;

use ModelIdKind::*;

/// Text, kind, geography, provider, foundation model, context length.
type PlainCase = (
    &'static str,
    ModelIdKind,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

const NOVA: &str = "amazon.nova-micro-v1:0";

#[rustfmt::skip]
const PLAIN: &[PlainCase] = &[
    (NOVA, FoundationModel, None, Some("amazon"), Some(NOVA), None),
    ("amazon.nova-micro-v1:0:24k", FoundationModel, None, Some("amazon"), Some(NOVA), Some("24k")),
    ("amazon.nova-premier-v1:0:mm", FoundationModel, None, Some("amazon"), Some("amazon.nova-premier-v1:0"), None),
    ("cohere.embed-english-v3:0:512", FoundationModel, None, Some("cohere"), Some("cohere.embed-english-v3:0"), Some("512")),
    ("cohere.embed-english-v3", FoundationModel, None, Some("cohere"), Some("cohere.embed-english-v3"), None),
    ("anthropic.claude-v2:1:18k", FoundationModel, None, Some("anthropic"), Some("anthropic.claude-v2:1"), Some("18k")),
    ("ai21.jamba-1-5-mini-v1:0", FoundationModel, None, Some("ai21"), Some("ai21.jamba-1-5-mini-v1:0"), None),
    ("zai.glm-4.7", FoundationModel, None, Some("zai"), Some("zai.glm-4.7"), None),
    ("us.amazon.nova-micro-v1:0", InferenceProfile, Some("us"), Some("amazon"), Some(NOVA), None),
    ("us-gov.amazon.nova-micro-v1:0", InferenceProfile, Some("us-gov"), Some("amazon"), Some(NOVA), None),
    ("eu.amazon.nova-micro-v1:0", InferenceProfile, Some("eu"), Some("amazon"), Some(NOVA), None),
    ("apac.amazon.nova-micro-v1:0", InferenceProfile, Some("apac"), Some("amazon"), Some(NOVA), None),
    ("jp.amazon.nova-micro-v1:0", InferenceProfile, Some("jp"), Some("amazon"), Some(NOVA), None),
    ("au.amazon.nova-micro-v1:0", InferenceProfile, Some("au"), Some("amazon"), Some(NOVA), None),
    ("ca.amazon.nova-micro-v1:0", InferenceProfile, Some("ca"), Some("amazon"), Some(NOVA), None),
    ("sa.amazon.nova-micro-v1:0", InferenceProfile, Some("sa"), Some("amazon"), Some(NOVA), None),
    ("global.cohere.embed-v4:0", InferenceProfile, Some("global"), Some("cohere"), Some("cohere.embed-v4:0"), None),
    ("moon.amazon.nova-micro-v1:0", FoundationModel, None, Some("moon"), Some("moon.amazon.nova-micro-v1:0"), None),
    ("us.something", FoundationModel, None, Some("us"), Some("us.something"), None),
    ("my-provisioned-model", Unknown, None, None, None, None),
    ("Amazon.nova", Unknown, None, None, None, None),
    (".nova", Unknown, None, None, None, None),
    ("us..nova", FoundationModel, None, Some("us"), Some("us..nova"), None),
    ("amazon.", Unknown, None, None, None, None),
    ("", Unknown, None, None, None, None),
    ("arn:aws:bedrock", Unknown, None, None, None, None),
];

/// Text, kind, region, account, geography, provider, foundation model.
type ArnCase = (
    &'static str,
    ModelIdKind,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

const EAST: Option<&str> = Some("us-east-1");
const ACCOUNT: Option<&str> = Some("123456789012");

#[rustfmt::skip]
const ARNS: &[ArnCase] = &[
    ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
        FoundationModel, EAST, None, None, Some("amazon"), Some(NOVA)),
    ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:24k",
        FoundationModel, EAST, None, None, Some("amazon"), Some(NOVA)),
    ("arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.amazon.nova-micro-v1:0",
        InferenceProfile, Some("us-gov-west-1"), ACCOUNT, Some("us-gov"), Some("amazon"), Some(NOVA)),
    ("arn:aws:bedrock::123456789012:inference-profile/global.amazon.nova-micro-v1:0",
        InferenceProfile, None, ACCOUNT, Some("global"), Some("amazon"), Some(NOVA)),
    ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl",
        ApplicationInferenceProfile, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl",
        ProvisionedModel, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl",
        CustomModel, EAST, ACCOUNT, None, Some("amazon"), Some(NOVA)),
    ("arn:aws:bedrock:us-east-1:123456789012:custom-model/imported/abcdefghijkl",
        CustomModel, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl",
        CustomModelDeployment, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl",
        ImportedModel, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:prompt-router/abcdefghijkl",
        PromptRouter, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1",
        DefaultPromptRouter, EAST, ACCOUNT, None, Some("anthropic"), None),
    ("arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:3",
        Prompt, EAST, ACCOUNT, None, None, None),
    ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/my-endpoint",
        SageMakerEndpoint, EAST, ACCOUNT, None, None, None),
    ("arn:aws:sagemaker:us-east-1:123456789012:model/my.model",
        Unknown, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:model-of-tomorrow/amazon.nova",
        Unknown, EAST, ACCOUNT, None, None, None),
    ("arn:aws:bedrock:us-east-1:123456789012:foundation-model",
        FoundationModel, EAST, ACCOUNT, None, None, None),
];

#[test]
fn plain_ids_say_what_they_say() {
    for (text, kind, geography, provider, foundation_model, context_length) in PLAIN {
        let id = ModelId::new(*text);
        assert_eq!(id.kind(), *kind, "{text}");
        assert_eq!(id.geography(), *geography, "{text}");
        assert_eq!(id.provider(), *provider, "{text}");
        assert_eq!(id.foundation_model(), *foundation_model, "{text}");
        assert_eq!(id.context_length(), *context_length, "{text}");
        assert_eq!(
            (id.is_arn(), id.partition(), id.region(), id.account()),
            (false, None, None, None),
            "{text}"
        );
    }
}

#[test]
fn arns_say_what_they_say() {
    for (text, kind, region, account, geography, provider, foundation_model) in ARNS {
        let id = ModelId::new(*text);
        assert!(id.is_arn(), "{text}");
        assert_eq!(id.kind(), *kind, "{text}");
        assert_eq!((id.region(), id.account()), (*region, *account), "{text}");
        assert_eq!(id.geography(), *geography, "{text}");
        assert_eq!(id.provider(), *provider, "{text}");
        assert_eq!(id.foundation_model(), *foundation_model, "{text}");
        assert!(text.strip_prefix("arn:").unwrap().starts_with(id.partition().unwrap()), "{text}");
    }
}

#[test]
fn variants_of_custom_models_keep_their_context_length() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl";
    assert_eq!(ModelId::new(arn).context_length(), Some("128k"));
}

fn nearly_ids() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("arn:"),
        Just("aws"),
        Just(":"),
        Just("::"),
        Just("bedrock"),
        Just("sagemaker"),
        Just("/"),
        Just("."),
        Just("us"),
        Just("us-gov"),
        Just("amazon"),
        Just("foundation-model"),
        Just("custom-model"),
        Just("endpoint"),
        Just("inference-profile"),
        Just("0"),
        Just("24k"),
        Just("é"),
        Just(" "),
    ];
    proptest::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_an_id_and_stays_as_it_is(text in prop_oneof![any::<String>(), nearly_ids()]) {
        let id = ModelId::from(text.as_str());
        let said = [id.geography(), id.provider(), id.foundation_model(), id.context_length()];
        let of_the_arn = [id.partition(), id.region(), id.account()];
        for part in said.into_iter().chain(of_the_arn).flatten() {
            prop_assert!(!part.is_empty() && text.contains(part));
        }
        prop_assert!(id.is_arn() || of_the_arn == [None; 3]);
        prop_assert!(id.geography().is_none() || id.kind() == InferenceProfile || id.kind() == CustomModel || id.is_arn());
        prop_assert_eq!(id.as_str(), &text);
        prop_assert_eq!(id.to_string(), text.clone());
        prop_assert_eq!(String::from(&id), text.clone());
        prop_assert_eq!(String::from(id), text);
    }
}
