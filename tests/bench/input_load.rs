//! What viewers' input costs a host that streams, data channels, DTLS and sockets included: CPU of the host's network threads
//! with ten viewers of which each sends a hundred events a second, less the same without, in turn. The host is a process of its
//! own (`tests/net/host.c`); the viewers are in this one. They send on a reliable channel, which is acknowledged: the dearer way.
//! What costs is a message, hardly what is in it; the format takes several events in one, though our page sends each as it comes.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::watch;

use crate::fifty_host::Host;
use crate::input_cost::hand;
use crate::table::Row;
use crate::viewer::Viewer;

const VIEWERS: usize = 10;
/// Of each.
const EVENTS_PER_SECOND: u32 = 100;
/// In one message, in turn.
const EVENTS: [u32; 2] = [1, 4];
const WINDOW: Duration = Duration::from_secs(4);
const TURNS: usize = 6;
const SETTLE: Duration = Duration::from_secs(3);

/// Sends that many events in a message, while there are any.
async fn send(viewer: Arc<Viewer>, mut events: watch::Receiver<u32>) {
    let mut n = 0;
    while let Ok(now) = events.wait_for(|events| *events > 0).await.map(|events| *events) {
        let mut tick = tokio::time::interval(Duration::from_secs(1) * now / EVENTS_PER_SECOND);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while *events.borrow() == now {
            tick.tick().await;
            // Fails until the channel is open.
            let _ = viewer.further[0].send(BytesMut::from(&hand(n, now)[..])).await;
            n += 1;
        }
    }
}

/// One window: % of a core of the network threads, of the whole host, and events a second that came.
fn watch_host(host: &Host) -> [f64; 3] {
    let before = host.figures();
    std::thread::sleep(WINDOW);
    let after = host.figures();
    let share = |threads: &str| after.cpu_ns(&before, threads) / 1e7 / WINDOW.as_secs_f64();
    let events = after.counter("input_events") - before.counter("input_events");
    [share("rc-net"), share(""), events / WINDOW.as_secs_f64()]
}

pub fn run(rows: &mut Vec<Row>) {
    let runtime = crate::viewers::runtime();
    let host = Host::start([127, 0, 0, 1].into());
    let (turn, on) = watch::channel(0);
    let mut viewers = Vec::new();
    while viewers.len() < VIEWERS {
        match runtime.block_on(Viewer::open_with_channels(&host.link, &["rendercast"])) {
            Ok(viewer) => viewers.push(Arc::new(viewer)),
            Err(error) => return eprintln!("viewer {}: {error}", viewers.len()),
        }
    }
    let senders: Vec<_> = viewers.iter().map(|viewer| runtime.spawn(send(Arc::clone(viewer), on.clone()))).collect();
    std::thread::sleep(SETTLE);
    let mut told = EVENTS.map(|_| [const { Vec::new() }; 3]);
    for _ in 0..TURNS {
        let quiet = watch_host(&host);
        for (events, told) in EVENTS.into_iter().zip(&mut told) {
            let _ = turn.send(events);
            let busy = watch_host(&host);
            let _ = turn.send(0);
            told.iter_mut().zip(busy.into_iter().zip(quiet)).for_each(|(told, (busy, quiet))| told.push(busy - quiet));
        }
    }
    senders.iter().for_each(|sender| sender.abort());
    for (events, [network, whole, came]) in EVENTS.into_iter().zip(told) {
        let what = format!("1000 input events a second of 10 viewers, {events} a message, data channels included");
        rows.push(Row::of(format!("{what}: events that came"), "1/s", came));
        rows.push(Row::of(format!("{what}: CPU of the network threads"), "% core", network));
        rows.push(Row::of(format!("{what}: CPU of the whole host"), "% core", whole));
    }
    for viewer in viewers.into_iter().filter_map(Arc::into_inner) {
        runtime.block_on(viewer.leave());
    }
}
