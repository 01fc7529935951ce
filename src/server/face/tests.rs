mod calls;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::config::{AnswerCalls, SignalingMode};
use crate::server::hub::{Arrival, Frame, Limits, Transport};
use crate::signaling::{CallAction, ConnectionId, IceCandidate, SignalCommand, SignalEvent};

/// A server with faces at its sockets, in virtual time.
struct World {
    hub: Hub<()>,
    config: ServerConfig,
    faces: Vec<(SessionId, Face)>,
    now: u64,
}

impl World {
    fn new(config: ServerConfig) -> Self {
        Self {
            hub: Hub::new(config.mode, Limits::of(&config)).with_calls(config.answer_calls),
            config,
            faces: Vec::new(),
            now: 1_000,
        }
    }

    /// Gives the number of the socket.
    fn open(&mut self, path: &str, room: Option<&str>, host_begins: bool) -> usize {
        let number = self.faces.len();
        let room = room.and_then(Room::parse);
        let mut face = Face::of(path, room.as_ref(), host_begins, format!("line{number}"), &self.config);
        let id = SessionId(format!("session{number}").into());
        let arrival = Arrival { room, page: face.page(), ..Arrival::of(Transport::WebSocket) };
        self.hub.open(id.clone(), arrival, (), self.now).unwrap();
        face.opened(&mut self.hub, &id, self.now).unwrap();
        self.faces.push((id, face));
        number
    }

    fn send(&mut self, socket: usize, message: Value) -> Result<Option<String>, FaceError> {
        self.send_bytes(socket, message.to_string().as_bytes())
    }

    fn send_bytes(&mut self, socket: usize, bytes: &[u8]) -> Result<Option<String>, FaceError> {
        self.now += 1;
        let (id, face) = &mut self.faces[socket];
        face.handle(&mut self.hub, id, bytes, self.now)
    }

    /// What the socket has been told; none once it is to be closed.
    fn heard(&mut self, socket: usize) -> Option<Vec<Value>> {
        let (id, face) = &mut self.faces[socket];
        let mut heard = Vec::new();
        for frame in self.hub.take_frames(id)? {
            let said = match frame {
                Frame::Message(message) => face.say(&message),
                Frame::Text(text) => Said::Frame(text),
                Frame::Call(word) => face.say_call(word),
            };
            match said {
                Said::Frame(text) => heard.push(serde_json::from_str(&text).unwrap()),
                Said::Nothing => {}
                Said::Close(_) => return None,
            }
        }
        Some(heard)
    }

    fn say(&mut self, command: SignalCommand) {
        self.now += 1;
        self.hub.handle_command(command, self.now);
    }

    fn event(&mut self) -> Option<SignalEvent> {
        self.hub.poll_event()
    }

    /// The connection of the one event that waits, which is an offer.
    fn offered(&mut self) -> ConnectionId {
        let Some(SignalEvent::Offer { connection, polite: true, one_stream: true, .. }) = self.event() else {
            panic!()
        };
        connection
    }

    fn invited(&mut self) -> ConnectionId {
        let Some(SignalEvent::Invite { connection, one_stream: true }) = self.event() else { panic!() };
        connection
    }

    fn close(&mut self, socket: usize) {
        let id = self.faces[socket].0.clone();
        self.hub.close(&id);
    }
}

fn sdp(session: u32) -> String {
    format!("v=0\r\no=- {session} 2 IN IP4 127.0.0.1\r\ns=-\r\n")
}

