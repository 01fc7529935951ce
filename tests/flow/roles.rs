//! Who plays: by policy, by asking, by handing over, by the host's decision; and what becomes of others' input.

use rendercast::roles::{Role, RoleError};
use serde_json::json;

use super::control::{HELLO, Page, host, input, until};
use super::*;

fn role(host: &Host, viewer: ViewerId) -> Role {
    host.streamer.viewers().into_iter().find(|present| present.viewer == viewer).unwrap().role
}

fn key(wanted: u16) -> impl Fn(ViewerId, InputKind) -> Option<(ViewerId, bool)> {
    move |who, kind| match kind {
        InputKind::Key { key, down, .. } if key == wanted => Some((who, down)),
        _ => None,
    }
}

/// What the host is told of roles next: of whom, and what.
async fn told(host: &Host, kind: EventKind) -> (ViewerId, Role) {
    let event = async {
        loop {
            match host.streamer.poll_event() {
                Some(event) if event.kind == kind => return (event.viewer, event.role.unwrap()),
                Some(_) => {}
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, event).await.expect("the host is told")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spectators_input_is_dropped_until_a_player_hands_over_and_what_that_one_held_is_released() {
    let host = host(r#"{"players":"first"}"#);
    let (one, welcome) = Page::open(&host, HELLO).await;
    assert_eq!((&welcome["role"], &welcome["players"]), (&json!("player"), &json!(1)));
    assert_eq!(told(&host, EventKind::RoleChanged).await, (one.id, Role::Player(1)));
    let (two, welcome) = Page::open(&host, HELLO).await;
    assert_eq!((&welcome["role"], &welcome["number"]), (&json!("spectator"), &json!(0)));
    assert_eq!((&welcome["players"], &welcome["may_ask"]), (&json!(1), &json!(true)));

    two.key(38, true).await;
    two.key(38, false).await;
    until("the spectator's events", || host.counter("input_events_of_spectators") >= 2).await;
    one.key(37, true).await;
    assert_eq!(input(&host, |who, kind| key(37)(who, kind.clone()).or(key(38)(who, kind))).await, (one.id, true));

    two.say(r#"{"type":"role","want":"player"}"#).await;
    assert_eq!(one.hears("asked").await["viewer"], two.id.0);
    assert_eq!(told(&host, EventKind::RoleAsked).await, (two.id, Role::Spectator));
    one.say(&json!({ "type": "give", "viewer": two.id.0 }).to_string()).await;
    let (lost, won) = (one.hears("role").await, two.hears("role").await);
    assert_eq!((&lost["role"], &lost["number"]), (&json!("spectator"), &json!(0)));
    assert_eq!((&won["role"], &won["number"]), (&json!("player"), &json!(1)));
    assert_eq!(two.hears("welcome").await["role"], "player", "it is welcomed again with what has changed");
    assert_eq!(input(&host, key(37)).await, (one.id, false), "what it held is released");
    assert_eq!(told(&host, EventKind::RoleChanged).await, (one.id, Role::Spectator));
    assert_eq!(told(&host, EventKind::RoleChanged).await, (two.id, Role::Player(1)));
    assert_eq!((role(&host, one.id), role(&host, two.id)), (Role::Spectator, Role::Player(1)));

    let dropped = host.counter("input_events_of_spectators");
    one.key(37, false).await;
    until("its own key-up", || host.counter("input_events_of_spectators") > dropped).await;
    two.key(38, true).await;
    assert_eq!(input(&host, |who, kind| key(37)(who, kind.clone()).or(key(38)(who, kind))).await, (two.id, true));
    // Who waits moves up.
    two.viewer.leave().await;
    assert_eq!(one.hears("role").await["number"], 1);
    assert_eq!(input(&host, key(38)).await, (two.id, false));
    one.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_unity_render_streaming_have_roles_too() {
    let host = host(r#"{"players":"first"}"#);
    let link = host.link().await;
    let one = Viewer::open(&link).await.unwrap();
    let first = told(&host, EventKind::RoleChanged).await;
    let (page, _) = Page::open(&host, HELLO).await;
    assert_eq!((first.1, role(&host, page.id)), (Role::Player(1), Role::Spectator));
    page.key(40, true).await;
    until("the spectator's key", || host.counter("input_events_of_spectators") >= 1).await;
    while one.channel.send(bytes::BytesMut::from(&[0, 1, 0, 37, 0][..])).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(input(&host, key(37)).await, (first.0, true));
    one.leave().await;
    assert_eq!(told(&host, EventKind::RoleChanged).await, (page.id, Role::Player(1)));
    // The key that it holds since it was a spectator comes as a key that goes down.
    page.key(40, true).await;
    assert_eq!(input(&host, key(40)).await, (page.id, true));
    page.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_host_decides_it_is_asked_and_its_answer_counts() {
    let host = host(r#"{"players":"host","max_players":1}"#);
    let streamer = &host.streamer;
    let (one, welcome) = Page::open(&host, HELLO).await;
    assert_eq!(welcome["role"], "spectator");
    let (two, _) = Page::open(&host, HELLO).await;
    one.say(r#"{"type":"role","want":"player"}"#).await;
    assert_eq!(told(&host, EventKind::RoleAsked).await, (one.id, Role::Spectator));
    streamer.set_viewer_role(one.id, true).unwrap();
    assert_eq!(one.hears("role").await["number"], 1);
    assert_eq!(streamer.set_viewer_role(two.id, true), Err(RoleError::Full(1)));
    one.key(37, true).await;
    assert_eq!(input(&host, key(37)).await, (one.id, true));
    streamer.set_viewer_role(one.id, false).unwrap();
    assert_eq!(input(&host, key(37)).await, (one.id, false));
    assert_eq!(one.hears("role").await["reason"], "the host decided so");
    streamer.set_viewer_role(two.id, true).unwrap();
    assert_eq!(two.hears("role").await["number"], 1);
    two.say(r#"{"type":"role","want":"spectator"}"#).await;
    assert_eq!(two.hears("role").await["role"], "spectator");
    assert_eq!(streamer.set_viewer_role(ViewerId(u32::MAX), true), Err(RoleError::NoViewer(ViewerId(u32::MAX))));
    one.viewer.leave().await;
    two.viewer.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_token_only_the_page_that_knows_it_plays() {
    let host = host(r#"{"players":"token","player_token":"open sesame"}"#);
    let (one, welcome) = Page::open(&host, HELLO).await;
    assert_eq!((&welcome["role"], &welcome["may_ask"]), (&json!("spectator"), &json!(false)));
    one.say(r#"{"type":"role","want":"player"}"#).await;
    assert_eq!(one.hears("role").await["role"], "spectator");
    let (two, welcome) = Page::open(&host, r#"{"type":"hello","version":1,"player_token":"open sesame"}"#).await;
    assert_eq!((&welcome["role"], &welcome["number"]), (&json!("player"), &json!(1)));
    let wrong = r#"{"type":"hello","version":1,"player_token":"open says me"}"#;
    let (three, welcome) = Page::open(&host, wrong).await;
    assert_eq!(welcome["role"], "spectator");
    for page in [one, two, three] {
        page.viewer.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_too_much_is_bounded_and_no_key_stays_down() {
    let host = host(r#"{"max_events_per_second":10}"#);
    let (page, _) = Page::open(&host, HELLO).await;
    // Twenty keys, each down and up.
    for key in 17..37 {
        page.key(key, true).await;
        page.key(key, false).await;
    }
    let mut down = std::collections::BTreeSet::new();
    loop {
        let (key, is_down) = input(&host, |_, kind| match kind {
            InputKind::Key { key, down, .. } => Some((key, down)),
            _ => None,
        })
        .await;
        if is_down {
            down.insert(key);
        } else {
            down.remove(&key);
        }
        if (key, is_down) == (36, false) {
            break;
        }
    }
    assert!(down.is_empty(), "{down:?}");
    assert!(host.counter("input_messages_limited") > 0);
    page.viewer.leave().await;
}
