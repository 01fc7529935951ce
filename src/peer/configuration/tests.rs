//! RTCConfiguration: what is read, what is refused and in which words, what may change.

use proptest::prelude::*;

use super::*;

fn refused(json: &str) -> String {
    parse(json).expect_err(json).to_string()
}

#[test]
fn nothing_said_is_w3cs_defaults() {
    let read = parse("{}").unwrap();
    assert_eq!(read, PeerConfiguration::default());
    assert_eq!(parse(r#"{"peerIdentity":null,"rtcpMuxPolicy":"require"}"#).unwrap(), read);
    let told: Value = serde_json::from_str(&read.to_json()).unwrap();
    assert_eq!(told["bundlePolicy"], "balanced");
    assert_eq!(told["iceTransportPolicy"], "all");
    assert_eq!(told["rtcpMuxPolicy"], "require");
    assert_eq!(told["iceCandidatePoolSize"], 0);
}

#[test]
fn everything_said_is_read_and_told_again() {
    let text = r#"{"iceServers":[{"urls":"stun:a"},{"urls":["turn:b:1?transport=tcp","turns:[::1]:443"],"username":"me",
        "credential":"word","credentialType":"password","ca_file":"ca.pem"},{"urls":"stuns:c"}],
        "iceTransportPolicy":"relay","bundlePolicy":"max-bundle","rtcpMuxPolicy":"require","iceCandidatePoolSize":255,
        "certificates":["a.pem","b.pem"]}"#;
    let read = parse(text).unwrap();
    assert_eq!(read.ice_servers.len(), 3);
    assert_eq!(read.ice_servers[1].urls, ["turn:b:1?transport=tcp", "turns:[::1]:443"]);
    assert_eq!((read.ice_transport_policy, read.bundle_policy), (IceTransport::Relay, BundlePolicy::MaxBundle));
    assert_eq!((read.ice_candidate_pool_size, read.certificates.len()), (255, 2));
    let told = read.to_json();
    assert!(told.contains("word"), "the host's own credentials are told: {told}");
    assert_eq!(parse(&told).unwrap(), read);
}