fn candidate(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

fn answer(connection: &ConnectionId) -> SignalCommand {
    SignalCommand::Answer { connection: connection.clone(), sdp: "answer".into() }
}

#[test]
fn relay_pages_that_offer_are_answered_and_do_not_disturb_each_other() {
    let mut world = World::new(ServerConfig { mode: SignalingMode::Private, ..ServerConfig::default() });
    let (a, b) = (world.open("/relay", None, false), world.open("/relay", None, false));
    world.send(a, json!({"type": "offer", "sdp": sdp(1)})).unwrap();
    world.send(a, json!({"type": "ice", "ice": json!({"candidate": "x", "sdpMid": "0"}).to_string()})).unwrap();
    let connection = world.offered();
    let told = IceCandidate { candidate: "x".into(), sdp_mid: Some("0".into()), sdp_mline_index: None };
    assert_eq!(world.event(), Some(SignalEvent::Candidate { connection: connection.clone(), candidate: told }));
    world.say(SignalCommand::Candidate { connection: connection.clone(), candidate: candidate("early") });
    world.say(answer(&connection));
    world.say(SignalCommand::Candidate { connection, candidate: candidate("") });
    let heard = world.heard(a).unwrap();
    assert_eq!(heard.len(), 2, "the page cannot use an empty candidate: {heard:?}");
    assert_eq!(heard[0], json!({"type": "answer", "sdp": "answer"}));
    let ice: Value = serde_json::from_str(heard[1]["ice"].as_str().unwrap()).unwrap();
    assert_eq!((&heard[1]["type"], ice["candidate"].as_str()), (&json!("ice"), Some("early")));
    assert_eq!(world.heard(b), Some(vec![]));
    world.send(b, json!({"type": "offer", "sdp": sdp(1)})).unwrap();
    assert_ne!(world.offered(), ConnectionId("relay-line0-0".into()));
}

#[test]
fn a_relay_page_that_waits_is_offered_to_and_answers() {
    let mut world = World::new(ServerConfig::default());
    let page = world.open("/relay", None, true);
    let connection = world.invited();
    world.say(SignalCommand::Offer { connection: connection.clone(), sdp: "offer".into() });
    assert_eq!(world.heard(page).unwrap(), [json!({"type": "offer", "sdp": "offer"})]);
    world.send(page, json!({"type": "answer", "sdp": sdp(1)})).unwrap();
    assert_eq!(world.event(), Some(SignalEvent::Answer { connection: connection.clone(), sdp: sdp(1) }));
    world.send(page, json!({"type": "offer", "sdp": sdp(1)})).unwrap();
    assert_eq!(world.offered(), connection, "the same peer connection negotiates anew");
}

#[test]
fn a_relay_page_with_a_new_peer_connection_is_a_new_viewer() {
    let mut world = World::new(ServerConfig::default());
    let page = world.open("/relay", None, false);
    world.send(page, json!({"type": "offer", "sdp": sdp(1)})).unwrap();
    let first = world.offered();
    world.send(page, json!({"type": "offer", "sdp": sdp(2)})).unwrap();
    assert_eq!(world.event(), Some(SignalEvent::Disconnect { connection: first.clone() }));
    let second = world.offered();
    world.say(answer(&first));
    world.say(SignalCommand::Disconnect { connection: first });
    world.say(answer(&second));
    assert_eq!(world.heard(page).unwrap(), [json!({"type": "answer", "sdp": "answer"})]);
    world.say(SignalCommand::Disconnect { connection: second });
    assert_eq!(world.heard(page), None, "the host's goodbye is the end of the socket");
}

/// A message of the call protocol.
fn call(kind: &str, from: &str, target: &str, data: Value) -> Value {
    match data {
        Value::Null => json!({"type": kind, "username": from, "target": target}),
        data => json!({"type": kind, "username": from, "target": target, "data": data}),
    }
}

fn sign_in(world: &mut World, socket: usize, name: &str) {
    assert_eq!(world.send(socket, call("SignIn", name, "", Value::Null)), Ok(None));
    assert!(matches!(world.event(), Some(SignalEvent::UserSignedIn { .. })));
}

#[test]
fn a_call_goes_through_its_life() {
    let mut world = World::new(ServerConfig::default());
    let page = world.open("/call", None, false);
    let offer = |session| call("Offer", "ann", "rendercast", json!(sdp(session)));
    assert!(matches!(world.send(page, offer(1)), Err(FaceError::Refused(_))), "not signed in");
    sign_in(&mut world, page, "ann");
    world.send(page, call("EndCall", "ann", "rendercast", Value::Null)).unwrap();
    world.send(page, call("IceCandidates", "ann", "rendercast", json!("{\"sdp\":\"early\"}"))).unwrap();
    assert_eq!(world.event(), None);
    world.send(page, offer(1)).unwrap();
    let connection = world.offered();
    let android = json!({"sdp": "c", "sdpMid": "0", "sdpMLineIndex": 0, "serverUrl": ""}).to_string();
    world.send(page, call("IceCandidates", "ann", "rendercast", json!(android))).unwrap();
    let told = SignalEvent::Candidate { connection: connection.clone(), candidate: candidate("c") };
    assert_eq!(world.event(), Some(told));
    world.say(answer(&connection));
    assert_eq!(world.heard(page).unwrap(), [call("Answer", "rendercast", "ann", json!("answer"))]);
    world.send(page, call("EndCall", "ann", "rendercast", Value::Null)).unwrap();
    assert_eq!(world.event(), Some(SignalEvent::Disconnect { connection: connection.clone() }));
    world.send(page, offer(2)).unwrap();
    let next = world.offered();
    assert_ne!(next, connection);
    world.say(SignalCommand::Disconnect { connection: next });
    assert_eq!(world.heard(page).unwrap(), [call("EndCall", "rendercast", "ann", Value::Null)]);
}

#[test]
fn who_asks_to_be_called_is_called_once_and_where_the_page_wishes_the_host_asks() {
    let mut world = World::new(ServerConfig { user_name: "game".into(), ..ServerConfig::default() });
    let page = world.open("/call", None, false);
    sign_in(&mut world, page, "ann");
    world.send(page, call("StartStreaming", "ann", "game", Value::Null)).unwrap();
    let connection = world.invited();
    world.say(SignalCommand::Offer { connection: connection.clone(), sdp: "offer".into() });
    assert_eq!(world.heard(page).unwrap(), [call("Offer", "game", "ann", json!("offer"))]);
    world.send(page, call("Answer", "ann", "game", json!(sdp(1)))).unwrap();
    assert_eq!(world.event(), Some(SignalEvent::Answer { connection, sdp: sdp(1) }));
    let waiting = world.open("/call", None, true);
    let asked = world.send(waiting, call("SignIn", "bob", "", Value::Null)).unwrap().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&asked).unwrap(), call("StartStreaming", "game", "bob", Value::Null));
    sign_in(&mut world, waiting, "bob");
}

