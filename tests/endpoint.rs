//! Endpoint URLs, model ids and regions that are awkward, dangerous or wrong.

#![allow(clippy::unwrap_used)]

use bedrock_converse::endpoint::{Endpoint, EndpointError, EndpointParameters, Operation, Region, UrlFlaw};
use bedrock_converse::time::Timestamp;

#[test]
fn a_model_id_is_one_segment_whatever_is_in_it() {
    let endpoint = Endpoint::parse("https://h").unwrap();
    for (model_id, segment) in [
        ("amazon.nova-micro-v1:0", "amazon.nova-micro-v1%3A0"),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-pro-v1%3A0",
        ),
        ("a%3Ab", "a%253Ab"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a?b#c", "a%3Fb%23c"),
        ("-_.~", "-_.~"),
        ("...", "..."),
    ] {
        assert_eq!(
            endpoint.model_path(model_id, Operation::ConverseStream).unwrap(),
            format!("/model/{segment}/converse-stream")
        );
    }
}

#[test]
fn a_model_id_that_is_no_segment_is_refused() {
    let endpoint = Endpoint::parse("https://h").unwrap();
    for model_id in ["", " ", "\n", ".", ".."] {
        assert_eq!(
            endpoint.model_path(model_id, Operation::Converse),
            Err(EndpointError::InvalidModelId(model_id.to_owned()))
        );
    }
    assert!(endpoint.model_path(&"a".repeat(2048), Operation::Converse).is_ok());
    assert_eq!(
        endpoint.model_path(&"a".repeat(2049), Operation::Converse),
        Err(EndpointError::ModelIdTooLong { length: 2049 })
    );
}

#[test]
fn endpoint_urls_keep_what_matters_and_lose_what_does_not() {
    for (given, kept, host) in [
        ("https://h", "https://h", "h"),
        ("HTTPS://Example.COM/", "https://example.com", "example.com"),
        ("https://h:443/", "https://h", "h"),
        ("http://h:80", "http://h", "h"),
        ("http://h:443", "http://h:443", "h:443"),
        ("https://h:8443/llm/v1/", "https://h:8443/llm/v1", "h:8443"),
        ("http://[::1]:8080/a%20b", "http://[::1]:8080/a%20b", "[::1]:8080"),
        ("https://[::1]", "https://[::1]", "[::1]"),
    ] {
        let endpoint = Endpoint::parse(given).unwrap();
        assert_eq!((endpoint.to_string().as_str(), endpoint.host()), (kept, host), "{given}");
        assert_eq!(endpoint.signing_host(), host);
    }
}

