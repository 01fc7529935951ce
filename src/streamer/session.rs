//! Everybody who watches: hears the signaling protocols, gives each connection a task of its own, and keeps count.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::audio_demand::AudioDemand;
use super::event::{EventKind, Severity};
use super::layers::Layers;
use super::peers::NewPeer;
use super::shared::Shared;
use super::viewer::{self, Hosted, ViewerSeat};
use crate::config::SignalingProtocol;
use crate::congestion::RateMemory;
use crate::encode::Codec;
use crate::encode::select::Selector;
use crate::fanout::AudioFanout;
use crate::peer::{Configured, Network};
use crate::signaling::{ConnectionId, SignalCommand, SignalEvent, client};
use crate::units::ViewerId;

/// Messages that may wait, from a protocol to the session and from the session to one viewer.
const QUEUE: usize = 256;

/// Process-wide, so that what is left of a viewer never names a later one.
static NEXT_VIEWER: AtomicU32 = AtomicU32::new(1);

/// A number that no viewer had before.
pub fn next_viewer() -> ViewerId {
    ViewerId(NEXT_VIEWER.fetch_add(1, Ordering::Relaxed))
}

/// What every viewer's task uses.
#[derive(Debug)]
pub struct Context {
    pub shared: Arc<Shared>,
    pub layers: Arc<Layers>,
    pub audio: AudioFanout,
    pub audio_demand: Arc<AudioDemand>,
    pub selector: Arc<Selector>,
    pub network: Network,
    /// What viewers' paths carried, for those who come back.
    rates: Mutex<RateMemory>,
}

impl Context {
    pub fn new(
        shared: Arc<Shared>,
        layers: Arc<Layers>,
        audio: AudioFanout,
        audio_demand: Arc<AudioDemand>,
        selector: Arc<Selector>,
        network: Network,
    ) -> Arc<Self> {
        Arc::new(Self { shared, layers, audio, audio_demand, selector, network, rates: Mutex::default() })
    }

    pub fn rates(&self) -> MutexGuard<'_, RateMemory> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a connection was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Client,
    Server,
    /// The host carries its signaling.
    Host,
    /// The host has made it, and negotiates itself.
    Made,
}

type Key = (Source, ConnectionId);

/// Runs until `shutdown` turns true, then closes every connection.
///
/// `host` is where the host's own signaling comes from and goes to, `proofs` gives the codecs with an encoder that works.
pub async fn run(
    context: Arc<Context>,
    host: (mpsc::Receiver<SignalEvent>, mpsc::Sender<SignalCommand>),
    proofs: oneshot::Receiver<Vec<Codec>>,
    mut shutdown: watch::Receiver<bool>,
) {
    let (mut host_rx, host_commands) = host;
    let mut arrivals = context.shared.peers.take_arrivals();
    if let Err(error) = context.network.open(&context.shared.config.peer.bind_addresses) {
        // It is tried again for each viewer.
        let message = format!("nobody can be served: {error}");
        context.shared.events.push(EventKind::ViewerRefused, Severity::Error, ViewerId(0), message);
    }
    let (client_tx, mut client_rx) = mpsc::channel(QUEUE);
    let (server_tx, mut server_rx) = mpsc::channel(QUEUE);
    let (client_commands, client) = start_client(&context, client_tx);
    let (server_commands, server) = start_server(&context, server_tx).await;
    // Offers that come meanwhile wait in their queues.
    let codecs = tokio::select! {
        proved = proofs => proved.unwrap_or_default(),
        _ = shutdown.wait_for(|stop| *stop) => Vec::new(),
    };
    context.shared.directory.set_working(&codecs);
    let mut session = Session {
        context,
        codecs,
        viewers: HashMap::new(),
        tasks: JoinSet::new(),
        client_commands,
        server_commands,
        host_commands,
    };
    loop {
        tokio::select! {
            _ = shutdown.wait_for(|stop| *stop) => break,
            Some(event) = client_rx.recv() => session.handle(Source::Client, event),
            Some(event) = server_rx.recv() => session.handle(Source::Server, event),
            Some(event) = host_rx.recv() => session.handle(Source::Host, event),
            Some(new) = next(&mut arrivals) => session.seat(new),
            Some(ended) = session.tasks.join_next() => session.forget(ended),
        }
    }
    session.context.shared.calls.clear();
    while let Some(new) = arrivals.as_mut().and_then(|arrivals| arrivals.try_recv().ok()) {
        session.turn_away(new, "the streamer stopped");
    }
    session.viewers.clear(); // a viewer's task ends, with a goodbye, when its queue closes
    while session.tasks.join_next().await.is_some() {}
    let Session { client_commands, server_commands, .. } = session;
    drop((client_commands, server_commands));
    let client_end = async {
        // Its thread lets go of this queue as the last thing it does: joining does not block.
        while client_rx.recv().await.is_some() {}
        if client.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the signaling client failed");
        }
    };
    let server_end = async {
        if let Some(server) = server {
            server.stop().await;
        }
    };
    // Together: a signaling server that hangs must not keep ours from ending cleanly.
    tokio::join!(client_end, server_end);
}

