//! Profiles from the files to the credentials: roles by a real STS on a socket, processes, and what is wrong with them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod http_server;
mod machine;

use bedrock_converse::credentials::{Answer, Chain, CredentialSource, Profile};
use bedrock_converse::identity::{Credentials, Identity};
use bedrock_converse::{Client, host::Host};

use self::http_server::{HttpServer, Request, Response};
use self::machine::Machine;

/// Names the keys that it gives out after the role: `arn:...:role/one` becomes `ASIA-one`.
async fn sts() -> HttpServer {
    HttpServer::start(|request| {
        let form = String::from_utf8(request.body.clone()).unwrap();
        let role = form.split('&').find_map(|pair| pair.strip_prefix("RoleArn=")).unwrap();
        let name = role.rsplit("%2F").next().unwrap();
        Response::new(
            200,
            format!(
                "<AssumeRoleResponse><AssumeRoleResult>\
                 <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/{name}/me</Arn></AssumedRoleUser>\
                 <Credentials><AccessKeyId>ASIA-{name}</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey>\
                 <SessionToken>token-{name}</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration></Credentials>\
                 </AssumeRoleResult></AssumeRoleResponse>"
            ),
        )
    })
    .await
}

fn machine(sts: &HttpServer, variables: &[(&str, &str)], config: &str) -> Machine {
    let url = sts.url();
    let base = [("HOME", "/home"), ("AWS_ENDPOINT_URL_STS", url.as_str())];
    let machine = Machine::new(&[&base, variables].concat());
    machine.write("/home/.aws/config", config);
    machine
}

fn signed_by(request: &Request) -> (String, String) {
    let authorization = request.header("authorization").unwrap();
    let scope = authorization.split(['=', ',']).nth(1).unwrap();
    let mut parts = scope.split('/');
    (parts.next().unwrap().to_owned(), parts.nth(1).unwrap().to_owned())
}

const CHAINED: &str = "\
[default]
region = eu-central-1
role_arn = arn:aws:iam::123456789012:role/second
source_profile = middle
duration_seconds = 900
[profile middle]
region = us-west-2
role_arn = arn:aws:iam::123456789012:role/first
source_profile = base
external_id = partner 7
role_session_name = build
[profile base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = SECRET
";

#[tokio::test]
async fn roles_are_assumed_one_with_the_credentials_of_the_other() {
    let sts = sts().await;
    let credentials = machine(&sts, &[], CHAINED).found(&Profile::new()).await;
    assert_eq!(credentials.access_key_id(), "ASIA-second");
    assert_eq!(credentials.account_id(), Some("123456789012"));
    let requests = sts.requests();
    assert_eq!(
        requests.iter().map(signed_by).collect::<Vec<_>>(),
        [
            ("AKIDBASE".to_owned(), "eu-central-1".to_owned()),
            ("ASIA-first".to_owned(), "eu-central-1".to_owned())
        ],
        "in the region of the profile that was asked for"
    );
    assert_eq!(requests[1].header("x-amz-security-token"), Some("token-first"));
    let forms: Vec<_> =
        requests.iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect();
    assert!(
        forms[0].contains("&RoleSessionName=build") && forms[0].contains("&ExternalId=partner%207"),
        "{forms:?}"
    );
    assert!(forms[1].contains("&DurationSeconds=900"), "{forms:?}");
}

#[tokio::test]
async fn the_environment_has_its_region_before_the_profile_unless_code_names_the_profile() {
    let sts = sts().await;
    let machine = machine(&sts, &[("AWS_REGION", "ap-south-1")], CHAINED);
    machine.found(&Profile::new()).await;
    machine.found(&Profile::named("default")).await;
    let regions: Vec<_> = sts.requests().iter().map(|request| signed_by(request).1).collect();
    assert_eq!(regions, ["ap-south-1", "ap-south-1", "eu-central-1", "eu-central-1"]);
}

#[tokio::test]
async fn a_role_takes_its_first_credentials_from_where_credential_source_says() {
    let sts = sts().await;
    let config = "[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/one\ncredential_source = Environment\n";
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "SECRET")];
    let with_keys = machine(&sts, &keys, config);
    assert_eq!(with_keys.found(&Profile::new()).await.access_key_id(), "ASIA-one");
    assert_eq!(signed_by(&sts.requests()[0]).0, "AKIDENV");
    let without = machine(&sts, &[], config).broken(&Profile::new()).await;
    assert_eq!(
        without,
        "profile default: its credential_source, environment, has none: AWS_ACCESS_KEY_ID is not set"
    );
    assert_eq!(sts.requests().len(), 1);
}

