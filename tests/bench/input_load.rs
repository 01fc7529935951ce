//! What viewers' input costs a host that streams, data channels, DTLS and sockets included: CPU of the host's network threads
//! with ten viewers of which each sends a hundred events a second, less the same without, in turn. The host is a process of its
//! own (`tests/net/host.c`); the viewers are in this one. They send on a reliable channel, which is acknowledged: the dearer way.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::watch;

use crate::fifty_host::Host;
use crate::input_cost::{key, mouse};
use crate::table::Row;
use crate::viewer::Viewer;

const VIEWERS: usize = 10;
/// Of each.
const EVENTS_PER_SECOND: u32 = 100;
const WINDOW: Duration = Duration::from_secs(4);
const TURNS: usize = 6;
const SETTLE: Duration = Duration::from_secs(3);

/// Sends while it is on.
async fn send(viewer: Arc<Viewer>, mut on: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / EVENTS_PER_SECOND);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for n in 0.. {
        if on.wait_for(|on| *on).await.is_err() {
            return;
        }
        tick.tick().await;
        // A player's hand: mostly the mouse, now and then a key goes down or up.
        let message = if n % 8 == 7 { key(n) } else { mouse(n) };
        // Fails until the channel is open.
        let _ = viewer.further[0].send(BytesMut::from(&message[..])).await;
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
    let (turn, on) = watch::channel(false);
    let mut viewers = Vec::new();
    while viewers.len() < VIEWERS {
        match runtime.block_on(Viewer::open_with_channels(&host.link, &["rendercast"])) {
            Ok(viewer) => viewers.push(Arc::new(viewer)),
            Err(error) => return eprintln!("viewer {}: {error}", viewers.len()),
        }
    }
    let senders: Vec<_> = viewers.iter().map(|viewer| runtime.spawn(send(Arc::clone(viewer), on.clone()))).collect();
    std::thread::sleep(SETTLE);
    let [mut network, mut whole, mut came] = [const { Vec::new() }; 3];
    for _ in 0..TURNS {
        let quiet = watch_host(&host);
        let _ = turn.send(true);
        let busy = watch_host(&host);
        let _ = turn.send(false);
        network.push(busy[0] - quiet[0]);
        whole.push(busy[1] - quiet[1]);
        came.push(busy[2] - quiet[2]);
    }
    senders.iter().for_each(|sender| sender.abort());
    let what = "1000 input events a second of 10 viewers, data channels included";
    rows.push(Row::of(format!("{what}: events that came"), "1/s", came));
    rows.push(Row::of(format!("{what}: CPU of the network threads"), "% core", network));
    rows.push(Row::of(format!("{what}: CPU of the whole host"), "% core", whole));
    for viewer in viewers.into_iter().filter_map(Arc::into_inner) {
        runtime.block_on(viewer.leave());
    }
}