async fn next(arrivals: &mut Option<mpsc::Receiver<NewPeer>>) -> Option<NewPeer> {
    arrivals.as_mut()?.recv().await
}

type Client = (Option<mpsc::Sender<SignalCommand>>, Option<std::thread::JoinHandle<()>>);

fn start_client(context: &Context, events: mpsc::Sender<SignalEvent>) -> Client {
    let config = context.shared.config.signaling.clone();
    if config.url.is_empty() {
        return (None, None);
    }
    let (commands, commands_rx) = mpsc::channel(QUEUE);
    let counters = context.shared.counters.clone();
    let has_calls = config.protocol == SignalingProtocol::Call;
    match client::spawn(config, events, commands_rx, counters) {
        Ok(thread) => {
            if has_calls {
                context.shared.calls.set_client(commands.clone());
            }
            (Some(commands), Some(thread))
        }
        Err(error) => {
            let message = format!("no thread for signaling: {error}");
            context.shared.events.push(EventKind::SignalingTrouble, Severity::Error, ViewerId(0), message);
            (None, None)
        }
    }
}

#[cfg(feature = "server")]
async fn start_server(
    context: &Arc<Context>,
    events: mpsc::Sender<SignalEvent>,
) -> (Option<mpsc::Sender<SignalCommand>>, Option<crate::server::Running>) {
    let shared = &context.shared;
    if !shared.config.server.enabled {
        return (None, None);
    }
    let (commands, commands_rx) = mpsc::channel(QUEUE);
    let own = Arc::clone(context);
    let figures = Arc::new(move || super::snapshot::take(&own.shared, Some(&own.layers)));
    match crate::server::serve(&shared.config.server, events, commands_rx, shared.counters.clone(), figures).await {
        Ok(running) => {
            shared.set_link(Some(running.link.clone()));
            shared.calls.set_server(commands.clone(), running.users());
            shared.events.push(EventKind::ServerListening, Severity::Info, ViewerId(0), running.link.clone());
            (Some(commands), Some(running))
        }
        Err(error) => {
            shared.events.push(EventKind::ServerFailed, Severity::Error, ViewerId(0), error.to_string());
            (None, None)
        }
    }
}

/// What a build without the embedded server has in its place.
#[cfg(not(feature = "server"))]
struct NoServer;

#[cfg(not(feature = "server"))]
impl NoServer {
    async fn stop(self) {}
}

#[cfg(not(feature = "server"))]
async fn start_server(
    _: &Arc<Context>,
    _: mpsc::Sender<SignalEvent>,
) -> (Option<mpsc::Sender<SignalCommand>>, Option<NoServer>) {
    (None, None)
}

struct Session {
    context: Arc<Context>,
    codecs: Vec<Codec>,
    viewers: HashMap<Key, mpsc::Sender<SignalEvent>>,
    tasks: JoinSet<()>,
    client_commands: Option<mpsc::Sender<SignalCommand>>,
    server_commands: Option<mpsc::Sender<SignalCommand>>,
    host_commands: mpsc::Sender<SignalCommand>,
}