#[tokio::test]
async fn web_identity_in_a_profile_reads_its_token_each_time() {
    let sts = sts().await;
    let config = "[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/web\nweb_identity_token_file = /token\n";
    let machine = machine(&sts, &[], config);
    for token in ["first", "second"] {
        machine.write("/token", token);
        assert_eq!(machine.found(&Profile::new()).await.access_key_id(), "ASIA-web");
    }
    let forms: Vec<_> =
        sts.requests().iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect();
    assert!(
        forms[0].contains("WebIdentityToken=first") && forms[1].contains("WebIdentityToken=second"),
        "{forms:?}"
    );
    assert!(sts.requests().iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn a_role_without_a_region_says_where_to_set_one() {
    let sts = sts().await;
    let config = CHAINED.replace("region = eu-central-1\n", "").replace("region = us-west-2\n", "");
    let offline = machine(&sts, &[], &config).broken(&Profile::new()).await;
    assert!(offline.contains("AWS_REGION"), "{offline}");
    assert!(sts.requests().is_empty(), "no region is made up");
}

#[tokio::test]
async fn a_profile_that_cannot_work_says_why_and_what_to_do() {
    let sts = sts().await;
    for (config, says) in [
        ("[default]\nrole_arn = r\nsource_profile = b\nmfa_serial = m\n[profile b]\n", "multi-factor"),
        (
            "[default]\nlogin_session = arn:aws:iam::1:user/me\n",
            "configure export-credentials --profile default",
        ),
        ("[default]\nrole_arn = r\nsource_profile = b\nduration_seconds = 60\n", "from 900 to 43200"),
        (
            "[default]\nrole_arn = r\ncredential_source = Ec2\n",
            "must be Environment, Ec2InstanceMetadata or EcsContainer",
        ),
        (
            "[default]\naws_access_key_id = a b\naws_secret_access_key = SECRET\n",
            "a control character or a space",
        ),
        ("[default]\nSECRET\n", "/home/.aws/config, line 2: Expected an '=' sign defining a property"),
        ("[default\nregion = x\n", "/home/.aws/config, line 1: Profile definition must end with ']'"),
        ("[default]\nrole_arn = r\nsource_profile = default\n", "no credentials to assume a role with"),
        ("[default]\nsso_session = s\n[sso-session s]\nsso_region = eu-west-1\n", "has no sso_start_url"),
        (
            "[default]\nsso_session = s\nsso_region = us-east-1\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = u\n",
            "has another sso_region than its sso-session",
        ),
        ("[default]\ncredential_process = echo SECRET; echo gone >&2; exit 3\n", "gone"),
    ] {
        let reason = machine(&sts, &[], config).broken(&Profile::new()).await;
        assert!(reason.contains(says), "{reason}");
    }
}

#[tokio::test]
async fn a_profile_that_is_asked_for_must_be_there() {
    let sts = sts().await;
    let asked_for = machine(&sts, &[("AWS_PROFILE", "prod")], "[profile dev]\n[profile test]\n");
    let reason = asked_for.broken(&Profile::new()).await;
    assert_eq!(reason, "profile prod is not there: there are dev, test (/home/.aws/credentials: not found)");
    let not_asked_for = machine(&sts, &[], "[profile dev]\n");
    assert_eq!(not_asked_for.not_here(&Profile::new()).await, "there is no profile named default");
    let settings = machine(&sts, &[], "[default]\nregion = eu-west-1\n");
    assert_eq!(
        settings.not_here(&Profile::new()).await,
        "the profile default has settings, but no credentials"
    );
}

#[tokio::test]
async fn a_process_gives_the_account_that_it_or_the_profile_names() {
    let sts = sts().await;
    let config = |account: &str| {
        format!(
            "[default]\naws_account_id = 111111111111\ncredential_process = \
             printf '{{\"Version\": 1, \"AccessKeyId\": \"ASIAP\", \"SecretAccessKey\": \"s\"{account}}}'\n"
        )
    };
    for (account, expected) in [("", "111111111111"), (", \"AccountId\": \"222222222222\"", "222222222222")] {
        let credentials = machine(&sts, &[], &config(account)).found(&Profile::new()).await;
        assert_eq!((credentials.access_key_id(), credentials.account_id()), ("ASIAP", Some(expected)));
    }
}

async fn client(machine: Machine) -> Client {
    Client::builder().host(machine).build().await.unwrap()
}

const SETTINGS: &str = "\
[default]
region = eu-north-1
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = SECRET
[profile ci]
region = ap-northeast-1
aws_access_key_id = AKIDCI
aws_secret_access_key = SECRET
use_fips_endpoint = true
use_dualstack_endpoint = true
[profile gateway]
region = eu-west-1
aws_access_key_id = AKIDGATEWAY
aws_secret_access_key = SECRET
endpoint_url = https://all.example/a
services = ours
[services ours]
bedrock_runtime =
    endpoint_url = https://ours.example/b
";

#[tokio::test]
async fn settings_come_from_the_profile_after_the_environment() {
    let sts = sts().await;
    for (variables, endpoint) in [
        (vec![], "https://bedrock-runtime.eu-north-1.amazonaws.com"),
        (vec![("AWS_REGION", "us-east-2")], "https://bedrock-runtime.us-east-2.amazonaws.com"),
        (vec![("AWS_PROFILE", "ci")], "https://bedrock-runtime-fips.ap-northeast-1.api.aws"),
        (
            vec![("AWS_PROFILE", "ci"), ("AWS_USE_FIPS_ENDPOINT", "false")],
            "https://bedrock-runtime.ap-northeast-1.api.aws",
        ),
        (vec![("AWS_PROFILE", "gateway")], "https://ours.example/b"),
        (
            vec![("AWS_PROFILE", "gateway"), ("AWS_ENDPOINT_URL", "https://env.example")],
            "https://env.example",
        ),
        (
            vec![("AWS_PROFILE", "gateway"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
        ),
    ] {
        assert_eq!(client(machine(&sts, &variables, SETTINGS)).await.endpoint().to_string(), endpoint);
    }
    let in_services = SETTINGS.replace("services = ours\n", "");
    let client = client(machine(&sts, &[("AWS_PROFILE", "gateway")], &in_services)).await;
    assert_eq!(client.endpoint().to_string(), "https://all.example/a");
}

const ENVIRONMENT: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIDENV"),
    ("AWS_SECRET_ACCESS_KEY", "SECRET"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_BEARER_TOKEN_BEDROCK", "token"),
];

async fn used(chain: &Chain, machine: &dyn Host) -> String {
    match chain.identity(machine).await.unwrap() {
        Identity::Credentials(credentials) => credentials.access_key_id().to_owned(),
        Identity::BearerToken(_) => "a bearer token".to_owned(),
    }
}

#[tokio::test]
async fn a_profile_named_in_code_goes_before_the_environment_with_its_region() {
    let sts = sts().await;
    let client =
        Client::builder().profile("ci").host(machine(&sts, &ENVIRONMENT, SETTINGS)).build().await.unwrap();
    assert_eq!(client.endpoint().host(), "bedrock-runtime-fips.ap-northeast-1.api.aws");
    assert!(client.explain().await.to_string().contains("AKIDCI"));
    let region_in_code =
        Client::builder().profile("ci").region("eu-west-1").host(machine(&sts, &ENVIRONMENT, SETTINGS));
    assert_eq!(
        region_in_code.build().await.unwrap().endpoint().host(),
        "bedrock-runtime-fips.eu-west-1.api.aws"
    );
}

#[tokio::test]
async fn aws_profile_does_not_go_before_keys_in_the_environment() {
    let sts = sts().await;
    let keys = [ENVIRONMENT[0], ENVIRONMENT[1], ("AWS_PROFILE", "ci")];
    assert_eq!(used(&Chain::standard(), &machine(&sts, &keys, SETTINGS)).await, "AKIDENV");
    let by_hand = Chain::new().profile("gateway").environment();
    assert_eq!(used(&by_hand, &machine(&sts, &keys, SETTINGS)).await, "AKIDGATEWAY");
}

#[tokio::test]
async fn a_bearer_token_goes_before_everything_and_reads_no_file() {
    let sts = sts().await;
    let machine = machine(&sts, &ENVIRONMENT, "[default]\nbroken\n");
    assert_eq!(used(&Chain::standard(), &machine).await, "a bearer token");
    let broken = Profile::new().identity(&machine).await;
    assert!(matches!(broken, Answer::Broken(_)), "{broken:?}");
}

#[tokio::test]
async fn without_a_home_directory_files_are_passed_over() {
    let keys = [ENVIRONMENT[0], ENVIRONMENT[1], ENVIRONMENT[2]];
    let client = client(Machine::new(&keys)).await;
    assert_eq!(client.endpoint().host(), "bedrock-runtime.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn an_api_key_is_minted_from_the_credentials_of_the_profile() {
    let sts = sts().await;
    let minted =
        client(machine(&sts, &[], CHAINED)).await.mint_api_key(std::time::Duration::from_secs(7200)).await;
    assert_eq!(
        minted.unwrap().expiration().unwrap().to_string(),
        "2026-01-02T04:04:05Z",
        "the role's credentials end then"
    );
    let bearer = client(machine(&sts, &ENVIRONMENT, "")).await;
    let error = bearer.mint_api_key(std::time::Duration::from_secs(60)).await.unwrap_err();
    assert!(error.to_string().contains("has a bearer token"), "{error}");
    let error =
        client(machine(&sts, &[], SETTINGS)).await.mint_api_key(std::time::Duration::from_secs(50_000)).await;
    assert!(error.unwrap_err().to_string().contains("twelve hours"));
}

#[test]
fn credentials_are_told_apart_by_nothing_but_their_contents() {
    let one = Credentials::new("a", "b").unwrap();
    assert_eq!(one, Credentials::new("a", "b").unwrap());
    assert_ne!(one, Credentials::new("a", "b").unwrap().with_account_id("1"));
}

/// STS is asked in the region and by the kind of endpoint that code sets for Bedrock.
#[tokio::test]
async fn what_code_sets_goes_before_the_environment_for_sts_too() {
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        ("AWS_ROLE_ARN", "arn:aws-us-gov:iam::1:role/r"),
        ("AWS_REGION", "us-east-1"),
    ];
    for (use_fips, use_dual_stack, url) in [
        (false, false, "https://sts.us-gov-west-1.amazonaws.com/"),
        (false, true, "https://sts.us-gov-west-1.api.aws/"),
        (true, true, "https://sts-fips.us-gov-west-1.api.aws/"),
    ] {
        let machine = Machine::offline(&variables);
        machine.write("/token", "token");
        let builder = Client::builder().host(machine).region("us-gov-west-1");
        let error = builder.use_fips(use_fips).use_dual_stack(use_dual_stack).build().await.unwrap_err();
        assert!(error.to_string().contains(url), "{error}");
    }
}