#[test]
fn names_are_checked_and_pages_reach_the_host_only() {
    let mut world = World::new(ServerConfig::default());
    let (a, b) = (world.open("/call", None, false), world.open("/call", None, false));
    let long = "x".repeat(129);
    for name in ["", "rendercast", "a\nb", &long] {
        let result = world.send(a, call("SignIn", name, "", Value::Null));
        assert!(matches!(result, Err(FaceError::Refused(_))), "{name:?}: {result:?}");
    }
    sign_in(&mut world, a, "ann");
    sign_in(&mut world, b, "ann");
    assert!(matches!(world.send(a, call("SignIn", "bob", "", Value::Null)), Err(FaceError::Refused(_))));
    let refused = world.send(a, call("Offer", "ann", "bob", json!("x")));
    assert_eq!(refused, Err(FaceError::Refused("only the host can be called here")));
    assert_eq!((world.heard(b), world.event()), (Some(vec![]), None));
}

#[test]
fn where_calls_are_forwarded_they_carry_the_callers_own_name_and_stay_in_their_room() {
    let mut world = World::new(ServerConfig { forward_calls: true, ..ServerConfig::default() });
    let (a, b) = (world.open("/call", Some("blue"), false), world.open("/call", Some("blue"), false));
    let other = world.open("/call", Some("red"), false);
    sign_in(&mut world, a, "ann");
    sign_in(&mut world, b, "bob");
    // A name is its room's.
    sign_in(&mut world, other, "bob");
    let second = world.open("/call", Some("blue"), false);
    let taken = world.send(second, call("SignIn", "bob", "", Value::Null));
    assert_eq!(taken, Err(FaceError::Hub(HubError::NameTaken)));
    world.send(a, call("Offer", "the king", "bob", json!("sdp"))).unwrap();
    assert_eq!(world.heard(b).unwrap(), [call("Offer", "ann", "bob", json!("sdp"))]);
    assert_eq!(world.heard(other), Some(vec![]));
    let unknown = world.send(a, call("Offer", "ann", "cleo", json!("sdp")));
    assert_eq!(unknown, Err(FaceError::Hub(HubError::UnknownUser)));
    world.close(b);
    assert_eq!(world.send(a, call("EndCall", "ann", "bob", json!(null))), Err(FaceError::Hub(HubError::UnknownUser)));
    assert_eq!(world.event(), None, "the host hears nothing of it");
}