impl Session {
    fn handle(&mut self, source: Source, event: SignalEvent) {
        let events = &self.context.shared.events;
        let connection = match &event {
            SignalEvent::Ready { description } => {
                return events.push(EventKind::SignalingReady, Severity::Info, ViewerId(0), description.clone());
            }
            SignalEvent::Trouble { reason } => {
                return events.push(EventKind::SignalingTrouble, Severity::Warning, ViewerId(0), reason.clone());
            }
            SignalEvent::UserSignedIn { user } => {
                return events.push(EventKind::UserSignedIn, Severity::Info, ViewerId(0), user.to_string());
            }
            SignalEvent::CallRequested { user } => {
                return events.push(EventKind::CallRequested, Severity::Info, ViewerId(0), user.to_string());
            }
            SignalEvent::CallEnded { user } => {
                return events.push(EventKind::CallEnded, Severity::Info, ViewerId(0), user.to_string());
            }
            SignalEvent::Offer { connection, .. }
            | SignalEvent::Invite { connection, .. }
            | SignalEvent::Answer { connection, .. }
            | SignalEvent::Candidate { connection, .. }
            | SignalEvent::Resumed { connection }
            | SignalEvent::Disconnect { connection } => connection.clone(),
        };
        let key = (source, connection);
        let here = self.viewers.get(&key).is_some_and(|viewer| !viewer.is_closed());
        if !here && matches!(event, SignalEvent::Offer { .. } | SignalEvent::Invite { .. }) {
            self.admit(key.clone());
        }
        let Some(viewer) = self.viewers.get(&key) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = viewer.try_send(event) {
            self.context.shared.counters.signaling_messages_malformed.add(1);
        }
    }

    fn admit(&mut self, key: Key) {
        let shared = &self.context.shared;
        let commands = match key.0 {
            Source::Client => self.client_commands.clone(),
            Source::Server => self.server_commands.clone(),
            Source::Host | Source::Made => Some(self.host_commands.clone()),
        };
        let Some(commands) = commands else { return };
        if let Some(message) = self.full() {
            return shared.events.push(EventKind::ViewerRefused, Severity::Warning, ViewerId(0), message);
        }
        let id = next_viewer();
        let configured = Configured::of_streamer(&shared.config.peer);
        shared.configurations.enter(id, configured.clone());
        let new = NewPeer { id, orders: shared.orders.enter(id), configured };
        self.begin(key, commands, new, None);
    }

    /// Gives a viewer that the host has made its task.
    fn seat(&mut self, new: NewPeer) {
        if let Some(message) = self.full() {
            return self.turn_away(new, &message);
        }
        let Some(waiting) = self.context.shared.peers.waiting(new.id) else { return };
        let connection = ConnectionId(format!("peer {}", new.id.0).into());
        // It never says anything.
        let commands = self.host_commands.clone();
        self.begin((Source::Made, connection), commands, new, Some(Hosted::new(waiting)));
    }

    fn turn_away(&self, new: NewPeer, reason: &str) {
        let NewPeer { id, orders, .. } = new;
        self.context.shared.orders.leave(id);
        self.context.shared.configurations.leave(id);
        drop(orders);
        self.context.shared.peers.leave(id, reason);
    }

    fn full(&self) -> Option<String> {
        let max = self.context.shared.config.peer.max_viewers;
        (self.viewers.len() >= max as usize).then(|| format!("peer.max_viewers = {max} are connected already"))
    }

    fn begin(&mut self, key: Key, commands: mpsc::Sender<SignalCommand>, new: NewPeer, hosted: Option<Hosted>) {
        let NewPeer { id, orders, configured } = new;
        let (tx, signals) = mpsc::channel(QUEUE);
        let (connection, codecs) = (key.1.clone(), self.codecs.clone());
        let seat = ViewerSeat { id, connection, codecs, signals, commands, orders, configured, hosted };
        let context = Arc::clone(&self.context);
        self.viewers.insert(key, tx);
        self.context.shared.peers.set_seats(self.viewers.len());
        self.tasks.spawn(viewer::run(context, seat));
    }

    fn forget(&mut self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            tracing::error!(%error, "a viewer's task failed");
        }
        // Not by key: a new viewer may have come on the same connection.
        self.viewers.retain(|_, queue| !queue.is_closed());
        self.context.shared.peers.set_seats(self.viewers.len());
    }
}