#[test]
fn what_is_wrong_is_named() {
    for (json, words) in [
        ("", "RTCConfiguration"),
        ("[]", "an object"),
        (r#"{"iceServer":[]}"#, "\"iceServer\" is unknown; one of: iceServers"),
        (r#"{"iceServers":{}}"#, "iceServers = an object is outside a list"),
        (r#"{"iceServers":["stun:a"]}"#, "iceServers[0] = stun:a is outside an object"),
        (r#"{"iceServers":[[]]}"#, "iceServers[0] = a list"),
        (r#"{"iceServers":[{"urls":"stun:a"},{"urls":"http:b"}]}"#, "iceServers[1].urls[0] = http:b"),
        (r#"{"iceServers":[{"urls":[]}]}"#, "iceServers[0].urls"),
        (r#"{"iceServers":[{"urls":"turn:a"}]}"#, "iceServers[0].urls[0] = turn:a is outside TURN with a username"),
        (r#"{"iceServers":[{"urls":"stun:a","user":"b"}]}"#, "iceServers[0]: unknown field `user`"),
        (
            r#"{"iceServers":[{"urls":"turn:a","credentialType":"oauth"}]}"#,
            "iceServers[0].credentialType = oauth is not",
        ),
        (r#"{"iceTransportPolicy":"public"}"#, "iceTransportPolicy = public is not supported: W3C has removed it"),
        (r#"{"iceTransportPolicy":"none"}"#, "one of: all, relay"),
        (r#"{"bundlePolicy":"max"}"#, "one of: balanced, max-compat, max-bundle"),
        (r#"{"bundlePolicy":null}"#, "bundlePolicy = \"null\" is unknown"),
        (r#"{"rtcpMuxPolicy":"negotiate"}"#, "rtcpMuxPolicy = negotiate is not supported: W3C has removed it"),
        (r#"{"iceCandidatePoolSize":256}"#, "iceCandidatePoolSize = 256 is outside a number from 0 to 255"),
        (r#"{"iceCandidatePoolSize":-1}"#, "iceCandidatePoolSize = -1"),
        (r#"{"iceCandidatePoolSize":1.5}"#, "iceCandidatePoolSize = 1.5"),
        (r#"{"certificates":"a.pem"}"#, "certificates = a.pem is outside a list of files"),
        (r#"{"certificates":[""]}"#, "certificates = a list"),
        (r#"{"peerIdentity":"me@example.org"}"#, "peerIdentity = me@example.org is not supported: no browser"),
    ] {
        let error = refused(json);
        assert!(error.contains(words), "{json}: {error}");
    }
    let nine = format!(r#"{{"certificates":[{}]}}"#, [r#""a""#; 9].join(","));
    assert!(refused(&nine).contains("0 to 8"));
}

#[test]
fn credentials_are_in_no_error() {
    for json in [
        r#"{"iceServers":[{"urls":"x:a","username":"me","credential":"geheim"}]}"#,
        r#"{"iceServers":[{"urls":"turn:a","credential":"geheim"}]}"#,
        r#"{"iceServers":[{"urls":"turn:a","username":7,"credential":"geheim"}]}"#,
        r#"{"iceServers":{"credential":"geheim"}}"#,
    ] {
        assert!(!refused(json).contains("geheim"), "{}", refused(json));
    }
}

#[test]
fn only_what_w3c_lets_change_changes() {
    let made = parse(r#"{"bundlePolicy":"max-bundle","certificates":["a.pem"],"iceCandidatePoolSize":1}"#).unwrap();
    let change = |json: &str, described| made.check_change(&parse(json).unwrap(), described);
    let own = r#""bundlePolicy":"max-bundle","iceCandidatePoolSize":1"#;
    change(&format!(r#"{{{own},"iceTransportPolicy":"relay","iceServers":[{{"urls":"stun:a"}}]}}"#), true).unwrap();
    change(&format!(r#"{{{own},"certificates":["a.pem"]}}"#), true).unwrap();
    change(r#"{"bundlePolicy":"max-bundle","iceCandidatePoolSize":2}"#, false).unwrap();
    for (json, key) in [
        // What is not said is W3C's default, as in a browser.
        (r#"{"iceCandidatePoolSize":1}"#, "bundlePolicy"),
        (r#"{"bundlePolicy":"max-bundle","iceCandidatePoolSize":1,"certificates":["b.pem"]}"#, "certificates"),
        (r#"{"bundlePolicy":"max-bundle","iceCandidatePoolSize":2}"#, "iceCandidatePoolSize"),
    ] {
        match change(json, true).unwrap_err() {
            ConfigurationError::Modification { key: named, .. } => assert_eq!(named, key),
            other => panic!("{json}: {other}"),
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("relay".to_owned()),
        Just("stun:a".to_owned()),
        Just("turns:b?transport=tcp".to_owned()),
        Just("max-compat".to_owned()),
        "[ -~]{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![
            Just("iceServers".to_owned()),
            Just("urls".to_owned()),
            Just("credential".to_owned()),
            Just("username".to_owned()),
            Just("certificates".to_owned()),
            Just("iceTransportPolicy".to_owned()),
            Just("iceCandidatePoolSize".to_owned()),
            "[a-z]{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_as_it_is_told_or_refused_in_short(value in value()) {
        match parse(&value.to_string()) {
            Ok(read) => prop_assert_eq!(parse(&read.to_json()).unwrap(), read),
            Err(error) => prop_assert!(error.to_string().len() < 1024),
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_url_is_read_or_refused(url in "(stuns?|turns?|x)?:?[\\[\\]a-z0-9.:%@/?=&-]{0,40}") {
        let json = serde_json::json!({"iceServers": [{"urls": url, "username": "u", "credential": "c"}]}).to_string();
        if let Ok(read) = parse(&json) {
            prop_assert_eq!(&read.ice_servers[0].urls[0], &url);
        }
    }
}