#[test]
fn a_flood_of_forwarded_text_is_refused_and_its_target_lives() {
    let mut world = World::new(ServerConfig { forward_calls: true, ..ServerConfig::default() });
    let (a, b) = (world.open("/call", None, false), world.open("/call", None, false));
    sign_in(&mut world, a, "ann");
    sign_in(&mut world, b, "bob");
    let flood = call("Offer", "ann", "bob", json!("x".repeat(100_000)));
    let results: Vec<_> = (0..2_000).map(|_| world.send(a, flood.clone())).collect();
    assert_eq!(results.last(), Some(&Err(FaceError::Hub(HubError::UserBusy))));
    world.send(b, call("Offer", "bob", "rendercast", json!(sdp(1)))).unwrap();
    let connection = world.offered();
    world.say(answer(&connection));
    let heard = world.heard(b).unwrap();
    assert!(heard.len() < 30 && heard.last().unwrap()["type"] == "Answer", "{}", heard.len());
}

/// Words of every protocol, well-formed or not quite, with ids of others.
fn word() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just(Value::Null),
        Just(json!(7)),
        (0u32..3).prop_map(|n| json!(sdp(n))),
        Just(json!("{\"candidate\":\"c\",\"sdpMid\":\"0\"}")),
        Just(json!({"candidate": "c", "sdpMLineIndex": 70_000})),
        Just(json!("null")),
        "[ -~]{0,20}".prop_map(|text| json!(text)),
        "\\PC{0,20}".prop_map(|text| json!(text)),
    ];
    let kind = prop::sample::select(vec![
        "offer",
        "answer",
        "ice",
        "candidate",
        "connect",
        "disconnect",
        "SignIn",
        "StartStreaming",
        "Offer",
        "Answer",
        "IceCandidates",
        "EndCall",
        "error",
        "Error",
        "",
    ]);
    let name = prop::sample::select(vec!["", "ann", "bob", "calm", "rendercast", "relay-line0-0", "ann-line1-1", "1"]);
    let whole = (kind, name.clone(), name, text.clone(), text).prop_map(|(kind, name, target, sdp, data)| {
        let nested = json!({"connectionId": target, "sdp": sdp, "candidate": data});
        let data = if kind.starts_with(char::is_lowercase) { nested } else { data };
        json!({"type": kind, "connectionId": name, "username": name, "target": target, "sdp": sdp, "ice": sdp, "data": data})
            .to_string()
            .into_bytes()
    });
    prop_oneof![
        12 => whole.clone(),
        // Cut off.
        1 => (whole, any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| { bytes.truncate(at.index(bytes.len())); bytes }),
        1 => proptest::collection::vec(any::<u8>(), 0..60),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Close(usize),
    Send(usize, Vec<u8>),
    /// Says its last words again.
    Replay(usize),
    Host(usize, u8),
    Hear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..6usize).prop_map(Step::Open),
        1 => (0..6usize).prop_map(Step::Close),
        20 => (0..6usize, word()).prop_map(|(socket, bytes)| Step::Send(socket, bytes)),
        3 => (0..6usize).prop_map(Step::Replay),
        8 => (0..16usize, 0..8u8).prop_map(|(connection, kind)| Step::Host(connection, kind)),
        3 => Just(Step::Hear),
    ]
}

