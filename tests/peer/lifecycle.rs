//! Beginnings and ends: glare, nonsense, closing.

use rendercast::encode::Codec;
use rendercast::peer::{Peer, PeerError, PeerEvent};
use rendercast::signaling::IceCandidate;
use tokio::sync::mpsc;

use crate::browser::Browser;
use crate::session::{Session, frame, settings};

fn candidate(text: &str) -> IceCandidate {
    IceCandidate { candidate: text.into(), sdp_mid: Some("0".into()), sdp_mline_index: Some(0) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_trickle_both_ways_and_name_their_section() {
    let mut session = Session::open(settings()).await;
    session.browser.want_media().await;
    let offer = session.browser.offer().await;
    // One that comes before its description must wait for it.
    session.peer.add_candidate(candidate("candidate:1 1 udp 2130706431 127.0.0.1 9 typ host")).await.unwrap();
    let answer = session.peer.answer(&offer, true).await.unwrap();
    assert!(!answer.contains("a=candidate"), "{answer}");
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    assert!(session.candidates > 0);
    assert!(session.peer.local_description().await.unwrap().contains("a=candidate"));
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_is_an_error_and_the_peer_still_works_afterwards() {
    let mut session = Session::open(settings()).await;
    for text in ["", "v=0", "v=0\r\n", "{}", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "v=0\r\nm=audio -1 x 999\r\n"]
    {
        assert!(session.peer.answer(text, true).await.is_err(), "{text:?}");
        assert!(session.peer.accept_answer(text).await.is_err(), "{text:?}");
    }
    let browser = Browser::open().await;
    browser.want_media().await;
    let offer = browser.offer().await;
    for cut in (0..offer.len()).step_by(97) {
        let (tx, _rx) = mpsc::channel(8);
        let peer = Peer::open(settings(), tx).await.unwrap();
        // Whatever it says to half an offer, it must say it.
        let _ = peer.answer(&offer[..cut], true).await;
        peer.close().await;
    }
    session.browser.want_media().await;
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    for text in ["candidate:x", "candidate:1 1 udp", "nonsense", "candidate:1 1 udp 1 999.1.1.1 5 typ host"] {
        assert!(
            matches!(session.peer.add_candidate(candidate(text)).await, Err(PeerError::Negotiation { .. })),
            "{text}"
        );
    }
    session.peer.add_candidate(candidate("")).await.unwrap();
    session.connected().await;
    session.peer.close().await;
}

/// A generator whose sequence is its seed's (Knuth's MMIX constants).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// What a Chromium 156 page offers that receives video and audio and opens a channel.
const OFFER: &str = include_str!("../vectors/chromium-offer.sdp");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_offer_is_answered_or_refused_never_more() {
    let seed = std::env::var("PEER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_250_101);
    println!("PEER_SEED={seed}");
    let mut random = Seeded(seed);
    let lines: Vec<&str> = OFFER.lines().collect();
    for round in 0..400 {
        let mut damaged: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for _ in 0..=random.below(12) {
            let at = random.below(damaged.len());
            match random.below(5) {
                0 => drop(damaged.remove(at)),
                1 => damaged.insert(at, lines[random.below(lines.len())].to_owned()),
                2 => damaged[at].truncate(random.below(60)),
                3 => {
                    damaged[at] =
                        damaged[at].replace(char::is_numeric, ["", "-1", "99999999999", "0", "é"][random.below(5)])
                }
                _ => damaged[at].push_str([";=", " ", ":", " 255 256", "\t", ",,"][random.below(6)]),
            }
        }
        let text = damaged.join("\r\n") + "\r\n";
        let (tx, _rx) = mpsc::channel(8);
        let peer = Peer::open(settings(), tx).await.unwrap();
        let task = tokio::spawn({
            let (peer, text) = (peer.clone(), text.clone());
            async move { drop(peer.answer(&text, true).await) }
        });
        assert!(task.await.is_ok(), "round {round} of seed {seed} panics:\n{text}");
        peer.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_can_be_taken_back_for_the_browsers() {
    let mut session = Session::open(settings()).await;
    session.peer.offer().await.unwrap();
    session.browser.want_media().await;
    let offer = session.browser.offer().await;
    assert!(matches!(session.peer.answer(&offer, true).await, Err(PeerError::Negotiation { .. })));
    session.peer.rollback().await.unwrap();
    session.peer.rollback().await.unwrap();
    let answer = session.peer.answer(&offer, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.connected().await;
    let payload_type = crate::session::payload_type(&answer, "H264");
    session.peer.send_video(&frame(Codec::H264, 5, 2)).await.unwrap();
    assert_eq!(crate::session::number(&session.packet(payload_type).await), (5, 0));
    assert_eq!(crate::session::number(&session.packet(payload_type).await), (5, 1));
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tracks_of_an_offer_that_was_taken_back_are_sent_to_a_browser_that_sends_too() {
    let session = Session::open(settings()).await;
    session.peer.offer().await.unwrap();
    session.browser.want_media().await;
    let offer = session.browser.offer().await.replace("a=recvonly", "a=sendrecv");
    assert_eq!(offer.matches("a=sendrecv").count(), 2);
    session.peer.rollback().await.unwrap();
    let answer = session.peer.answer(&offer, true).await.unwrap();
    assert_eq!(answer.matches("a=ssrc-group:FID").count(), 1, "{answer}");
    assert!(!answer.contains("a=recvonly") && !answer.contains("a=inactive"), "{answer}");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_without_our_codecs_is_told_why_and_keeps_its_sound() {
    let only_av1 = rendercast::peer::PeerSettings { codecs: vec![Codec::Av1], ..settings() };
    let mut session = Session::open(only_av1).await;
    session.browser.want_media().await;
    let offer = session.browser.offer().await.replace("AV1/90000", "AVX/90000");
    let answer = session.peer.answer(&offer, true).await.unwrap();
    session.browser.accept(&answer).await;
    session.settle().await;
    session.event(|e| matches!(e, PeerEvent::VideoRefused { reason } if reason.contains("AV1")).then_some(())).await;
    session.event(|e| matches!(e, PeerEvent::AudioNegotiated { .. }).then_some(())).await;
    session.connected().await;
    let refused = session.peer.send_video(&frame(Codec::Av1, 0, 1)).await;
    assert!(matches!(refused, Err(PeerError::NotNegotiated)), "{refused:?}");
    let opus = crate::session::payload_type(&answer, "opus");
    session.peer.send_audio(&crate::session::sound(3)).await.unwrap();
    assert_eq!(session.packet(opus).await.header.timestamp, 3 * 480);
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_leaves_is_noticed_without_waiting_for_silence() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let before = tokio::time::Instant::now();
    session.browser.pc.close().await.unwrap();
    loop {
        let left = session.browser_gone_event().await;
        if let PeerEvent::Failed { reason } = left {
            assert!(reason.contains("closed"), "{reason}");
            break;
        }
    }
    // ICE alone would need 30 s.
    assert!(before.elapsed() < std::time::Duration::from_secs(5));
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_goes_on_through_a_renegotiation_by_the_browser() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    let answer = session.peer.local_description().await.unwrap();
    let h264 = crate::session::payload_type(&answer, "H264");
    session.peer.send_video(&frame(Codec::H264, 0, 1)).await.unwrap();
    let first = session.packet(h264).await;
    let channel = session.browser.pc.create_data_channel("late", None).await.unwrap();
    let answer = session.peer.answer(&session.browser.offer().await, true).await.unwrap();
    assert!(answer.contains("m=application"), "{answer}");
    session.browser.accept(&answer).await;
    session.peer.send_video(&frame(Codec::H264, 1, 1)).await.unwrap();
    let second = session.packet(h264).await;
    assert_eq!(second.header.ssrc, first.header.ssrc);
    assert_eq!(second.header.sequence_number, first.header.sequence_number.wrapping_add(1));
    drop(channel);
    let again = session.passed.iter().filter(|e| matches!(e, PeerEvent::VideoNegotiated { .. })).count();
    assert_eq!(again, 1, "told once, not at every renegotiation");
    session.peer.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_is_final_and_announced_last() {
    let mut session = Session::browser_offers_media(settings()).await;
    session.connected().await;
    session.peer.close().await;
    session.peer.close().await;
    assert!(matches!(session.peer.send_video(&frame(Codec::H264, 0, 1)).await, Err(PeerError::Closed)));
    assert!(matches!(session.peer.offer().await, Err(PeerError::Closed)));
    assert_eq!(session.rest().await.last(), Some(&PeerEvent::Closed));
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_viewers_leave_nothing_behind() {
    fn count(folder: &str) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let round = |n: u32| {
        runtime.block_on(async {
            let mut session = Session::browser_offers_media(settings()).await;
            session.connected().await;
            session.peer.send_video(&frame(Codec::H264, n, 3)).await.unwrap();
            if n.is_multiple_of(3) {
                // Left to its own devices by a careless owner.
                session.browser.pc.close().await.unwrap();
                drop(session);
            } else {
                session.peer.close().await;
                session.browser.pc.close().await.unwrap();
            }
        });
    };
    (0..5).for_each(&round);
    let settled = |files: usize| {
        // Dropped peers close on the runtime: let it run until they have.
        let until = rendercast::time::instant() + crate::browser::PATIENCE;
        while rendercast::time::instant() < until {
            if count("/proc/self/fd") <= files && runtime.metrics().num_alive_tasks() == 0 {
                return true;
            }
            runtime.block_on(tokio::task::yield_now());
            std::thread::yield_now();
        }
        false
    };
    runtime.block_on(tokio::task::yield_now());
    while runtime.metrics().num_alive_tasks() > 0 {
        std::thread::yield_now();
    }
    let (files, threads) = (count("/proc/self/fd"), count("/proc/self/task"));
    (5..105).for_each(&round);
    assert!(
        settled(files),
        "files {files} -> {}, tasks {}",
        count("/proc/self/fd"),
        runtime.metrics().num_alive_tasks()
    );
    assert!(count("/proc/self/task") <= threads, "threads {threads} -> {}", count("/proc/self/task"));
}