#[test]
fn malformed_endpoint_urls_say_what_is_wrong_with_them() {
    for (url, flaw) in [
        ("", UrlFlaw::Scheme),
        ("bedrock.example", UrlFlaw::Scheme),
        ("ftp://h", UrlFlaw::Scheme),
        ("https://", UrlFlaw::Host),
        ("https:///path", UrlFlaw::Host),
        ("https://a b", UrlFlaw::Host),
        ("https://h\n", UrlFlaw::Host),
        ("https://bücher.example", UrlFlaw::Host),
        ("https://[::1", UrlFlaw::Host),
        ("https://[nonsense]", UrlFlaw::Host),
        ("https://h:", UrlFlaw::Port),
        ("https://h:0", UrlFlaw::Port),
        ("https://h:65536", UrlFlaw::Port),
        ("https://h:+80", UrlFlaw::Port),
        ("https://h::80", UrlFlaw::Host),
        ("https://h..x", UrlFlaw::Host),
        ("https://.", UrlFlaw::Host),
        ("https://-h", UrlFlaw::Host),
        ("https://999.1.1.1", UrlFlaw::Host),
        ("https://1.2.3.4.5", UrlFlaw::Host),
        ("https://0x7f.1", UrlFlaw::Host),
        ("https://127.0x1", UrlFlaw::Host),
        ("https://user:password@h", UrlFlaw::UserInfo),
        ("https://h/?q", UrlFlaw::QueryOrFragment),
        ("https://h#f", UrlFlaw::QueryOrFragment),
        ("https://h/a/../b", UrlFlaw::Path),
        ("https://h/%2E%2e/b", UrlFlaw::Path),
        ("https://h/a b", UrlFlaw::Path),
        ("https://h/a%2", UrlFlaw::Path),
        ("https://h/a%zz", UrlFlaw::Path),
        ("https://h/a\\b", UrlFlaw::Path),
        ("https://h/é", UrlFlaw::Path),
    ] {
        match Endpoint::parse(url) {
            Err(EndpointError::InvalidUrl { flaw: found, .. }) => assert_eq!(found, flaw, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[test]
fn an_error_about_a_url_holds_no_password_and_no_query() {
    for url in [
        "https://user:SECRET@h",
        "https://h/?key=SECRET",
        "https://h/#SECRET",
        "https://user:SEC?RET@h",
        "https://u:S#ECRET@h",
    ] {
        let error = Endpoint::parse(url).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("S"), "{error:?}");
    }
}

#[test]
fn a_region_that_could_change_the_host_is_refused() {
    for name in
        ["", " ", "us east", "evil.example/", "us-east-1.evil.example", "-", "US-EAST-1", "us_east", "é"]
    {
        assert_eq!(Region::new(name), Err(EndpointError::InvalidRegion(name.to_owned())));
    }
    assert!(Region::new("us-east-1").is_ok());
}

#[test]
fn regions_of_every_partition_have_their_own_domain() {
    for (region, standard, dual_stack) in [
        ("us-east-1", "us-east-1.amazonaws.com", "us-east-1.api.aws"),
        ("mx-central-1", "mx-central-1.amazonaws.com", "mx-central-1.api.aws"),
        ("cn-north-1", "cn-north-1.amazonaws.com.cn", "cn-north-1.api.amazonwebservices.com.cn"),
        ("us-gov-west-1", "us-gov-west-1.amazonaws.com", "us-gov-west-1.api.aws"),
        ("us-iso-east-1", "us-iso-east-1.c2s.ic.gov", "us-iso-east-1.api.aws.ic.gov"),
        ("us-isob-east-1", "us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1.api.aws.scloud"),
        ("us-isof-south-1", "us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1.api.aws.hci.ic.gov"),
        ("eu-isoe-west-1", "eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1.api.cloud-aws.adc-e.uk"),
        ("eusc-de-east-1", "eusc-de-east-1.amazonaws.eu", "eusc-de-east-1.api.amazonwebservices.eu"),
    ] {
        for service in ["bedrock-runtime", "bedrock"] {
            let mut parameters = EndpointParameters::default();
            parameters.region = Some(Region::new(region).unwrap());
            let resolve = |parameters: &EndpointParameters| {
                Endpoint::resolve(service, parameters).unwrap().host().to_owned()
            };
            assert_eq!(resolve(&parameters), format!("{service}.{standard}"));
            parameters.use_fips = true;
            assert_eq!(resolve(&parameters), format!("{service}-fips.{standard}"));
            parameters.use_dual_stack = true;
            assert_eq!(resolve(&parameters), format!("{service}-fips.{dual_stack}"));
            parameters.use_fips = false;
            assert_eq!(resolve(&parameters), format!("{service}.{dual_stack}"));
        }
    }
}

#[test]
fn the_control_plane_takes_a_url_instead_but_not_with_fips_or_dual_stack() {
    let mut parameters = EndpointParameters::default();
    let resolve = |parameters: &EndpointParameters| Endpoint::resolve("bedrock", parameters);
    assert_eq!(resolve(&parameters), Err(EndpointError::MissingRegion));
    parameters.endpoint = Some("https://gateway.example/aws".to_owned());
    let gateway = resolve(&parameters).unwrap();
    assert_eq!(gateway.foundation_models_path(), "/aws/foundation-models");
    assert_eq!(gateway.inference_profiles_path(), "/aws/inference-profiles");
    assert_eq!(
        gateway.foundation_model_path("arn:aws:bedrock:us-east-1::foundation-model/a.b").unwrap(),
        "/aws/foundation-models/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fa.b"
    );
    parameters.use_dual_stack = true;
    assert_eq!(resolve(&parameters), Err(EndpointError::DualStackWithCustomEndpoint));
    parameters.use_fips = true;
    assert_eq!(resolve(&parameters), Err(EndpointError::FipsWithCustomEndpoint));
}

#[test]
fn only_what_is_asked_of_the_control_plane_is_of_it() {
    for (operation, is_of_control_plane, method) in [
        (Operation::Converse, false, "POST"),
        (Operation::ListAsyncInvokes, false, "GET"),
        (Operation::ListFoundationModels, true, "GET"),
        (Operation::GetFoundationModel, true, "GET"),
        (Operation::ListInferenceProfiles, true, "GET"),
    ] {
        assert_eq!(
            (operation.is_of_control_plane(), operation.method()),
            (is_of_control_plane, method),
            "{operation}"
        );
    }
}

#[test]
fn a_signing_host_is_signed_and_the_other_is_called() {
    let endpoint = Endpoint::parse("https://gateway.example/llm")
        .unwrap()
        .with_signing_host("Bedrock-Runtime.us-east-1.amazonaws.com:443")
        .unwrap();
    assert_eq!(endpoint.host(), "gateway.example");
    assert_eq!(endpoint.signing_host(), "bedrock-runtime.us-east-1.amazonaws.com");
    assert!(endpoint.with_signing_host("a/b").is_err());
    let plain_gateway =
        Endpoint::parse("http://gateway.example").unwrap().with_signing_host("aws.example:443");
    assert_eq!(plain_gateway.unwrap().signing_host(), "aws.example");
}

#[test]
fn dates_out_of_range_or_form_are_errors() {
    for text in
        ["", "20150830", "20150830T123600", "20151330T123600Z", "2015-08-30T12:36:00Z", "２０150830T123Z"]
    {
        assert!(Timestamp::parse_amz_date(text).is_err(), "{text}");
    }
    assert!(Timestamp::parse_http_date("Sun, 30 Aug 2015").is_err());
    assert_eq!(Timestamp::from_unix_seconds(i64::MAX), None);
    assert_eq!(Timestamp::from_unix_seconds(-62_167_219_201), None);
    let (first, last) = (-62_167_219_200, 253_402_300_799);
    assert_eq!(Timestamp::from_unix_seconds(first).unwrap().amz_date().as_str(), "00000101T000000Z");
    assert_eq!(Timestamp::from_unix_seconds(last).unwrap().amz_date().as_str(), "99991231T235959Z");
    assert_eq!(Timestamp::from_unix_seconds(last).unwrap().to_string(), "9999-12-31T23:59:59Z");
}

#[test]
fn what_may_be_a_secret_in_a_url_is_not_shown() {
    for url in
        ["https://h/?key=abc@HUSH", "https://h/x#frag@HUSH", "https://user:HUSH@h/", "https://HUSH@h?x"]
    {
        let shown = Endpoint::parse(url).unwrap_err().to_string();
        assert!(!shown.contains("HUSH"), "{shown}");
        let mut parameters = EndpointParameters::default();
        parameters.endpoint = Some(url.to_owned());
        assert!(!format!("{parameters:?}").contains("HUSH"), "{parameters:?}");
    }
}
