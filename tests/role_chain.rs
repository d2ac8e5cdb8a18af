//! From a profile to its credentials: what AWS's own cases leave open, and what the errors say.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write;
use std::io;

use bedrock_converse::credentials::{BaseSource, NamedSource, RoleChain};
use bedrock_converse::host::Host;
use bedrock_converse::shared_config::SharedConfig;
use bedrock_converse::time::Timestamp;
use zeroize::Zeroizing;

const KEYS: &str = "aws_access_key_id = AKID\naws_secret_access_key = SECRET\n";
const ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/r\n";
const SSO_ROLE: &str = "sso_account_id = 111122223333\nsso_role_name = r\n";
const SESSION: &str = "[sso-session s]\nsso_region = r\nsso_start_url = https://s\n";

fn resolve(config: &str) -> Option<RoleChain> {
    RoleChain::resolve(&SharedConfig::parse(config, "").unwrap(), "a").unwrap()
}

/// Whether a chain begins in the way that a test is about.
type IsWay = fn(&BaseSource) -> bool;

/// Where a profile begins that is not a role.
fn base(config: &str) -> BaseSource {
    let chain = resolve(config).unwrap();
    assert_eq!(chain.roles, []);
    chain.base
}

fn error(config: &str) -> String {
    fit_to_print(&SharedConfig::parse(config, "").unwrap(), "a")
}

/// Every error is one line of bounded length without a full stop at its end and without a secret, whatever it quotes.
fn fit_to_print(config: &SharedConfig, profile: &str) -> String {
    let error = RoleChain::resolve(config, profile).unwrap_err().to_string();
    assert!(!error.chars().any(char::is_control), "{error:?}");
    let is_cut = error.ends_with("...");
    assert!(error.len() < 600 && (is_cut || !error.ends_with('.')), "{error}");
    assert!(!error.contains("SECRET"), "{error}");
    error
}