proptest! {
    /// Whatever pages of all protocols say, in any order and again: nothing panics, one that talks calmly beside them is
    /// served as if alone, and nothing is kept of any of them.
    #[test]
    fn hostile_pages_disturb_nobody_and_leave_nothing(
        steps in proptest::collection::vec(step(), 1..150), forward_calls: bool, private: bool, ask: bool
    ) {
        let mode = if private { SignalingMode::Private } else { SignalingMode::Public };
        let answer_calls = if ask { AnswerCalls::Ask } else { AnswerCalls::Auto };
        let mut world = World::new(ServerConfig { forward_calls, mode, answer_calls, ..ServerConfig::default() });
        let calm = world.open("/relay", Some("calm"), false);
        let (mut known, mut open): (Vec<ConnectionId>, Vec<usize>) = Default::default();
        let mut last: Vec<u8> = Vec::new();
        let mut rounds = 0;
        for step in steps {
            let at = |open: &[usize], n: usize| (!open.is_empty()).then(|| open[n % open.len()]);
            match step {
                Step::Open(n) => {
                    let path = ["/", "/relay", "/call"][n % 3];
                    open.push(world.open(path, (n > 2).then_some("room"), n % 2 == 0));
                }
                Step::Close(n) => if let Some(socket) = at(&open, n) {
                    open.retain(|other| *other != socket);
                    world.close(socket);
                },
                Step::Send(n, bytes) => if let Some(socket) = at(&open, n) {
                    let _ = world.send_bytes(socket, &bytes);
                    last = bytes;
                },
                Step::Replay(n) => if let Some(socket) = at(&open, n) { let _ = world.send_bytes(socket, &last); },
                Step::Host(n, kind @ 4..) => {
                    let user = ConnectionId(["ann", "bob", "/room/room/ann", "nobody"][n % 4].into());
                    let actions = [CallAction::Start, CallAction::Accept, CallAction::Decline, CallAction::End];
                    world.say(SignalCommand::Call { user, action: actions[usize::from(kind - 4)] });
                }
                Step::Host(n, kind) => if let Some(connection) = known.get(n).cloned() {
                    world.say(match kind {
                        0 => SignalCommand::Offer { connection, sdp: "host offers".into() },
                        1 => SignalCommand::Answer { connection, sdp: "host answers".into() },
                        2 => SignalCommand::Candidate { connection, candidate: candidate("host") },
                        _ => SignalCommand::Disconnect { connection },
                    });
                },
                Step::Hear => {
                    for socket in &open { let _ = world.heard(*socket); }
                    world.now += 200;
                    world.hub.send_invites(world.now);
                    while let Some(event) = world.event() {
                        if let SignalEvent::Offer { connection, .. } | SignalEvent::Invite { connection, .. } = event {
                            prop_assert!(!connection.0.starts_with("/room/calm/"));
                            known.push(connection);
                        }
                    }
                    known.drain(..known.len().saturating_sub(16));
                    rounds += 1;
                    world.send(calm, json!({"type": "offer", "sdp": sdp(1)})).unwrap();
                    let connection = world.offered();
                    prop_assert_eq!(&*connection.0, "/room/calm/relay-line0-0");
                    let sdp = rounds.to_string();
                    world.say(SignalCommand::Answer { connection, sdp: sdp.clone() });
                    prop_assert_eq!(world.heard(calm), Some(vec![json!({"type": "answer", "sdp": sdp})]));
                }
            }
        }
        for socket in open { world.close(socket); }
        world.close(calm);
        while world.event().is_some() {}
        prop_assert!(world.hub.is_empty(), "something is kept of who left");
    }
}