fn key_of(base: &BaseSource) -> &str {
    match base {
        BaseSource::AccessKey(credentials) => credentials.access_key_id(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_come_with_their_token_and_account() {
    let base = base(&format!("[profile a]\n{KEYS}aws_session_token = T\naws_account_id = 111122223333"));
    let BaseSource::AccessKey(credentials) = base else { panic!("{base:?}") };
    assert_eq!(credentials.secret_access_key(), "SECRET");
    assert_eq!(credentials.session_token(), Some("T"));
    assert_eq!(credentials.account_id(), Some("111122223333"));
}

#[test]
fn a_blank_property_is_not_set() {
    assert_eq!(resolve("[profile a]\naws_access_key_id =\naws_secret_access_key =\nrole_arn = # none"), None);
    let base =
        base("[profile a]\naws_access_key_id =\nsource_profile =\ncredential_process = p\nsso_session =");
    assert_eq!(base, BaseSource::Process { command: "p".to_owned(), account_id: None });
}

#[test]
fn settings_are_no_credentials() {
    assert_eq!(
        resolve("[profile a]\nregion = r\nsso_region = r\nsource_profile = b\nduration_seconds = x"),
        None
    );
    assert_eq!(resolve("[profile a]"), None);
}

#[test]
fn keys_that_cannot_be_sent_are_an_error_that_does_not_show_them() {
    let config = "[profile a]\naws_access_key_id = AKID\naws_secret_access_key = SECRET\n  SECRET";
    assert_eq!(
        error(config),
        "profile a cannot be used: the secret access key holds a control character or a space",
    );
}

#[test]
fn a_role_says_all_that_sts_may_be_told() {
    let chain = resolve(&format!(
        "[profile a]\n{ROLE}source_profile = b\nexternal_id = e\nrole_session_name = n\nduration_seconds = 900\n\
         [profile b]\n{KEYS}"
    ));
    let chain = chain.unwrap();
    assert_eq!(key_of(&chain.base), "AKID");
    let role = &chain.roles[0];
    assert_eq!(role.role_arn, "arn:aws:iam::111122223333:role/r");
    assert_eq!(role.external_id.as_deref(), Some("e"));
    assert_eq!(role.role_session_name.as_deref(), Some("n"));
    assert_eq!(role.duration_seconds, Some(900));
}

#[test]
fn a_duration_is_a_number_of_seconds_that_sts_takes() {
    let chain =
        |seconds: &str| format!("[profile a]\n{ROLE}source_profile = a\n{KEYS}duration_seconds = {seconds}");
    assert_eq!(resolve(&chain("43200")).unwrap().roles[0].duration_seconds, Some(43200));
    for wrong in ["899", "43201", "-900", "900s", "1h", "99999999999999999999"] {
        let says =
            format!("profile a has duration_seconds = {wrong}, but it must be a number from 900 to 43200");
        assert_eq!(error(&chain(wrong)), says);
    }
}

/// The order in which the AWS CLI asks, but for `login_session`, which is of no use here.
#[test]
fn of_several_ways_to_credentials_one_goes_first() {
    let process = "credential_process = p\n";
    let web_identity = "web_identity_token_file = /t\n";
    let sso = format!("sso_session = s\n{SSO_ROLE}");
    let ways: [(&str, IsWay); 6] = [
        (&[ROLE, web_identity].concat(), |base| matches!(base, BaseSource::WebIdentityToken { .. })),
        (&sso, |base| matches!(base, BaseSource::Sso(_))),
        (KEYS, |base| matches!(base, BaseSource::AccessKey(_))),
        (process, |base| matches!(base, BaseSource::Process { .. })),
        ("sso_session = s\n", |base| matches!(base, BaseSource::Sso(_))),
        ("region = r\n", |_| false),
    ];
    for (index, (_, is_first)) in ways[..5].iter().enumerate() {
        let properties: String = ways[index..].iter().map(|(properties, _)| *properties).collect();
        let base = base(&format!("[profile a]\n{properties}{SESSION}"));
        assert!(is_first(&base), "{properties}{base:?}");
    }
}

#[test]
fn a_role_with_a_web_identity_takes_no_source() {
    let source = "source_profile = nowhere\ncredential_source = Nothing\nmfa_serial = m\n";
    let found = base(&format!("[profile a]\n{ROLE}{source}{KEYS}web_identity_token_file = /t"));
    let BaseSource::WebIdentityToken { role, token_file } = found else { panic!("{found:?}") };
    assert_eq!((role.role_arn.as_str(), token_file.as_str()), ("arn:aws:iam::111122223333:role/r", "/t"));
    assert_eq!(
        error("[profile a]\nweb_identity_token_file = /t"),
        "profile a has a web_identity_token_file, but its role_arn was missing",
    );
}

#[test]
fn a_source_profile_may_have_its_credentials_in_any_way() {
    for (source, is_expected) in [
        ("credential_process = p", (|base| matches!(base, BaseSource::Process { .. })) as IsWay),
        (&format!("sso_session = s\n{SSO_ROLE}"), |base| matches!(base, BaseSource::Sso(_))),
        (&format!("{ROLE}{KEYS}source_profile = nowhere"), |base| matches!(base, BaseSource::AccessKey(_))),
    ] {
        let chain =
            resolve(&format!("[profile a]\n{ROLE}source_profile = b\n[profile b]\n{source}\n{SESSION}"));
        let chain = chain.unwrap();
        assert!(is_expected(&chain.base), "{source}: {chain:?}");
        assert_eq!(chain.roles.len(), 1);
    }
}

#[test]
fn a_profile_may_be_the_source_of_its_own_role() {
    for (own, is_expected) in [
        (
            &[KEYS, "credential_process = p"].concat(),
            (|base| matches!(base, BaseSource::AccessKey(_))) as IsWay,
        ),
        (&"credential_process = p".to_owned(), |base| matches!(base, BaseSource::Process { .. })),
        (&format!("sso_session = s\n{SSO_ROLE}"), |base| matches!(base, BaseSource::Sso(_))),
    ] {
        let own = format!("{ROLE}source_profile = a\n{own}\n{SESSION}");
        let chain = resolve(&format!("[profile a]\n{own}")).unwrap();
        assert!(is_expected(&chain.base), "{own}: {chain:?}");
        assert_eq!(chain.roles.len(), 1);
    }
    let later = format!("[profile a]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = b\n");
    assert_eq!(resolve(&format!("{later}credential_process = p")).unwrap().roles.len(), 2);
    assert_eq!(
        error(&format!("[profile a]\n{ROLE}source_profile = a")),
        "profile a is a source_profile, but has no credentials to assume a role with",
    );
}

#[test]
fn a_named_source_is_one_of_three() {
    for (name, source) in [
        ("Environment", NamedSource::Environment),
        ("Ec2InstanceMetadata", NamedSource::Ec2InstanceMetadata),
        ("EcsContainer", NamedSource::EcsContainer),
    ] {
        let chain = resolve(&format!("[profile a]\n{ROLE}credential_source = {name}")).unwrap();
        assert_eq!((chain.base, chain.roles.len()), (BaseSource::NamedSource(source), 1));
    }
    assert_eq!(
        error(&format!("[profile a]\n{ROLE}credential_source = environment")),
        "profile a has credential_source = environment, but it must be Environment, Ec2InstanceMetadata or EcsContainer",
    );
}

#[test]
fn a_circle_is_an_error_at_any_distance() {
    for length in 2..6 {
        for back_to in 0..length - 1 {
            let mut config = String::new();
            for index in 0..length {
                let name = if index == 0 { "a".to_owned() } else { format!("p{index}") };
                let next = if index + 1 == length { back_to } else { index + 1 };
                let source = if next == 0 { "a".to_owned() } else { format!("p{next}") };
                writeln!(config, "[profile {name}]\n{ROLE}source_profile = {source}").unwrap();
            }
            let error = error(&config);
            assert!(error.contains("which goes round in a circle to it"), "{config}{error}");
        }
    }
}

#[test]
fn a_chain_has_an_end() {
    let chain = |roles: usize| {
        let mut config = format!("[profile a]\n{ROLE}source_profile = 1\n[profile {roles}]\n{KEYS}");
        for index in 1..roles {
            writeln!(config, "[profile {index}]\n{ROLE}source_profile = {}", index + 1).unwrap();
        }
        config
    };
    assert_eq!(resolve(&chain(19)).unwrap().roles.len(), 19);
    assert_eq!(error(&chain(20)), "profile 19 is the end of a chain of 20 roles, which is too long");
    assert!(error(&chain(1_000)).contains("too long"));
}

#[test]
fn a_multi_factor_code_is_asked_of_nobody() {
    for source in ["source_profile = b", "credential_source = Environment"] {
        assert_eq!(
            error(&format!("[profile a]\n{ROLE}{source}\nmfa_serial = m\n[profile b]\n{KEYS}")),
            "profile a has an mfa_serial, but nobody is asked for a multi-factor code here: use another profile, with \
             keys from aws sts get-session-token",
        );
    }
    assert_eq!(key_of(&base(&format!("[profile a]\n{KEYS}mfa_serial = m"))), "AKID");
}

#[test]
fn a_login_session_has_a_way_around() {
    let says = |name| {
        format!(
            "profile {name} was made by aws login, whose session only the AWS CLI can use: set credential_process = \
             aws configure export-credentials --profile {name} --format process in another profile, and use that"
        )
    };
    let login = "login_session = arn:aws:iam::111122223333:user/u\n";
    assert_eq!(error(&format!("[profile a]\n{login}")), says("a"));
    assert_eq!(error(&format!("[profile a]\n{ROLE}source_profile = b\n[profile b]\n{login}")), says("b"));
    assert!(matches!(
        base(&format!("[profile a]\n{login}credential_process = p")),
        BaseSource::Process { .. }
    ));
}

#[test]
fn sso_has_two_forms() {
    let found = base(&format!("[profile a]\nsso_session = s\n{SSO_ROLE}{SESSION}"));
    let BaseSource::Sso(sso) = found else { panic!("{found:?}") };
    assert_eq!(
        (sso.session.as_deref(), sso.region.as_str(), sso.start_url.as_str()),
        (Some("s"), "r", "https://s")
    );
    assert_eq!(sso.role.unwrap().role_name, "r");

    let found = base(&format!("[profile a]\nsso_region = r\nsso_start_url = https://s\n{SSO_ROLE}"));
    let BaseSource::Sso(sso) = found else { panic!("{found:?}") };
    assert_eq!((sso.session, sso.region.as_str(), sso.start_url.as_str()), (None, "r", "https://s"));
    assert_eq!(sso.role.unwrap().account_id, "111122223333");

    let found = base(
        "[profile a]\nsso_session = my name\n[sso-session \"my name\"]\nsso_region = r\nsso_start_url = u",
    );
    let BaseSource::Sso(sso) = found else { panic!("{found:?}") };
    assert_eq!((sso.session.as_deref(), sso.role), (Some("my name"), None));
}

#[test]
fn a_session_may_be_repeated_but_not_contradicted() {
    let found = base(&format!("[profile a]\nsso_session = s\nsso_region = r\n{SSO_ROLE}{SESSION}"));
    assert!(matches!(found, BaseSource::Sso(_)));
    assert_eq!(
        error(&format!("[profile a]\nsso_session = s\nsso_start_url = x\n{SSO_ROLE}{SESSION}")),
        "profile a has another sso_start_url than its sso-session s: remove it",
    );
}

#[test]
fn sso_says_what_it_lacks() {
    for (properties, says) in [
        (SSO_ROLE, "has sso_account_id, so sso_session or sso_start_url must be set too"),
        ("sso_account_id = x", "has sso_account_id, so sso_role_name must be set too"),
        ("sso_role_name = x", "has sso_role_name, so sso_account_id must be set too"),
        ("sso_start_url = x", "has sso_start_url, so sso_region must be set too"),
        ("sso_start_url = x\nsso_region = x", "has sso_start_url, so sso_account_id must be set too"),
        ("sso_session = x", "names the sso-session x, which is not there"),
        ("sso_session = no", "names the sso-session no, which has no sso_region"),
        ("sso_session = no\nsso_region = r", "has sso_region, but it belongs into its [sso-session no]"),
        ("sso_session = blank", "names the sso-session blank, which has no sso_start_url"),
    ] {
        let sessions = "[sso-session no]\n[sso-session blank]\nsso_region = r\nsso_start_url = ";
        assert_eq!(error(&format!("[profile a]\n{properties}\n{sessions}")), format!("profile a {says}"));
    }
}

#[test]
fn a_source_profile_that_is_not_there_is_named() {
    assert_eq!(
        error(&format!("[profile a]\n{ROLE}source_profile = b")),
        "profile a names the source_profile b, which is not there",
    );
}

#[test]
fn a_profile_that_is_not_there_is_told_from_those_most_like_it() {
    assert_eq!(error(""), "profile a is not there: there are no profiles");
    let mut text = String::new();
    for name in ["alpha", "dev", "prod-eu", "prod-us", "Prod", "staging", "test", "zeta"] {
        writeln!(text, "[profile {name}]").unwrap();
    }
    let config = SharedConfig::parse(&text, "").unwrap();
    assert_eq!(
        fit_to_print(&config, "prod-e"),
        "profile prod-e is not there: there are prod-eu, prod-us, Prod, alpha, dev and 3 more",
    );
}

/// A container that runs as another user than the one whose home it has.
#[derive(Debug)]
struct Container;

impl Host for Container {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/h".to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn is_windows(&self) -> bool {
        false
    }

    fn read_file(&self, path: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        match path {
            "/h/.aws/config" => Err(io::ErrorKind::PermissionDenied.into()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[test]
fn a_profile_that_is_not_there_may_be_in_a_file_that_was_not_read() {
    assert_eq!(
        fit_to_print(&SharedConfig::load(&Container).unwrap(), "a"),
        "profile a is not there: there are no profiles (/h/.aws/config: permission denied; \
         /h/.aws/credentials: not found)",
    );
}

#[test]
fn names_and_values_as_long_as_the_file_are_cut() {
    let long = "\u{1b}x".repeat(10_000);
    let profile = "p".repeat(10_000);
    for config in [
        format!("[profile a]\nregion = r\n[profile {profile}]\n[profile {profile}q]\n[profile {profile}r]"),
        format!("[profile {profile}]\n{ROLE}duration_seconds = {long}\n {long}"),
        format!("[profile {profile}]\n{ROLE}credential_source = {long}\n {long}"),
        format!("[profile {profile}]\n{ROLE}source_profile = {long}\n {long}"),
        format!("[profile {profile}]\n{ROLE}source_profile = b\nmfa_serial = m"),
        format!("[profile {profile}]\nlogin_session = l"),
        format!("[profile {profile}]\nsso_session = {long}\n {long}"),
    ] {
        let config = SharedConfig::parse(&config, "").unwrap();
        let name = if config.profile("a").is_some() { "not there" } else { &profile };
        fit_to_print(&config, name);
        fit_to_print(&config, &long);
    }
}

#[test]
fn what_may_hold_a_secret_is_not_printed() {
    for properties in
        [KEYS, "credential_process = login --password SECRET", &format!("{KEYS}aws_session_token = SECRET")]
    {
        let chain = resolve(&format!("[profile a]\n{properties}\n")).unwrap();
        assert!(!format!("{chain:?}").contains("SECRET"), "{chain:?}");
    }
}
